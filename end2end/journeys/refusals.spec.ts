// Bad input on the way back: each ends on a page that says what happened, and nothing is half-stored.

import type { Page } from '@playwright/test';

import { connect, leaveFor, notice, signIn } from '../support/people';
import { type Kind, Simulator } from '../support/simulator';
import { expect, test } from '../support/test';

const TOKEN = ['app.asana.com', '/-/oauth_token'] as const;

async function isRefused(page: Page, title: string, text: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Not connected');
  await expect(notice(page)).toContainText(title);
  await expect(notice(page)).toContainText(text);
  await page.locator('main').getByText('Details', { exact: true }).click();
  await expect(page.getByText(/Reference [0-9A-Z]{8}/)).toBeVisible();
}

async function isNotConnected(page: Page): Promise<void> {
  await page.goto('/integrations/asana');
  await expect(page.getByRole('button', { name: /Continue to Asana|Start again/ })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Disconnect Asana' })).toHaveCount(0);
}

test('a callback works once (S12)', async ({ page, watch }) => {
  watch.allow(409);
  await signIn(page, 'Ana Ruiz');
  await connect(page, 'asana', 'Asana');
  const callback = watch.last('/callback/asana');
  const answer = await page.goto(callback);
  expect(answer?.status()).toBe(409);
  await isRefused(page, 'This approval was already used.', 'An earlier connection is untouched.');
  await page.getByRole('link', { name: 'Try again' }).click();
  await expect(page.getByRole('link', { name: 'Disconnect Asana' })).toHaveCount(1);
  const simulator = new Simulator(watch.last('app.asana.com'));
  expect(await simulator.asked(...TOKEN), 'exactly one token request').toHaveLength(1);
});

test('a callback with a state that was never given out is refused (S14)', async ({ page, watch }) => {
  watch.allow(400);
  await signIn(page, 'Ana Ruiz');
  await page.goto('/integrations/asana');
  await leaveFor(page, 'Asana');
  const state = new URL(page.url()).searchParams.get('state') ?? '';
  const flipped = (state.startsWith('A') ? 'B' : 'A') + state.slice(1);
  const answer = await page.goto(`/callback/asana?code=abc&state=${flipped}`);
  expect(answer?.status()).toBe(400);
  await isRefused(page, 'This approval does not belong to anything that was started here.', 'Nothing was connected');
  await page.goto('/callback/asana?code=a&code=b&state=c');
  await isRefused(page, 'The answer from Asana could not be read.', 'Nothing was connected');
  await isNotConnected(page);
});

// Who brings the answer, how it is refused, and whose page it is.
const STRANGERS = [
  { who: 'Ana Ruiz', id: 'S01', status: 403, title: 'You came back in another browser than you left from.' },
  { who: 'Mia Lind', id: 'S02', status: 403, title: 'Ana Ruiz started this, not you.' },
  { who: 'Ben Cole', id: 'S03', status: 403, title: 'Someone else started this.' },
  { who: undefined, id: 'S04', status: 401, title: 'You are not signed in, so the approval was not used.' },
];

for (const { who, id, status, title } of STRANGERS) {
  test(`an approval that ${who ?? 'nobody'} brings back in another browser is refused (${id})`, async ({
    page,
    another,
    watch,
  }) => {
    await signIn(page, 'Ana Ruiz');
    await page.goto('/integrations/asana');
    await leaveFor(page, 'Asana');
    const other = await another(status);
    if (who) {
      await signIn(other, who);
    }
    await other.goto(page.url());
    const answered = other.waitForResponse((response) => response.url().includes('/callback/asana'));
    await other.getByRole('button', { name: 'Approve' }).click();
    expect((await answered).status()).toBe(status);
    await isRefused(other, title, 'Nothing was connected');
    await isNotConnected(page);
    const simulator = new Simulator(watch.last('app.asana.com'));
    expect(await simulator.asked(...TOKEN), 'no token request left').toEqual([]);
  });
}

const FAULTS: [string, Kind][] = [
  ['answers 500', { status: { code: 500 } }],
  ['answers HTML', 'html200'],
  ['is cut off', 'cut_after_processing'],
  ['does not answer', 'drop_before_answer'],
];

test('a provider that fails to hand over access leaves nothing behind', async ({ page }) => {
  await signIn(page, 'Ana Ruiz');
  await connect(page, 'github', 'GitHub');
  for (const [name, kind] of FAULTS) {
    await test.step(`Asana ${name}`, async () => {
      await page.goto('/integrations/asana');
      await leaveFor(page, 'Asana');
      const simulator = new Simulator(page.url());
      await simulator.fail(...TOKEN, kind, 3);
      await page.getByRole('button', { name: 'Approve' }).click();
      await expect(notice(page)).toContainText('You approved, but Asana then failed to hand over access.');
      await expect(notice(page)).toContainText('Nothing was connected. Start again; Asana will ask once more.');
      await expect(notice(page)).toBeFocused();
      await expect(page).toHaveURL(/\/integrations\/asana\?notice=exchange-failed&ref=[0-9A-Z]{8}$/);
      await expect(page.locator('.activity li').first()).toContainText(/Failed|Refused/);
      await isNotConnected(page);
      await simulator.forgive();
    });
  }
  await page.goto('/integrations/github');
  await expect(page.getByRole('link', { name: 'Disconnect GitHub' }), 'the earlier one is untouched').toBeVisible();
  await page.getByRole('button', { name: 'Test now' }).click();
  await expect(notice(page)).toContainText('Works.');
  await connect(page, 'asana', 'Asana');
});

test('a key cannot be tested while SendGrid does not answer, and is not stored', async ({ page, watch }) => {
  watch.allow(422);
  await signIn(page, 'Ana Ruiz');
  await page.goto('/integrations/asana');
  await leaveFor(page, 'Asana');
  const simulator = new Simulator(page.url());
  await simulator.fail('api.sendgrid.com', '/', { status: { code: 503 } }, 5);
  await page.goto('/integrations/sendgrid');
  await page.getByLabel('API key', { exact: true }).fill('SG.sample-key-for-demo-2.accepted-by-the-simulated-sendgrid-only-2');
  await page.getByRole('button', { name: 'Add the SendGrid key' }).click();
  await expect(notice(page)).toContainText('SendGrid did not answer, so the key could not be tested and was not stored.');
  await page.goto('/integrations/sendgrid');
  await expect(page.getByRole('button', { name: 'Add the SendGrid key' })).toBeVisible();
});
