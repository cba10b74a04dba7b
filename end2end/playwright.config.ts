// How the browser tests run. `cargo xtask test --only browser` builds what they need and calls them; by hand it is
// `npx playwright test` in this folder.

import { defineConfig, devices } from '@playwright/test';

const desktop = { ...devices['Desktop Chrome'], viewport: { width: 1440, height: 900 } };

export default defineConfig({
  testDir: '.',
  outputDir: 'results',
  globalSetup: './support/setup.ts',
  // Every test has a server and a data folder of its own, so they may run side by side.
  fullyParallel: true,
  workers: 2,
  // A test that passes the second time only is a test that fails.
  retries: 0,
  forbidOnly: true,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: {
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.PATCHBAY_CHROMIUM || undefined,
      args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
    },
  },
  projects: [
    { name: 'scripts', testMatch: ['journeys/**/*.spec.ts', 'scripted/**/*.spec.ts'], use: desktop },
    // What a person can do without scripts is done again without them.
    {
      name: 'no-scripts',
      testMatch: 'journeys/**/*.spec.ts',
      use: { ...desktop, javaScriptEnabled: false },
    },
  ],
});
