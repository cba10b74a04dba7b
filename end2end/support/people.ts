// What people do again and again.

import { type Locator, type Page, expect } from '@playwright/test';

/** Signs in one of the sample people, from the page that is open or from the first one. */
export async function signIn(page: Page, name: string, path = '/'): Promise<void> {
  await page.goto(path);
  await page.getByRole('button', { name: new RegExp(`^${name}`) }).click();
  await expect(page).not.toHaveURL(/\/sign-in/);
}

/** The notice at the top of a page after an action. */
export function notice(page: Page): Locator {
  return page.locator('#notice');
}

/** From an integration's page to the provider's consent page. */
export async function leaveFor(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: `Continue to ${name}` }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Patchbay wants to use your /);
}

/** Connects an integration from its page, and is back on it. */
export async function connect(page: Page, id: string, name: string): Promise<void> {
  await page.goto(`/integrations/${id}`);
  await leaveFor(page, name);
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(notice(page)).toContainText(`${name} is connected as “`);
}

/**
 * Waits for something that comes by itself: with scripts the page follows, without them the person reloads it. `within`
 * is in milliseconds.
 */
export async function comes(
  page: Page,
  scripts: boolean,
  check: (timeout: number) => Promise<void>,
  within = 30_000,
): Promise<void> {
  if (scripts) {
    await check(within);
    return;
  }
  await expect(async () => {
    await page.reload();
    await check(500);
  }).toPass({ timeout: within, intervals: [250] });
}
