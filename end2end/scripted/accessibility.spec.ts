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

for (const colorScheme of ['light', 'dark'] as const) {
  for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    test.describe(`${colorScheme}, ${viewport.width} wide`, () => {
      test.use({ colorScheme, viewport });

      test('every page can be read by everyone', async ({ page, another, watch }) => {
        watch.allow(404, 422);
        const found: string[] = [];
        const look = async (at: Page, path?: string) => {
          if (path) {
            await at.goto(path);
          }
          found.push(...(await findings(at)));
        };
        await look(page, '/sign-in');
        await signIn(page, 'Ana Ruiz');
        for (const path of ['/', '/integrations', '/integrations?q=slck', '/integrations/asana', '/nowhere']) {
          await look(page, path);
        }
        await page.goto('/integrations/sendgrid');
        await page.getByRole('button', { name: 'Add the SendGrid key' }).click();
        await look(page);
        await connect(page, 'asana', 'Asana');
        await look(page);
        await page.getByRole('link', { name: 'Disconnect Asana' }).click();
        await look(page);
        await look(page, '/');

        const erin = await another();
        await erin.emulateMedia({ colorScheme });
        await signIn(erin, 'Erin Park');
        for (const path of ['/', '/integrations', '/integrations/asana', '/rollout', '/report', '/dev/components']) {
          await look(erin, path);
        }
        expect(found).toEqual([]);
      });
    });
  }
}
