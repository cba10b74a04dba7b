// A phone: nothing scrolls sideways, and everything is reached through the menu.

import { connect, signIn } from '../support/people';
import { expect, test } from '../support/test';

const PHONE = { width: 390, height: 844 };

test.use({ viewport: PHONE });

const PAGES: Record<string, string[]> = {
  'Ana Ruiz': ['/', '/integrations', '/integrations?q=slck', '/integrations/asana', '/integrations/sendgrid', '/nowhere'],
  'Erin Park': ['/', '/integrations', '/integrations/asana', '/rollout', '/report', '/activity', '/dev/components'],
};

for (const [who, paths] of Object.entries(PAGES)) {
  test(`nothing scrolls sideways for ${who}`, async ({ page, watch }) => {
    watch.allow(404);
    await page.goto('/sign-in');
    const check = async (path: string) => {
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect.soft(wide, `${path} is as wide as the phone`).toBeLessThanOrEqual(PHONE.width);
    };
    await check('/sign-in');
    await signIn(page, who);
    for (const path of paths) {
      await page.goto(path);
      await check(path);
    }
    if (who === 'Ana Ruiz') {
      await connect(page, 'asana', 'Asana');
      await check('Asana, connected');
      await page.getByRole('link', { name: 'Disconnect Asana' }).click();
      await check('the question');
      await page.goto('/');
      await check('the overview with something in it');
    }
  });
}

test('the menu leads everywhere', async ({ page }) => {
  await signIn(page, 'Erin Park');
  const menu = page.getByRole('navigation', { name: 'Main, small screen' });
  for (const [label, path] of [['Integrations', '/integrations'], ['Rollout', '/rollout'], ['Report', '/report']]) {
    await expect(menu).toBeHidden();
    await page.locator('summary[aria-label^="Menu"]').click();
    await menu.getByRole('link', { name: label }).click();
    await expect(page).toHaveURL(path ?? '');
  }
  await page.locator('summary[aria-label^="Menu"]').click();
  await page.locator('.bar-sheet').getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByText('You are signed out.')).toBeVisible();
});

test('filters fold away behind one button', async ({ page, scripts }) => {
  await signIn(page, 'Ana Ruiz', '/integrations');
  const category = page.getByRole('combobox', { name: 'Category' });
  await expect(category).toBeHidden();
  await page.getByText('Filter', { exact: true }).click();
  await category.selectOption({ label: 'Calendar (2)' });
  if (!scripts) {
    await page.getByRole('button', { name: 'Apply' }).click();
  }
  await expect(page).toHaveURL(/category=calendar/);
  await expect(page.getByRole('heading', { level: 3 })).toHaveCount(2);
});
