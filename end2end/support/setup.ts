// Before all tests: what this build comes to, and a data folder whose verification is done, for each test to copy.

import { rmSync } from 'node:fs';

import { VERIFIES_MS, expected, readFigures } from './figures';
import { Server } from './server';

/** The variable that names the folder to the workers. */
export const VERIFIED = 'PATCHBAY_E2E_VERIFIED';

export default async function setup(): Promise<() => void> {
  readFigures();
  const server = await Server.start({ verify: true });
  try {
    await verified(server);
  } finally {
    await server.stop();
  }
  process.env[VERIFIED] = server.data;
  return () => rmSync(server.data, { recursive: true, force: true });
}

/** Waits until the report says what the verification comes to. */
async function verified(server: Server): Promise<void> {
  const headers = { Origin: server.url, 'Content-Type': 'application/x-www-form-urlencoded' };
  const page = await (await fetch(`${server.url}/sign-in`)).text();
  const person = /value="([^"]+)"(?:(?!<\/button>).)*Erin Park/s.exec(page)?.[1];
  const body = new URLSearchParams({ person: person ?? '' });
  const signedIn = await fetch(`${server.url}/sign-in`, { method: 'POST', headers, body, redirect: 'manual' });
  const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
  const { complete, total } = expected().after;
  const until = Date.now() + VERIFIES_MS;
  let report = '';
  while (Date.now() < until) {
    report = await (await fetch(`${server.url}/report/export?format=md`, { headers: { Cookie: cookie } })).text();
    if (report.includes(`| Built | ${complete} of ${total} `) && !report.includes('Verified build: none yet')) {
      return;
    }
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error(`The first verification did not end.\n${report}\n${server.log()}`);
}
