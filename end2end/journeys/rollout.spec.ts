// Erin sees what is proven, Paul takes it with him, and neither is Ana's to see.

import { readFileSync } from 'node:fs';

import { VERIFIES_MS, expected, line } from '../support/figures';
import { comes, connect, notice, signIn } from '../support/people';
import { expect, test } from '../support/test';

test.describe('before any verification', () => {
  test.use({ start: { verify: false } });

  test('Erin starts a verification and its figures arrive', async ({ page, scripts }) => {
    test.setTimeout(VERIFIES_MS + 45_000);
    const { before, after } = expected();
    await signIn(page, 'Erin Park', '/rollout');
    const built = page.locator('.count').first();
    await expect(page.getByText('Not verified yet.')).toBeVisible();
    await expect(built).toContainText(`${before.complete}of ${before.total}`);
    await expect(built).toContainText(line(before));
    await expect(page).toHaveTitle(`${before.complete} of ${before.total} built – Rollout – Patchbay`);

    await page.getByRole('button', { name: 'Run verification' }).click();
    await expect(page.getByText('A verification has started.')).toBeVisible();
    const figuresArrived = async (timeout: number) => {
      await expect(built).toContainText(`${after.complete}of ${after.total}`, { timeout });
      await expect(built).toContainText(line(after), { timeout });
      await expect(page.getByText(/Verification of build \S+ finished/)).toBeVisible({ timeout });
    };
    await comes(page, scripts, figuresArrived, VERIFIES_MS);
    await expect(page.locator('#board tr', { hasText: 'Asana' })).toContainText(/Passed.*Passed.*Passed.*Passed/s);
    await expect(page.locator('#board tr', { hasText: 'SendGrid' })).toContainText('N/A (API key)');
  });

  test('nothing is offered before it is proven', async ({ page }) => {
    await signIn(page, 'Ana Ruiz', '/integrations/asana');
    await expect(page.locator('[data-live="state"]')).toContainText('Not offered yet');
    await expect(page.getByRole('button', { name: 'Continue to Asana' })).toHaveCount(0);
  });
});

test('Erin follows a figure to its rows', async ({ page }) => {
  const { after } = expected();
  await signIn(page, 'Erin Park');
  await page.getByRole('link', { name: `Show the ${after.complete}: Built` }).click();
  await expect(page).toHaveURL('/rollout?status=complete#board');
  await expect(page.locator('#board tbody tr')).toHaveCount(after.complete);
  await page.getByRole('link', { name: 'Pending', exact: true }).click();
  await expect(page.locator('#board tbody tr')).toHaveCount(after.total - after.complete);
  await expect(page.locator('#blockers tbody a')).toHaveCount(after.total - after.complete);
  if (after.complete === after.total) {
    await expect(page.locator('#board')).toContainText('None is pending: every integration is built.');
    await page.getByRole('link', { name: 'Show all integrations' }).click();
  }
  await page.locator('#board tbody a').first().click();
  await expect(page.getByRole('heading', { name: 'Gates' })).toBeVisible();
});

test('Paul exports the report: the file says what the page says', async ({ page, another }) => {
  const ana = await another();
  await signIn(ana, 'Ana Ruiz');
  await connect(ana, 'asana', 'Asana');

  const { after } = expected();
  await signIn(page, 'Paul Meyer');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Report' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Completion report');
  const counts = page.locator('.count');
  await expect(counts.nth(0)).toContainText(`${after.complete}of ${after.total}`);
  await expect(counts.nth(0)).toContainText(line(after));
  await expect(counts.nth(1)).toContainText(`0of ${after.total}`);
  await expect(counts.nth(2)).toContainText(`1of ${after.total}`);
  await expect(counts.nth(2)).toContainText('in 1 tenant');
  await expect(page.getByText('Proven live here: none yet. Built does not mean tried with a provider.')).toBeVisible();

  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download Markdown' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('integration-rollout.md');
  const file = readFileSync(await download.path(), 'utf8');
  expect(file).toContain(
    `| Built | ${after.complete} of ${after.total} (${after.percent} %), ${after.gates} of ${after.gatesTotal} gates |`,
  );
  expect(file).toContain(`| Proven live here | 0 of ${after.total}, none yet |`);
  expect(file).toContain(`| In use | 1 of ${after.total}, in 1 tenant`);

  const onPage = await page.locator('.table-board tbody tr').evaluateAll((rows) =>
    rows.map((row) => [
      row.querySelector('th a')?.textContent?.trim() ?? '',
      row.querySelector('td:last-child')?.textContent?.trim() ?? '',
    ].join(': ')),
  );
  const inFile = file.split('\n').map((text) => text.split(' | ')).filter((cells) => cells.length === 11)
    .map((cells) => `${cells[0]?.replace(/^\| /, '')}: ${cells[2]}`)
    .filter((row) => /: (Implemented|N\/A \(API key\)|Pending)$/.test(row));
  expect(inFile).toHaveLength(after.total);
  expect(inFile.toSorted()).toEqual(onPage.toSorted());
});

test('Paul sees no way to connect', async ({ page }) => {
  await signIn(page, 'Paul Meyer', '/integrations');
  await expect(page.getByRole('heading', { level: 3 })).toHaveCount(expected().after.total);
  await expect(page.getByRole('link', { name: /^(Connect|Add|Continue|Reconnect)/ })).toHaveCount(0);
  for (const id of ['asana', 'sendgrid']) {
    await page.goto(`/integrations/${id}`);
    await expect(page.getByRole('button', { name: /Continue to|Add the|Replace/ })).toHaveCount(0);
  }
  await page.goto('/rollout');
  await expect(page.getByRole('button', { name: 'Run verification' })).toHaveCount(0);
});

test('for Ana there is no rollout and no report, and for Ben no connection of hers (S66)', async ({
  page,
  another,
  watch,
}) => {
  watch.allow(404);
  await signIn(page, 'Ana Ruiz');
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link')).toHaveText([
    'Overview',
    'Integrations',
    'Activity',
  ]);
  for (const path of ['/rollout', '/report', '/report/export?format=md']) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found');
  }
  await connect(page, 'asana', 'Asana');
  const hers = await page.getByRole('link', { name: 'Disconnect Asana' }).getAttribute('href');
  const ben = await another(404);
  await signIn(ben, 'Ben Cole');
  const pages: string[] = [];
  for (const path of [hers ?? '', '/connections/01a206a5-0000-7000-8000-000000000000/disconnect']) {
    const answer = await ben.goto(path);
    expect(answer?.status(), path).toBe(404);
    pages.push(await ben.locator('main').innerHTML());
  }
  expect(pages[0], 'as if it never was').toBe(pages[1]);
  await ben.goto('/integrations/asana');
  await expect(ben.getByText('ana@acme.example')).toHaveCount(0);
  await expect(notice(ben)).toHaveCount(0);
});
