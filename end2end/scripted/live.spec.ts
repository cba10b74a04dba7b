// What moves by itself, in several browsers at once.

import type { Page } from '@playwright/test';

import { VERIFIES_MS, expected, line } from '../support/figures';
import { connect, signIn } from '../support/people';
import { expect, test } from '../support/test';

/** Notes in the page when a text first stands in a part of it. A reload would lose the note. */
async function note(page: Page, part: string, text: string): Promise<void> {
  await page.evaluate(
    ([part, text]) => {
      const look = () => {
        const here = document.querySelector(part ?? '')?.textContent ?? '';
        if (here.includes(text ?? '')) {
          document.documentElement.dataset.seenAt ??= String(Date.now());
        }
      };
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
      look();
    },
    [part, text],
  );
}

/** When it stood there, in epoch milliseconds. */
async function seenAt(page: Page): Promise<number> {
  const html = page.locator('html');
  await expect(html).toHaveAttribute('data-seen-at', /^\d+$/, { timeout: VERIFIES_MS });
  return Number(await html.getAttribute('data-seen-at'));
}

test.describe('a rollout that begins', () => {
  test.use({ start: { verify: false } });

  test('two browsers see a verification move the counts, within two seconds of each other', async ({
    page,
    another,
  }) => {
    test.setTimeout(VERIFIES_MS + 45_000);
    const { before, after } = expected();
    const other = await another();
    const both = [page, other];
    for (const each of both) {
      await signIn(each, 'Erin Park', '/rollout');
      await expect(each.locator('.count').first()).toContainText(line(before));
      await expect(each.locator('.live:visible').first()).toHaveText(/Live/);
    }
    // The first starts it and is on a new page after that; the second one is not touched.
    await note(other, '.counts', line(after));
    await page.getByRole('button', { name: 'Run verification' }).click();
    await expect(page.getByText('A verification has started.')).toBeVisible();
    await note(page, '.counts', line(after));
    const [here, there] = [await seenAt(page), await seenAt(other)];
    expect(Math.abs(here - there), 'milliseconds apart').toBeLessThan(2_000);
    for (const each of both) {
      const count = each.locator('.count').first();
      await expect(count).toContainText(`${after.complete}of ${after.total}`);
      await expect(each.getByText(/Verification of build \S+ finished/)).toBeVisible();
      await expect(each).toHaveTitle(`${after.complete} of ${after.total} built – Rollout – Patchbay`);
      await expect(each.locator('#board tr', { hasText: 'Asana' })).toContainText('Implemented');
    }
  });
});

test('a connect moves the pages of the same tenant, and no others', async ({ page, another }) => {
  const mia = await another();
  await signIn(mia, 'Mia Lind', '/integrations?q=asana');
  await expect(mia.locator('.live:visible').first()).toHaveText(/Live/);
  const ben = await another();
  await signIn(ben, 'Ben Cole', '/integrations?q=asana');
  await expect(ben.locator('.live:visible').first()).toHaveText(/Live/);
  const reads: string[] = [];
  ben.on('request', (request) => reads.push(request.url()));

  await signIn(page, 'Ana Ruiz');
  await connect(page, 'asana', 'Asana');
  await expect(mia.locator('.card-i')).toContainText('ana@acme.example');
  await expect(mia.locator('.card-i')).toContainText('Connected');
  expect(reads, 'Ben’s page heard nothing').toEqual([]);
  await expect(ben.getByRole('link', { name: 'Connect Asana' })).toBeVisible();
});

test('a page says when the server is away, and that it is back', async ({ page, server, watch }) => {
  await signIn(page, 'Erin Park', '/rollout');
  const live = page.locator('.live:visible').first();
  await expect(live).toHaveText(/Live/);
  watch.allowGone();
  await server.stop();
  await expect(live).toHaveText(/Reconnecting, last update \d\d:\d\d:\d\d/);
  await expect(page.locator('.count').first(), 'what was known stays').toContainText(line(expected().after));
  await server.run();
  await expect(live).toHaveText(/Live/, { timeout: 20_000 });
});

test('the list says how many match once typing stops', async ({ page }) => {
  await signIn(page, 'Ana Ruiz', '/integrations');
  const box = page.getByRole('searchbox', { name: 'Search' });
  await expect(page.locator('#filters[data-scripted]')).toBeVisible();
  await box.pressSequentially('google', { delay: 20 });
  await expect(page.locator('#status')).toHaveText(/^\d of 39 integrations · 0 connected$/);
  await expect(box, 'the focus stays').toBeFocused();
});
