// Pictures of every page, for people to look at: SCREENS=1 npx playwright test screens

import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { connect, leaveFor, signIn } from '../support/people';
import { expect, test } from '../support/test';

const FOLDER = join(__dirname, '../screens');
const WIDTHS = [390, 820, 1440];

/** One page in every width. */
async function take(page: Page, name: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: join(FOLDER, `${name}-${width}.png`), fullPage: true, animations: 'disabled' });
  }
}

if (process.env.SCREENS === '1') {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(colorScheme, () => {
      test.use({ colorScheme });
      test.setTimeout(180_000);

      test('pictures for a tenant’s admin', async ({ page, watch, scripts }) => {
        watch.allow(404, 409, 422);
        const name = (what: string) => `${what}-${colorScheme}-${scripts ? 'on' : 'off'}`;
        await page.goto('/sign-in');
        await take(page, name('sign-in'));
        await signIn(page, 'Ana Ruiz');
        const pages = { 'overview-empty': '/', integrations: '/integrations', 'no-match': '/integrations?q=slck',
          'asana-before': '/integrations/asana', 'sendgrid-before': '/integrations/sendgrid',
          'not-offered': '/integrations/slack', 'not-found': '/nowhere' };
        for (const [what, path] of Object.entries(pages)) {
          await page.goto(path);
          await take(page, name(what));
        }
        await page.goto('/integrations/sendgrid');
        await page.getByRole('button', { name: 'Add the SendGrid key' }).click();
        await take(page, name('sendgrid-refused'));
        await page.goto('/integrations/asana');
        await leaveFor(page, 'Asana');
        await take(page, name('consent'));
        await page.getByRole('button', { name: 'Deny' }).click();
        await take(page, name('declined'));
        await connect(page, 'asana', 'Asana');
        await take(page, name('connected'));
        await expect(async () => {
          await page.goto('/integrations/asana');
          await expect(page.locator('[data-live="history"]')).toContainText('Done', { timeout: 500 });
        }).toPass({ timeout: 30_000 });
        await take(page, name('asana-done'));
        await page.getByRole('link', { name: 'Disconnect Asana' }).click();
        await take(page, name('disconnect'));
        await page.goto('/');
        await take(page, name('overview'));
        await page.goto(watch.last('/callback/asana'));
        await take(page, name('refused'));
      });

      test('pictures for the company', async ({ page, scripts }) => {
        const name = (what: string) => `${what}-${colorScheme}-${scripts ? 'on' : 'off'}`;
        await signIn(page, 'Erin Park');
        const pages = { 'company-overview': '/', 'company-integrations': '/integrations',
          'company-asana': '/integrations/asana', rollout: '/rollout', report: '/report', activity: '/activity',
          apps: '/settings/apps', google: '/settings/apps/google', canva: '/settings/apps/canva',
          'apps-import': '/settings/apps/import', components: '/dev/components' };
        for (const [what, path] of Object.entries(pages)) {
          await page.goto(path);
          await take(page, name(what));
        }
      });
    });
  }
}
