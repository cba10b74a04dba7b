// What every test begins with: a server of its own and a browser that is watched.

import { type BrowserContext, type Page, test as base, expect } from '@playwright/test';

import { Server, type Start } from './server';
import { VERIFIED } from './setup';
import { Watch } from './watch';

/** A second browser: other cookies, the same server. Its pages may answer with these statuses. */
export type AnotherBrowser = (...allowed: number[]) => Promise<Page>;

interface Options {
  /** What the server starts from: by default a deployment whose first verification is done. */
  start: Start | undefined;
}

interface Fixtures {
  server: Server;
  watch: Watch;
  /** Opens another browser; it is watched too and closed at the end. */
  another: AnotherBrowser;
  /** Whether the browser runs scripts. */
  scripts: boolean;
}

export const test = base.extend<Options & Fixtures>({
  start: [undefined, { option: true }],
  server: async ({ start }, use, info) => {
    const server = await Server.start(start ?? { from: process.env[VERIFIED] });
    await use(server);
    if (info.status !== info.expectedStatus) {
      await info.attach('server log', { body: server.log(), contentType: 'text/plain' });
    }
    await server.remove();
    expect(server.log(), 'the server did not panic').not.toContain('panicked at');
  },
  baseURL: async ({ server }, use) => use(server.url),
  scripts: async ({ javaScriptEnabled }, use) => use(javaScriptEnabled !== false),
  watch: [
    async ({ context, server }, use) => {
      const watch = new Watch(context, server.url);
      await use(watch);
      expect(await watch.all(), 'what the browser complained about').toEqual([]);
    },
    { auto: true },
  ],
  another: async ({ browser, server, viewport, javaScriptEnabled }, use) => {
    const opened: { context: BrowserContext; watch: Watch }[] = [];
    await use(async (...allowed) => {
      const context = await browser.newContext({ baseURL: server.url, viewport, javaScriptEnabled });
      const watch = new Watch(context, server.url);
      watch.allow(...allowed);
      opened.push({ context, watch });
      return context.newPage();
    });
    for (const { context, watch } of opened) {
      const findings = await watch.all();
      await context.close();
      expect(findings, 'what the other browser complained about').toEqual([]);
    }
  },
});

export { expect };
