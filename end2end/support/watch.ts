// What holds on every page of every test: nothing is logged as an error, nothing leaves this machine, each page has one
// h1 and a policy that stops injected scripts (S53).

import type { BrowserContext, ConsoleMessage, Response } from '@playwright/test';

/** Watches the pages of a browser context. */
export class Watch {
  /** What was found, in words. */
  readonly findings: string[] = [];
  /** Every address that was asked for, in order. */
  readonly addresses: string[] = [];
  private readonly allowed = new Set<number>();
  private readonly away = new Set<string>();
  private readonly nonces = new Set<string>();
  private readonly reading: Promise<void>[] = [];
  private gone = false;

  constructor(
    context: BrowserContext,
    private readonly server: string,
  ) {
    context.on('console', (message) => this.console(message));
    context.on('weberror', (error) => this.findings.push(`page error: ${error.error().stack ?? error.error()}`));
    context.on('request', (request) => this.address(request.url()));
    context.on('response', (response) => this.response(response));
  }

  /** A page may answer with this status. */
  allow(...statuses: number[]): void {
    for (const status of statuses) {
      this.allowed.add(status);
    }
  }

  /** A page may leave for this host; the test answers for it. */
  allowAway(host: string): void {
    this.away.add(host);
  }

  /** From now on the server may be out of reach. */
  allowGone(): void {
    this.gone = true;
  }

  /** The last address that was asked for and holds this text. */
  last(part: string): string {
    const found = this.addresses.filter((address) => address.includes(part)).at(-1);
    if (found === undefined) {
      throw new Error(`Nothing with “${part}” was asked for.`);
    }
    return found;
  }

  /** Everything found until now; empty is good. */
  async all(): Promise<string[]> {
    await Promise.all(this.reading);
    return this.findings;
  }

  private console(message: ConsoleMessage): void {
    if (message.type() !== 'error') {
      return;
    }
    const text = message.text();
    const status = /^Failed to load resource: the server responded with a status of (\d+)/.exec(text)?.[1];
    const announced = status !== undefined && this.allowed.has(Number(status));
    const away = this.gone && /net::ERR_|Failed to fetch/.test(text);
    if (!announced && !away) {
      this.findings.push(`console: ${text} (${message.location().url})`);
    }
  }

  private address(url: string): void {
    this.addresses.push(url);
    const { protocol, hostname } = new URL(url);
    const inside = protocol === 'data:' || protocol === 'blob:' || this.away.has(hostname);
    if (!inside && hostname !== 'localhost' && !hostname.endsWith('.localhost')) {
      this.findings.push(`a request left this machine: ${url}`);
    }
  }

  private response(response: Response): void {
    const isDocument = response.request().resourceType() === 'document';
    const redirects = response.status() >= 300 && response.status() < 400;
    if (!isDocument || redirects) {
      return;
    }
    const type = response.headers()['content-type'] ?? '';
    if (!type.startsWith('text/html')) {
      return;
    }
    if (response.status() >= 400 && !this.allowed.has(response.status())) {
      this.findings.push(`${response.url()} answered ${response.status()}`);
    }
    if (response.url().startsWith(this.server)) {
      this.policy(response);
    }
    this.reading.push(this.headings(response));
  }

  private policy(response: Response): void {
    const policy = response.headers()['content-security-policy'] ?? '';
    const wanted = ["'strict-dynamic'", "'wasm-unsafe-eval'", "object-src 'none'", "base-uri 'none'",
      "form-action 'self'", "frame-ancestors 'none'", 'report-uri '];
    const missing = wanted.filter((part) => !policy.includes(part));
    const nonce = /'nonce-([^']{16,})'/.exec(policy)?.[1];
    if (missing.length > 0 || /'unsafe-(inline|eval)'/.test(policy) || nonce === undefined) {
      this.findings.push(`the policy of ${response.url()} is “${policy}”`);
    } else if (this.nonces.has(nonce)) {
      this.findings.push(`${response.url()} repeats a nonce`);
    } else {
      this.nonces.add(nonce);
    }
  }

  private async headings(response: Response): Promise<void> {
    // A page that is left at once can't be read any more.
    const html = await response.text().catch(() => undefined);
    const count = html?.match(/<h1[\s>]/g)?.length ?? 1;
    if (count !== 1) {
      this.findings.push(`${response.url()} has ${count} h1`);
    }
  }
}
