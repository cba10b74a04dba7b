// Out to the provider and back: the main job.

import { comes, connect, leaveFor, notice, signIn } from '../support/people';
import { Simulator } from '../support/simulator';
import { expect, test } from '../support/test';

test('Ana connects Asana and its last 90 days arrive (S15, S19, S20)', async ({ page, watch, scripts }) => {
  await signIn(page, 'Ana Ruiz');
  await page.getByRole('link', { name: 'Browse integrations' }).click();
  await page.getByRole('link', { name: 'Connect Asana' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Asana');
  await expect(page.getByText('Patchbay reads, and never changes:')).toBeVisible();
  await expect(page.getByText('Tasks: to show your last 90 days of work')).toBeVisible();
  await expect(page.getByText('You sign in at app.asana.com and approve.')).toBeVisible();

  const posted = page.waitForResponse((response) => response.url().endsWith('/integrations/asana/connect'));
  await leaveFor(page, 'Asana');
  expect((await posted).status(), 'a form that ends at a provider is answered with 303').toBe(303);
  const asked = new URL(page.url()).searchParams;
  expect(asked.get('code_challenge_method')).toBe('S256');
  expect(asked.get('code_challenge')).toMatch(/^[\w-]{43}$/);
  await expect(page.getByText('see the tasks that you can see')).toBeVisible();

  // The page in between names where it leads; the browser has already left it.
  const leaving = await page.request.get(watch.last('/connect/'));
  expect(leaving.headers()['referrer-policy']).toBe('no-referrer');
  const words = await leaving.text();
  expect(words).toContain('Taking you to Asana');
  expect(words).toContain('You leave Patchbay for app.asana.com.');

  const answered = page.waitForResponse((response) => response.url().includes('/callback/asana'));
  await page.getByRole('button', { name: 'Approve' }).click();
  const callback = await answered;
  expect(callback.status()).toBe(303);
  expect(callback.headers()['referrer-policy']).toBe('no-referrer');
  expect(callback.headers()['cache-control']).toBe('no-store');

  await expect(notice(page)).toContainText('Asana is connected as “ana@acme.example”.');
  await expect(notice(page)).toContainText('The last 90 days are arriving below. You may close this page.');
  await expect(notice(page)).toBeFocused();
  await expect(page).toHaveURL('/integrations/asana?notice=connected');
  const history = page.locator('[data-live="history"]');
  await comes(page, scripts, async (timeout) => {
    await expect(history).toContainText(/Done.*[\d,]+ records, \d+ \w+( \d+)? to \d+ \w+/s, { timeout });
  });
  await expect(page.locator('[data-live="state"]')).toContainText('Connected');
  await expect(page.getByText('Ana Ruiz connected Asana')).toBeVisible();
});

test('Ana denies GitHub and Asana stays as it is; then she connects it', async ({ page, scripts }) => {
  await signIn(page, 'Ana Ruiz');
  await connect(page, 'asana', 'Asana');

  await page.goto('/integrations/github');
  await leaveFor(page, 'GitHub');
  await page.getByRole('button', { name: 'Deny' }).click();
  await expect(notice(page)).toContainText('The request was declined at GitHub.');
  await expect(notice(page)).toContainText('Nothing was connected and nothing was read.');
  await expect(notice(page)).toBeFocused();
  await notice(page).getByText('Details').click();
  await expect(notice(page).getByText(/Reference [0-9A-Z]{8}/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Continue to GitHub' })).toBeVisible();
  await expect(page.locator('.activity')).toContainText('Refused');

  await page.goto('/integrations?state=not-connected&q=github');
  await expect(page.getByRole('link', { name: 'Connect GitHub' })).toBeVisible();
  await page.goto('/integrations/asana');
  await expect(page.locator('[data-live="state"]')).toContainText('ana@acme.example');
  await expect(page.getByRole('link', { name: 'Disconnect Asana' })).toBeVisible();

  await connect(page, 'github', 'GitHub');
  await comes(page, scripts, async (timeout) => {
    await expect(page.locator('[data-live="history"]')).toContainText(/Done.*[\d,]+ records/s, { timeout });
  });
  await page.goto('/');
  await expect(page.getByRole('link', { name: 'Show 2 connected integrations' })).toBeVisible();
});

test('an authorization that waits can be continued', async ({ page }) => {
  await signIn(page, 'Ana Ruiz');
  await page.goto('/integrations/asana');
  await leaveFor(page, 'Asana');
  await page.goto('/integrations');
  await page.getByRole('link', { name: 'Continue connecting Asana' }).click();
  await expect(page.getByRole('button', { name: 'Start again' })).toBeVisible();
  await page.getByRole('link', { name: 'Continue connecting Asana' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Patchbay wants to use your Asana account');
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(notice(page)).toContainText('Asana is connected as');
});

test('Ana tests a connection, reads its history again, and mends it when access was withdrawn', async ({
  page,
  watch,
  scripts,
}) => {
  const done = () => comes(page, scripts, async (timeout) => {
    await expect(page.locator('[data-live="history"]')).toContainText('Done', { timeout });
  });
  await signIn(page, 'Ana Ruiz');
  await connect(page, 'asana', 'Asana');
  await done();

  await page.getByRole('button', { name: 'Test now' }).click();
  await expect(notice(page)).toContainText(/Works\.\s*Asana answered as “ana@acme.example” in \d+ ms\./);
  await expect(notice(page)).toBeFocused();
  await expect(page.getByText('Checked just now')).toBeVisible();

  await page.getByRole('button', { name: 'Sync again' }).click();
  await expect(notice(page)).toContainText('The last 90 days of Asana are read again.');
  await done();

  const simulator = new Simulator(watch.last('app.asana.com'));
  await simulator.withdraw('asana', '1200000000000101');
  await page.getByRole('button', { name: 'Test now' }).click();
  await expect(notice(page)).toContainText(/Asana refused our access\.\s*Your data is kept\. Reconnect to mend it\./);
  await expect(page.getByText('Asana stopped accepting our access')).toBeVisible();
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Needs attention' })).toBeVisible();
  await page.getByRole('link', { name: 'Reconnect Asana' }).click();
  await page.getByRole('button', { name: 'Reconnect Asana' }).click();
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(notice(page)).toContainText('Asana is connected again as “ana@acme.example”.');
});

test('Ana disconnects Asana: what stops and stays is said first, and Asana confirms', async ({
  page,
  watch,
  scripts,
}) => {
  await signIn(page, 'Ana Ruiz');
  await connect(page, 'asana', 'Asana');
  await comes(page, scripts, async (timeout) => {
    await expect(page.locator('[data-live="history"]')).toContainText('Done', { timeout });
  });
  const records = /([\d,]+) records/.exec((await page.locator('[data-live="history"]').textContent()) ?? '')?.[1];

  await page.getByRole('link', { name: 'Disconnect Asana' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Disconnect Asana from Acme?');
  await expect(page.getByRole('heading', { name: 'Stops now' })).toBeVisible();
  await expect(page.getByText('Reading new data, at once.')).toBeVisible();
  await expect(page.getByText(`${records} records, until you delete them.`)).toBeVisible();
  await expect(page.getByRole('checkbox', { name: 'Delete them too' })).not.toBeChecked();
  await page.getByRole('link', { name: 'Keep it' }).click();
  await expect(page.locator('[data-live="state"]')).toContainText('ana@acme.example');
  await expect(page.getByRole('link', { name: 'Disconnect Asana' })).toBeVisible();

  await page.getByRole('link', { name: 'Disconnect Asana' }).click();
  await page.getByRole('button', { name: 'Disconnect Asana' }).click();
  await expect(notice(page)).toContainText('Asana is disconnected.');
  await expect(notice(page)).toBeFocused();
  const panel = page.locator('[data-live^="connection-"]');
  await comes(page, scripts, async (timeout) => {
    await expect(panel).toContainText('Ana Ruiz disconnected it. Asana confirmed that our access ended.', { timeout });
  });
  await expect(panel).toContainText('Disconnected');
  await expect(page.getByRole('button', { name: 'Continue to Asana' })).toBeVisible();
  const simulator = new Simulator(watch.last('app.asana.com'));
  expect(await simulator.asked('app.asana.com', '/-/oauth_revoke')).not.toEqual([]);
});
