// Provider apps as a checklist: an engineer registers one, says how far it is, replaces a secret, checks, imports many.

import { type Page } from '@playwright/test';

import { notice, signIn } from '../support/people';
import { expect, test } from '../support/test';

const SECRET = 'made-up-secret-that-nobody-must-read';

/** A day that is far enough away, whenever the test runs. */
function dayIn(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** A file as it is chosen in a form. */
function file(name: string, text: string): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) };
}

async function openApp(page: Page, name: string): Promise<void> {
  await page.goto('/settings/apps');
  await page.getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
}

test('an app goes from “Registered” to “In review”, and what is refused keeps what was typed', async ({ page, watch }) => {
  watch.allow(422);
  await signIn(page, 'Erin Park', '/settings/apps');
  await expect(page.getByText('32 apps for 36 integrations')).toBeVisible();
  // The demo registered all of them at its simulated providers.
  await page.getByRole('link', { name: /^Registered 32$/ }).click();
  await expect(page).toHaveURL('/settings/apps?stage=registered');
  await page.getByRole('link', { name: 'Canva', exact: true }).click();
  await expect(page.getByText('Ask Canva for its review: step 1 says what it wants.')).toBeVisible();
  await expect(page.getByText('At most 10 redirect URIs.')).toBeVisible();

  // Given a client id that can't be one
  await page.getByLabel('Client id').fill('an id with spaces');
  await page.getByLabel('Client secret').fill(SECRET);
  await page.getByLabel('Last day of the secret').fill(dayIn(400));
  await page.getByRole('button', { name: 'Save the app for Canva' }).click();
  await expect(page.getByRole('alert')).toContainText('A client id has no spaces');
  await expect(page.getByLabel('Client id'), 'what was typed stays').toHaveValue('an id with spaces');
  await expect(page.getByLabel('Last day of the secret')).toHaveValue(dayIn(400));
  await expect(page.getByLabel('Client secret'), 'but for the secret').toHaveValue('');

  // When it is right
  await page.getByLabel('Client id').fill('OC-canva');
  await page.getByLabel('Client secret').fill(SECRET);
  await page.getByRole('button', { name: 'Save the app for Canva' }).click();
  await expect(notice(page)).toContainText('The app for Canva is saved.');
  await expect(page.getByText('Ask Canva for its review')).toBeVisible();

  // Then its review is followed
  await page.getByLabel('Stage').selectOption('In review');
  await page.getByLabel('Owner').fill('Ben Cole');
  await page.getByLabel('Answer expected by').fill(dayIn(20));
  await page.getByRole('button', { name: 'Save how far Canva is' }).click();
  await expect(page.getByRole('alert')).toContainText('Enter the day on which the review was asked for');
  await expect(page.getByLabel('Owner')).toHaveValue('Ben Cole');
  await page.getByLabel('Review asked for on').fill(dayIn(-1));
  await page.getByLabel('The redirect URIs of step 2 stand at Canva').check();
  await page.getByRole('button', { name: 'Save how far Canva is' }).click();
  await expect(notice(page)).toContainText('What you said about Canva is saved.');
  await expect(page.getByText('in 20 days.')).toBeVisible();

  // And the check says what it could and could not learn.
  await page.getByRole('button', { name: 'Check the app for Canva' }).click();
  await expect(notice(page)).toContainText('found something that needs a look');
  await expect(page.getByText('The redirect URIs of step 2 stand at Canva, as was said.')).toBeVisible();
  await expect(page.getByText('Canva was not asked: no call is known')).toBeVisible();
  await page.goto('/settings/apps?stage=in_review');
  await expect(page.getByRole('row', { name: /Canva/ })).toContainText('Ben Cole');
  expect(await page.content()).not.toContain(SECRET);
});

test('a secret is replaced without a gap, and the one that the provider accepts is used', async ({ page }) => {
  await signIn(page, 'Erin Park', '/settings/apps/asana');
  await page.getByText('Replace the secret without a gap').click();
  await page.getByLabel('New secret', { exact: true }).fill(SECRET);
  await expect(page.getByLabel('Keep the old secret until')).toHaveValue(dayIn(7));
  await page.getByRole('button', { name: 'Add the new secret of Asana' }).click();
  await expect(notice(page)).toContainText('The new secret of Asana is sealed');
  await expect(page.getByRole('heading', { name: 'Two secrets are held' })).toBeVisible();
  await expect(page.getByText('No call has shown yet that it is accepted.')).toBeVisible();

  await page.getByRole('button', { name: 'Check the app for Asana' }).click();
  await expect(page.getByText('the other one is: it is used from now on')).toBeVisible();
  await expect(page.getByText('Asana accepts client id and secret')).toBeVisible();
  await expect(page.getByText('Copy the newer secret again')).toBeVisible();
  await page.getByRole('button', { name: 'Remove the other secret' }).click();
  await expect(notice(page)).toContainText('The other secret of Asana is removed.');
  await expect(page.getByRole('heading', { name: 'Two secrets are held' })).toHaveCount(0);
});

test('a file goes in but for the row that is broken', async ({ page, watch }) => {
  watch.allow(422);
  await signIn(page, 'Erin Park', '/settings/apps');
  await page.getByRole('link', { name: 'Import from a file' }).click();
  await expect(page.getByRole('link', { name: 'Template as TOML' })).toBeVisible();
  const broken = `[apps.figma]\nclient_id = "figma-id"\nclient_secret = "${SECRET}"\n\n[apps.zoom]\nclient_id = 7\n`;
  await page.getByLabel('File').setInputFiles(file('apps.toml', broken));
  await page.getByRole('button', { name: 'Import the apps of this file' }).click();
  await expect(notice(page)).toContainText('1 line could not be used; the rest is stored.');
  await expect(notice(page)).toContainText('Stored: Figma');
  await expect(page.getByRole('row', { name: /zoom/ })).toContainText('client_id must be a text in quotes');
  expect(await page.content()).not.toContain(SECRET);

  await page.getByLabel('File').setInputFiles(file('apps.json', '{"apps":{"zoom":{"owner":"Ben Cole"}}}'));
  await page.getByRole('button', { name: 'Import the apps of this file' }).click();
  await expect(notice(page)).toContainText('Every app of the file is stored.');
  await expect(page.getByRole('row', { name: /Zoom/ })).toContainText('Ben Cole');
  await openApp(page, 'Figma');
  await expect(page.getByLabel('Client id')).toHaveValue('figma-id');
});

test('a redirect URI is copied by a button, or by hand', async ({ page, context, scripts, server }) => {
  await signIn(page, 'Erin Park', '/settings/apps/google');
  const uri = `${server.url}/callback/gmail`;
  await expect(page.getByLabel('Gmail', { exact: true })).toHaveValue(uri);
  const copy = page.getByRole('button', { name: 'Copy Gmail' });
  if (!scripts) {
    await expect(copy, 'no button that does nothing').toHaveCount(0);
    return;
  }
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await copy.click();
  await expect(page.locator('#status')).toHaveText('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(uri);
  await expect(copy, 'it says Copy again').toBeVisible();
});
