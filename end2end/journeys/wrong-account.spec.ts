// Connected with the wrong account: it is let go of, and the provider asks for another one.

import { comes, connect, notice, signIn } from '../support/people';
import { Simulator } from '../support/simulator';
import { expect, test } from '../support/test';

test('Ana connected the wrong GitHub account: what will happen is said first, then GitHub asks which one', async ({
  page,
  watch,
  scripts,
}) => {
  await signIn(page, 'Ana Ruiz');
  await connect(page, 'github', 'GitHub');
  await comes(page, scripts, async (timeout) => {
    await expect(page.locator('[data-live="history"]')).toContainText('Done', { timeout });
  });
  const wrong = 'ana-ruiz-acme';
  await expect(page.locator('[data-live="state"]')).toContainText(wrong);

  await page.getByRole('link', { name: 'Not this account?' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Use another GitHub account?');
  await expect(page.getByText(`Connected now: ${wrong}`)).toBeVisible();
  const sentence = /This stops the import, deletes the [\d,]+ records that came and ends the access at GitHub\./;
  await expect(page.getByText(sentence)).toBeVisible();
  await expect(page.getByText('Then you can choose another account.')).toBeVisible();
  await page.getByRole('link', { name: 'Keep it' }).click();
  await expect(page.locator('[data-live="state"]')).toContainText(wrong);

  await page.getByRole('link', { name: 'Not this account?' }).click();
  await page.getByRole('button', { name: 'Let go of this GitHub account' }).click();
  await expect(notice(page)).toContainText('That GitHub account is disconnected.');
  await expect(notice(page)).toContainText('Its import has stopped and its records are deleted.');
  await expect(notice(page)).toBeFocused();
  await expect(page.getByRole('heading', { name: 'Connect another GitHub account' })).toBeVisible();
  await expect(page.getByText('GitHub asks which account it shall be.')).toBeVisible();

  await page.getByRole('button', { name: 'Choose another account at GitHub' }).click();
  await expect(page.getByText('Which one shall it be?')).toBeVisible();
  expect(new URL(page.url()).searchParams.get('prompt')).toBe('select_account');
  await expect(page.getByRole('radio', { checked: true })).toHaveCount(0);
  const other = page.getByRole('radio').nth(1);
  await other.check();
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(notice(page)).toContainText('GitHub is connected as “');
  await expect(notice(page)).not.toContainText(wrong);

  const simulator = new Simulator(watch.last('github.com'));
  await expect(async () => {
    expect(await simulator.asked('api.github.com', '/applications/')).not.toEqual([]);
  }).toPass();
});

test('where the provider documents no choice, the page says to sign out there first', async ({ page }) => {
  await signIn(page, 'Ana Ruiz');
  await connect(page, 'asana', 'Asana');
  await page.getByRole('link', { name: 'Not this account?' }).click();
  await expect(page.getByText('Then you can connect another account, once you have signed out at Asana.')).toBeVisible();
  await page.getByRole('button', { name: 'Let go of this Asana account' }).click();
  await expect(
    page.getByText('Sign out at app.asana.com first, or Asana goes on with the account that is signed in there.'),
  ).toBeVisible();
  await page.getByRole('button', { name: 'Continue to Asana' }).click();
  await page.getByRole('radio').nth(1).check();
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(notice(page)).toContainText('Asana is connected as “ops@acme.example”.');
});
