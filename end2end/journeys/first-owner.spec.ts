// A live deployment from its first start: the set-up token, a provider app, and the way to the real provider.

import { VERIFIES_MS } from '../support/figures';
import { notice } from '../support/people';
import { expect, test } from '../support/test';

const PASSWORD = 'correct horse battery staple';
const SECRET = 'made-up-secret-of-google';

test.use({ start: { live: true, verify: true } });

test('an owner goes from the set-up token to Google, with what Google documents (S60)', async ({ page, server, watch }) => {
  test.setTimeout(2 * VERIFIES_MS);
  // Given a deployment in which nobody can sign in: no default account, only the token.
  await page.goto('/');
  await expect(page).toHaveURL('/sign-in');
  await page.getByRole('link', { name: 'Set up Patchbay' }).click();
  watch.allow(422);
  await page.getByLabel('Set-up token').fill('a guess');
  await page.getByLabel('Your name').fill('Olga Owner');
  await page.getByLabel('Your e-mail address').fill('olga@acme.example');
  await page.getByLabel('A password').fill(PASSWORD);
  await page.getByLabel('First customer').fill('Acme');
  await page.getByRole('button', { name: 'Make me the owner' }).click();
  await expect(page.getByRole('alert')).toContainText('This set-up token is not right');
  await expect(page.getByLabel('Your name'), 'what was typed is still there').toHaveValue('Olga Owner');

  // When the token is used
  await page.getByLabel('Set-up token').fill(server.setupToken());
  await page.getByLabel('A password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Make me the owner' }).click();
  await expect(notice(page)).toContainText('You are the owner.');

  // Then Google's app can be registered: every redirect URI is there to copy, and the secret goes one way.
  await expect(page.getByRole('link', { name: /^Not registered 32$/ })).toBeVisible();
  await page.getByRole('link', { name: 'Google', exact: true }).click();
  await expect(page.getByText('Register an app at Google: steps 1 to 4 say how.')).toBeVisible();
  for (const id of ['google-calendar', 'gmail', 'google-chat', 'google-drive']) {
    await expect(page.locator(`#uri-${id}`)).toHaveValue(`${server.url}/callback/${id}`);
  }
  await page.getByLabel('Client id').fill('1234.apps.googleusercontent.com');
  await page.getByLabel('Client secret').fill(SECRET);
  await page.getByRole('button', { name: 'Save the app for Google' }).click();
  await expect(notice(page)).toContainText('The app for Google is saved.');
  expect(await page.content()).not.toContain(SECRET);
  await expect(page.getByLabel('Client secret')).toHaveValue('');

  // And Gmail leaves for the provider's own address, once its checks have passed here.
  await page.getByRole('button', { name: 'Act for Acme' }).first().click();
  await expect(async () => {
    await page.goto('/integrations/gmail');
    await expect(page.getByRole('button', { name: 'Continue to Gmail' })).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: VERIFIES_MS });
  watch.allowAway('accounts.google.com');
  await page.route('https://accounts.google.com/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<h1>Google, played by the test</h1>' }),
  );
  await page.getByRole('button', { name: 'Continue to Gmail' }).click();
  await page.waitForURL('https://accounts.google.com/**');
  const asked = Object.fromEntries(new URL(page.url()).searchParams);
  expect(new URL(page.url()).pathname).toBe('/o/oauth2/v2/auth');
  expect(asked).toEqual({
    client_id: '1234.apps.googleusercontent.com',
    redirect_uri: `${server.url}/callback/gmail`,
    response_type: 'code',
    scope: 'openid email https://www.googleapis.com/auth/gmail.readonly',
    access_type: 'offline',
    prompt: 'consent',
    state: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
  });
  expect(server.log(), 'the log holds no secret').not.toContain(SECRET);
});
