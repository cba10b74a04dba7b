// axe on every page, in both themes, wide and narrow: nothing serious, nothing critical.

import { readFileSync } from 'node:fs';

import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

import { connect, signIn } from '../support/people';
import { expect, test } from '../support/test';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on the page that is open: rule, place and why. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results: AxeResults = await page.evaluate('axe.run(document, { resultTypes: ["violations"] })');
  return results.violations
    .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
    .flatMap((violation) => violation.nodes.map((node) =>
      `${new URL(page.url()).pathname}: ${violation.id} at ${node.target.join(' ')}: ${node.failureSummary}`));
}

// Colours do not depend on the width, so the narrow page is looked at once.
const LOOKS = [
  { colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  { colorScheme: 'light', viewport: { width: 390, height: 844 } },
] as const;

/** Opens pages one after the other and says what axe finds on them. */
async function walk(page: Page, who: string, paths: string[]): Promise<string[]> {
  const found: string[] = [];
  await signIn(page, who);
  for (const path of paths) {
    await page.goto(path);
    found.push(...(await findings(page)));
  }
  return found;
}

for (const look of LOOKS) {
  test.describe(`${look.colorScheme}, ${look.viewport.width} wide`, () => {
    test.use(look);

    test('an admin’s pages can be read by everyone', async ({ page, watch }) => {
      watch.allow(404, 422);
      await page.goto('/sign-in');
      const found = await findings(page);
      const paths = ['/', '/integrations', '/integrations?q=slck', '/integrations/asana', '/nowhere'];
      found.push(...(await walk(page, 'Ana Ruiz', paths)));
      await page.goto('/integrations/sendgrid');
      await page.getByRole('button', { name: 'Add the SendGrid key' }).click();
      found.push(...(await findings(page)));
      await connect(page, 'asana', 'Asana');
      found.push(...(await findings(page)));
      await page.getByRole('link', { name: 'Disconnect Asana' }).click();
      found.push(...(await findings(page)));
      await page.goto('/');
      found.push(...(await findings(page)));
      expect(found).toEqual([]);
    });

    test('the company’s pages can be read by everyone', async ({ page }) => {
      const paths = ['/', '/integrations', '/integrations/asana', '/rollout', '/report', '/activity', '/settings/apps',
        '/settings/apps/google', '/settings/apps/import', '/dev/components'];
      expect(await walk(page, 'Erin Park', paths)).toEqual([]);
    });
  });
}
