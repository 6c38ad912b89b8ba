// SPDX-License-Identifier: Apache-2.0
/** Goal: whoever signs in with a password that others know is led to choosing one, and from there to where they were going. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { findChromium, openBrowser } from '../browser.ts';
import { startProduct, type StartedProduct } from '../product-process.ts';

const chromium = findChromium();

(chromium === undefined ? describe.skip : describe)('the first administrator in a browser', () => {
  let directory: string;
  let product: StartedProduct;
  let browser: Browser;

  beforeAll(async () => {
    if (!existsSync(join(import.meta.dirname, '..', '..', '..', 'dashboard', 'dist', 'index.html')))
      throw new Error('the dashboard is not built: run npm test, which builds it');
    directory = await mkdtemp(join(tmpdir(), 'wattledger-first-password-'));
    product = await startProduct(join(directory, 'data'), ['--empty']);
    browser = await openBrowser(chromium ?? '');
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await product.stop();
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  test('chooses a password of their own before anything else', async () => {
    const password = /as admin with password (\S+)/.exec(product.output())?.[1] ?? '';
    const page = await browser.newPage({ locale: 'en-GB' });
    await page.goto(`${product.url}/staff`, { waitUntil: 'domcontentloaded' });
    await page.locator('input[autocomplete=username]').fill('admin');
    await page.locator('input[type=password]').fill(password);
    await page.locator('button[type=submit]').click();
    await page.waitForURL((url) => url.pathname === '/me');
    await page.getByText('Choose your own now').waitFor();
    expect(await page.getByRole('table').count()).toBe(0);
    // Every other page leads back.
    await page.goto(`${product.url}/system`, { waitUntil: 'domcontentloaded' });
    await page.waitForURL((url) => url.pathname === '/me' && url.searchParams.get('next') === '/system');
    const own = 'nine quiet otters';
    await page.locator('input[autocomplete=current-password]').fill(password);
    for (const box of await page.locator('input[autocomplete=new-password]').all()) await box.fill(own);
    await page.locator('main button[type=submit]').click();
    await page.waitForURL((url) => url.pathname === '/system');
    await page.locator('main h1').first().waitFor();
    await page.close();
  }, 60_000);
});
