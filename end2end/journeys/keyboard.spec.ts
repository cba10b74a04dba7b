// No mouse.

import { type Locator, type Page } from '@playwright/test';

import { notice } from '../support/people';
import { expect, test } from '../support/test';

/** Goes on with Tab until the focus is on something, and shows that it can be seen there. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let step = 0; step < 120; step += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) {
      const ring = await target.evaluate((element) => {
        const style = getComputedStyle(element);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
      });
      expect(ring, 'the focus can be seen').toBe(true);
      return;
    }
  }
  throw new Error(`Tab does not reach ${target}`);
}

async function press(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('Enter');
}

test('the skip link comes first and leads to the content', async ({ page }) => {
  await page.goto('/sign-in');
  await press(page, page.getByRole('button', { name: /^Erin Park/ }));
  await expect(page).not.toHaveURL(/sign-in/);
  for (const path of ['/', '/integrations', '/integrations/asana', '/rollout', '/report', '/activity']) {
    await page.goto(path);
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to content' });
    await expect(skip, path).toBeFocused();
    await expect(skip).toBeInViewport();
    await page.keyboard.press('Enter');
    await expect(page.locator('main')).toBeFocused();
  }
});

test('Ana connects Asana by keyboard alone', async ({ page }) => {
  await page.goto('/sign-in');
  await press(page, page.getByRole('button', { name: /^Ana Ruiz/ }));
  await press(page, page.getByRole('link', { name: 'Browse integrations' }));
  await press(page, page.getByRole('link', { name: 'Connect Asana' }));
  await press(page, page.getByRole('button', { name: 'Continue to Asana' }));
  await press(page, page.getByRole('button', { name: 'Approve' }));
  await expect(notice(page)).toContainText('Asana is connected as “ana@acme.example”.');
  await expect(notice(page), 'the answer is read first').toBeFocused();
  await press(page, page.getByRole('link', { name: 'Disconnect Asana' }));
  await press(page, page.getByRole('button', { name: 'Disconnect Asana' }));
  await expect(notice(page)).toContainText('Asana is disconnected.');
});
