// Who is signed in, where they come back to, and what is not there.

import { signIn } from '../support/people';
import { expect, test } from '../support/test';

test('a page that needs a session comes back after signing in', async ({ page }) => {
  await page.goto('/integrations?q=asana&category=work-and-projects');
  await expect(page).toHaveURL(/\/sign-in\?return_to=/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to Patchbay');
  await page.getByRole('button', { name: /^Ana Ruiz/ }).click();
  await expect(page).toHaveURL('/integrations?q=asana&category=work-and-projects');
  await expect(page.getByRole('heading', { level: 3 })).toHaveText(['Asana']);
});

test('signing in never leads to another site (S18)', async ({ page, server }) => {
  for (const path of ['https://evil.example', '//evil.example', '/\\evil.example', '/%2f%2fevil.example', 'javascript:alert(1)']) {
    await page.goto(`/sign-in?return_to=${encodeURIComponent(path)}`);
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByRole('button', { name: /^Ana Ruiz/ }).click();
    expect((await answered).headers()['location'], path).toMatch(/^\/(?![/\\])/);
    await expect(page).not.toHaveURL(/sign-in/);
    expect(page.url().startsWith(`${server.url}/`)).toBe(true);
  }
});

test('a session is locked into the browser and ends on the server (S52, S57)', async ({ page, context }) => {
  await signIn(page, 'Ana Ruiz');
  const cookies = await context.cookies();
  expect(cookies.map((cookie) => cookie.name)).toEqual(['__Host-patchbay_session']);
  for (const cookie of cookies) {
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/', domain: 'localhost' });
  }
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByText('You are signed out.')).toBeVisible();
  expect(await context.cookies()).toEqual([]);
  await context.addCookies(cookies);
  await page.goto('/integrations');
  await expect(page, 'the old session is dead').toHaveURL(/\/sign-in/);
});

test('an unknown page is a page', async ({ page, watch }) => {
  watch.allow(404);
  await signIn(page, 'Ana Ruiz');
  for (const path of ['/nowhere', '/integrations/nowhere', '/connect/nowhere', '/connections/nowhere/disconnect',
    '/connections/nowhere/other-account']) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found');
    await expect(page.getByText('It may have moved, or you may not have access.')).toBeVisible();
    await expect(page).toHaveTitle('Page not found – Patchbay');
  }
  await page.getByRole('link', { name: 'Browse integrations' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Integrations');
});

test('the theme is chosen, kept, and the page stays', async ({ page }) => {
  await signIn(page, 'Ana Ruiz', '/integrations?q=asana');
  const html = page.locator('html');
  await expect(html).not.toHaveAttribute('data-theme', /./);
  await page.getByRole('button', { name: 'Dark' }).click();
  await expect(page).toHaveURL('/integrations?q=asana');
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Dark' })).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('button', { name: 'Light' }).click();
  await expect(html).toHaveAttribute('data-theme', 'light');
});
