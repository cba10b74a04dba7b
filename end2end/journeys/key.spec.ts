// A key: its shape, the provider's word on it, and that nobody sees it again.

import type { Page } from '@playwright/test';

import { comes, notice, signIn } from '../support/people';
import { expect, test } from '../support/test';

const FIRST = 'SG.sample-key-for-demo-2.accepted-by-the-simulated-sendgrid-only-2';
const SECOND = 'SG.sample-key-for-demo-1.accepted-by-the-simulated-sendgrid-only-1';
const UNKNOWN = 'SG.0123456789abcdefABCDEF.nobody-has-ever-been-given-this-one-0000';

async function submit(page: Page, key: string, button: string): Promise<void> {
  await page.getByLabel('API key', { exact: true }).fill(key);
  await page.getByRole('button', { name: button }).click();
}

async function refused(page: Page, sentence: string): Promise<void> {
  await expect(page).toHaveTitle('Error: SendGrid – Patchbay');
  await expect(page.getByRole('heading', { name: 'Check 1 field' })).toBeVisible();
  await expect(notice(page)).toBeFocused();
  await expect(page.getByLabel('API key', { exact: true })).toHaveAccessibleDescription(new RegExp(sentence));
  await notice(page).getByRole('link', { name: sentence }).click();
  await expect(page.getByLabel('API key', { exact: true })).toBeFocused();
  await expect(page.getByLabel('API key', { exact: true })).toHaveValue('');
}

test('Ana adds, replaces and removes a SendGrid key, which is never shown (S29)', async ({ page, watch, scripts }) => {
  watch.allow(422);
  const pages: string[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'document') {
      void response.text().then((text) => pages.push(text), () => undefined);
    }
  });
  await signIn(page, 'Ana Ruiz', '/integrations?q=sendgrid');
  await page.getByRole('link', { name: 'Add key for SendGrid' }).click();
  await expect(page.getByLabel('API key', { exact: true })).toHaveAttribute('type', 'password');
  await expect(page.getByText(`In this demo, try ${SECOND}`)).toBeVisible();

  const answered = page.waitForResponse((response) => response.url().endsWith('/integrations/sendgrid/key'));
  await page.getByLabel('Region').selectOption('EU');
  await submit(page, 'hunter2-is-no-key', 'Add the SendGrid key');
  expect((await answered).status()).toBe(422);
  await refused(page, 'This does not look like a SendGrid key');
  await expect(page.getByLabel('Region'), 'what was chosen is kept').toHaveValue('eu');

  await page.getByLabel('Region').selectOption('Global');
  await submit(page, '', 'Add the SendGrid key');
  await refused(page, 'Paste your SendGrid API key');
  await submit(page, UNKNOWN, 'Add the SendGrid key');
  await refused(page, 'SendGrid refused this key.');
  await page.goto('/integrations?state=connected');
  await expect(page.getByText('No integration matches these filters')).toBeVisible();

  await page.goto('/integrations/sendgrid');
  await submit(page, FIRST, 'Add the SendGrid key');
  await expect(notice(page)).toContainText('The SendGrid key works and is sealed.');
  await expect(notice(page)).toBeFocused();
  // “Connecting” until its history is there.
  await comes(page, scripts, (timeout) =>
    expect(page.locator('[data-live="state"]')).toContainText('Connected', { timeout }),
  );

  await page.getByText('Replace the SendGrid key').first().click();
  await submit(page, UNKNOWN, 'Replace the SendGrid key');
  await refused(page, 'SendGrid refused this key.');
  await expect(page.locator('[data-live="state"]'), 'the key before it still works').toContainText('Connected');
  await submit(page, SECOND, 'Replace the SendGrid key');
  await expect(notice(page)).toContainText('The new SendGrid key works and is sealed.');
  await page.getByRole('button', { name: 'Test now' }).click();
  await expect(notice(page)).toContainText('Works.');

  await page.getByRole('link', { name: 'Remove the SendGrid key' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Remove the SendGrid key from Acme?');
  await page.getByRole('button', { name: 'Remove the SendGrid key' }).click();
  await expect(notice(page)).toContainText('The SendGrid key was removed.');
  await expect(page.getByText('It was deleted here; SendGrid still accepts it until it is deleted there.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add the SendGrid key' })).toBeVisible();

  pages.push(await page.content());
  expect(pages.length).toBeGreaterThan(8);
  // The second one is the demo's sample, which its form may offer.
  for (const secret of ['hunter2-is-no-key', UNKNOWN, FIRST]) {
    expect(pages.filter((html) => html.includes(secret)), 'no page holds a key').toEqual([]);
  }
  for (const secret of ['hunter2', 'SG.', 'sample-key']) {
    expect(watch.addresses.filter((address) => address.includes(secret)), 'no address holds a key').toEqual([]);
  }
});
