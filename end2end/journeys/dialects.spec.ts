// Every provider that can be connected, through its own consent page.

import { comes, connect, leaveFor, notice, signIn } from '../support/people';
import { expect, test } from '../support/test';

/** Integrations without a field that has to be filled in first. */
const PLAIN = [
  ['airtable', 'Airtable'],
  ['asana', 'Asana'],
  ['box', 'Box'],
  ['calendly', 'Calendly'],
  ['canva', 'Canva'],
  ['clickup', 'ClickUp'],
  ['discord', 'Discord'],
  ['dropbox', 'Dropbox'],
  ['github', 'GitHub'],
  ['gitlab', 'GitLab'],
  ['gmail', 'Gmail'],
  ['google-calendar', 'Google Calendar'],
  ['google-chat', 'Google Chat'],
  ['google-drive', 'Google Drive'],
  ['hubspot', 'HubSpot'],
  ['intercom', 'Intercom'],
  ['jira', 'Jira'],
  ['linear', 'Linear'],
  ['linkedin', 'LinkedIn'],
  ['mailchimp', 'Mailchimp'],
  ['microsoft-teams', 'Microsoft Teams'],
  ['monday', 'monday.com'],
  ['notion', 'Notion'],
  ['outlook', 'Outlook'],
  ['quickbooks', 'QuickBooks Online'],
  ['salesforce', 'Salesforce'],
  ['slack', 'Slack'],
  ['spotify', 'Spotify'],
  ['trello', 'Trello'],
  ['xero', 'Xero'],
  ['zoho-books', 'Zoho Books'],
  ['zoom', 'Zoom'],
] as const;

for (const [id, name] of PLAIN) {
  test(`Ana connects ${name} and tests it`, async ({ page }) => {
    await signIn(page, 'Ana Ruiz');
    await connect(page, id, name);
    await expect(page).toHaveURL(`/integrations/${id}?notice=connected`);
    await page.getByRole('button', { name: 'Test now' }).click();
    await expect(notice(page)).toContainText('Works.');
    // “Connecting” until its history is there; no card joins a list under a person's hand, so the list is read again.
    await page.goto('/integrations?state=connected');
    await comes(page, false, (timeout) =>
      expect(page.getByRole('link', { name, exact: true })).toBeVisible({ timeout }),
    );
  });
}

test('Ana connects her Shopify shop, after a wrong name (S30)', async ({ page, watch }) => {
  await signIn(page, 'Ana Ruiz');
  await page.goto('/integrations/shopify');
  const shop = page.getByLabel('Shop address');
  await shop.fill('acme.myshopify.com.evil.example');
  watch.allow(422);
  await page.getByRole('button', { name: 'Continue to Shopify' }).click();
  await expect(page.getByRole('alert')).toContainText('can’t be a Shop address');
  await expect(page.getByLabel('Shop address'), 'what was typed is still there').toHaveValue(
    'acme.myshopify.com.evil.example',
  );
  await page.getByLabel('Shop address').fill('acme.myshopify.com');
  await leaveFor(page, 'Shopify');
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(notice(page)).toContainText('Shopify is connected as “');
});

test('Ana connects her Zendesk by its subdomain, after a wrong one (S32)', async ({ page, watch }) => {
  await signIn(page, 'Ana Ruiz');
  await page.goto('/integrations/zendesk');
  await page.getByLabel('Zendesk subdomain').fill('acme.evil');
  watch.allow(422);
  await page.getByRole('button', { name: 'Continue to Zendesk' }).click();
  await expect(page.getByRole('alert')).toContainText('can’t be a Zendesk subdomain');
  await page.getByLabel('Zendesk subdomain').fill('acme');
  await leaveFor(page, 'Zendesk');
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(notice(page)).toContainText('Zendesk is connected as “ana@acme.example”');
});

test('Ana connects Figma for her team, after she said no there once', async ({ page }) => {
  await signIn(page, 'Ana Ruiz');
  await page.goto('/integrations/figma');
  await page.getByLabel('Figma team ID').fill('1234567890123456789');
  await leaveFor(page, 'Figma');
  await page.getByRole('button', { name: 'Deny' }).click();
  await expect(page.getByRole('heading', { level: 1 }), 'Figma sends nobody back').toHaveText('Patchbay gets no access');
  await page.goto('/integrations/figma');
  await page.getByRole('link', { name: 'Continue connecting Figma' }).click();
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(notice(page)).toContainText('Figma is connected as “');
});

test('Ana links a bank at Plaid, after leaving once without one', async ({ page }) => {
  await signIn(page, 'Ana Ruiz');
  await page.goto('/integrations/plaid');
  await page.getByLabel('Environment').selectOption({ label: 'Test banks' });
  await leaveFor(page, 'Plaid');
  await expect(page.getByText('First Platypus Bank')).toBeVisible();
  await page.getByRole('button', { name: 'Deny' }).click();
  await expect(notice(page)).toContainText('You left Plaid before finishing.');
  await page.getByLabel('Environment').selectOption({ label: 'Test banks' });
  await leaveFor(page, 'Plaid');
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(notice(page)).toContainText('Plaid is connected as “First Platypus Bank”.');
  await page.getByRole('button', { name: 'Test now' }).click();
  await expect(notice(page)).toContainText('Works.');
});

test('Ana declines at Trello, and is told that nothing happened (S23)', async ({ page }) => {
  await signIn(page, 'Ana Ruiz');
  await page.goto('/integrations/trello');
  await leaveFor(page, 'Trello');
  await page.getByRole('button', { name: 'Deny' }).click();
  await expect(notice(page)).toContainText('The request was declined at Trello.');
});

test('Ana allows Gmail less than was asked, and is told what is missing (S26)', async ({ page, scripts }) => {
  await signIn(page, 'Ana Ruiz');
  await page.goto('/integrations/gmail');
  await leaveFor(page, 'Gmail');
  await page.getByRole('checkbox', { name: /gmail\.readonly/ }).uncheck();
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(page).toHaveURL(/\/integrations\/gmail/);
  await comes(page, scripts, (timeout) =>
    expect(page.locator('[data-live="state"]')).toContainText('Connected, limited', { timeout }),
  );
});
