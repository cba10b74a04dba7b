// The switches of the simulator that plays the providers: what shall go wrong there, and what it was asked.

import { expect } from '@playwright/test';

/** What goes wrong, as crates/simulator/src/core/faults.rs reads it. */
export type Kind = { status: { code: number; body?: string } } | { hang: number } | { huge_body: number }
  | { content_type: string } | { redirect_to: string } | { retry_after: string } | { retry_date_in: number }
  | { reset_in: number } | 'html200' | 'cut_after_processing' | 'half_body' | 'drop_before_answer' | 'fewer_scopes'
  | 'other_account' | 'no_new_refresh_token';

/** A request that the simulator answered. */
export interface Entry {
  host: string;
  path: string;
  method: string;
}

/** The simulator of a server, found by an address that leads there. */
export class Simulator {
  private readonly url: string;

  constructor(address: string) {
    this.url = `http://localhost:${new URL(address).port}/_/control`;
  }

  /** Lets the next requests to a host and path fail. */
  async fail(host: string, path: string, kind: Kind, times = 1): Promise<void> {
    const body = JSON.stringify({ host, path_prefix: path, times, kind });
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${this.url}/faults`, { method: 'POST', headers, body });
    expect(answer.status, await answer.text()).toBe(204);
  }

  /** Nothing fails any more. */
  async forgive(): Promise<void> {
    await fetch(`${this.url}/faults`, { method: 'DELETE' });
  }

  /** An account's owner withdraws our access at the provider. */
  async withdraw(profile: string, account: string): Promise<void> {
    const body = JSON.stringify({ profile, account });
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${this.url}/revoke-grant`, { method: 'POST', headers, body });
    expect(answer.status, await answer.text()).toBe(200);
  }

  /** Every request to a host whose path begins so. */
  async asked(host: string, path: string): Promise<Entry[]> {
    const log: Entry[] = await (await fetch(`${this.url}/log`)).json();
    return log.filter((entry) => entry.host === host && entry.path.startsWith(path));
  }
}
