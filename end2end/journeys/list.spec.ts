// The list of integrations: its filter lives in the address.

import type { Page } from '@playwright/test';

import { signIn } from '../support/people';
import { expect, test } from '../support/test';

/** Types into the search; with scripts the list follows by itself, without them there is a button. */
async function search(page: Page, scripts: boolean, text: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'Search' }).fill(text);
  const apply = page.getByRole('button', { name: 'Apply' });
  if (scripts) {
    await expect(apply).toBeHidden();
  } else {
    await apply.click();
  }
  await expect.poll(() => new URL(page.url()).searchParams.get('q') ?? '').toBe(text);
}

function names(page: Page) {
  return page.getByRole('heading', { level: 3 });
}

test('search and filters stand in the address and survive reload and back', async ({ page, scripts }) => {
  await signIn(page, 'Ana Ruiz', '/integrations');
  await expect(names(page)).toHaveCount(39);
  await expect(page.locator('.filters-count')).toHaveText('39 integrations · 0 connected');

  await search(page, scripts, 'google');
  await expect(names(page).first()).toHaveText(/Google/);
  const shown = await names(page).allTextContents();
  expect(shown.length).toBeGreaterThan(1);
  expect(shown.filter((name) => !name.includes('Google'))).toEqual([]);
  await expect(page.locator('.filters-count')).toContainText(`${shown.length} of 39 integrations · 0 connected`);

  await page.getByRole('combobox', { name: 'Category' }).selectOption({ label: 'Calendar (2)' });
  if (!scripts) {
    await page.getByRole('button', { name: 'Apply' }).click();
  }
  await expect(page).toHaveURL(/category=calendar/);
  await expect(names(page)).toHaveText(['Google Calendar']);

  await page.reload();
  await expect(names(page)).toHaveText(['Google Calendar']);
  await expect(page.getByRole('searchbox', { name: 'Search' })).toHaveValue('google');
  await expect(page.getByRole('combobox', { name: 'Category' })).toHaveValue('calendar');

  await page.getByRole('link', { name: 'Google Calendar', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Google Calendar');
  await page.goBack();
  await expect(names(page)).toHaveText(['Google Calendar']);
  await expect(page).toHaveURL(/q=google/);

  await page.getByRole('link', { name: 'Clear filters' }).click();
  await expect(names(page)).toHaveCount(39);
});

test('no match says so, and where there is one', async ({ page, scripts }) => {
  await signIn(page, 'Ana Ruiz', '/integrations');
  await search(page, scripts, 'slck');
  await expect(page.getByText('No integration matches “slck”.')).toBeVisible();
  await page.goto('/integrations?q=slack&category=calendar');
  await expect(page.getByText(/No integration matches “slack” in Calendar\. 1 match .*: Slack\./)).toBeVisible();
  await page.getByRole('link', { name: 'Show it' }).click();
  await expect(names(page)).toHaveText(['Slack']);
});

test('what is typed into the search stays text', async ({ page, scripts }) => {
  await signIn(page, 'Ana Ruiz', '/integrations');
  await search(page, scripts, '<img src=x onerror=alert(1)>"');
  await expect(page.getByText('No integration matches “<img src=x onerror=alert(1)>"”.')).toBeVisible();
  await expect(page.locator('main img')).toHaveCount(0);
});

test('Erin filters by computed status', async ({ page, scripts }) => {
  await signIn(page, 'Erin Park', '/integrations');
  await page.getByRole('combobox', { name: 'Status' }).selectOption('Implemented');
  if (!scripts) {
    await page.getByRole('button', { name: 'Apply' }).click();
  }
  await expect(page).toHaveURL(/status=implemented/);
  await expect(page.getByRole('heading', { name: 'Asana' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'SendGrid' })).toHaveCount(0);
});
