// What happened: an engineer finds a refusal, an admin sees only what is their own.

import type { Page } from '@playwright/test';

import { connect, leaveFor, notice, signIn } from '../support/people';
import { expect, test } from '../support/test';

function rows(page: Page) {
  return page.locator('.activity > li');
}

async function signOut(page: Page): Promise<void> {
  await page.locator('.side').getByRole('button', { name: 'Sign out' }).click();
}

test('an engineer finds a refusal and downloads the rest', async ({ page }) => {
  await signIn(page, 'Ana Ruiz');
  await connect(page, 'asana', 'Asana');
  await page.goto('/integrations/github');
  await leaveFor(page, 'GitHub');
  await page.getByRole('button', { name: 'Deny' }).click();
  await expect(notice(page)).toBeVisible();
  await signOut(page);

  await signIn(page, 'Erin Park');
  await page.getByRole('link', { name: 'Show all' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Activity');
  await expect(page.getByText(/Chain unbroken, checked .*, \d+ entr/)).toBeVisible();
  await page.getByRole('combobox', { name: 'Result' }).selectOption({ label: 'Refused' });
  await page.getByRole('searchbox', { name: 'Who' }).fill('ana');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText('Ana Ruiz declined at GitHub (Acme)');
  await rows(page).getByText('Details').click();
  await expect(rows(page).getByText('connect.callback')).toBeVisible();
  await expect(page, 'the filter stands in the address').toHaveURL(/who=ana.*result=refused/);

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download CSV' }).click();
  expect((await download).suggestedFilename()).toBe('activity.csv');

  await page.getByLabel('From').fill('2020-01-02');
  await page.getByLabel('To', { exact: true }).fill('2020-01-01');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByText('This is before the first day.')).toBeVisible();
  await expect(page.getByText(/^Nothing refused by “ana” between 2020-01-02 and 2020-01-01/)).toBeVisible();
  await page.getByRole('link', { name: 'Clear filters' }).first().click();
  expect(await rows(page).count()).toBeGreaterThan(3);
});

test('an admin sees what their own people did', async ({ page }) => {
  await signIn(page, 'Ana Ruiz');
  await connect(page, 'asana', 'Asana');
  await signOut(page);
  await signIn(page, 'Ben Cole', '/activity');
  await expect(page.getByText('Ana Ruiz')).toHaveCount(0);
  await expect(page.getByText('Chain unbroken')).toHaveCount(0);
  await expect(page.getByRole('combobox', { name: 'Tenant' })).toHaveCount(0);
});
