// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: a person can do the product's main job on its pages. Method: the demo site is started as `npm start` does, and a
 * real browser signs in, opens every page in both languages, tops up an account and watches live readings arrive.
 * Screenshots are kept in test-output/pages.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { findChromium, openBrowser, violationsOn } from './browser.ts';
import { startProduct, type StartedProduct } from './product-process.ts';

const chromium = findChromium();
const shots = join(import.meta.dirname, '..', '..', 'test-output', 'pages');
const project = '/p/prj_ltp';
const projectPages = [
  '',
  '/wall',
  '/devices',
  '/claim',
  '/alarms',
  '/alarms?view=figures',
  '/alarm-schemes',
  '/notices',
  '/notices?tab=templates',
  '/held-readings',
  '/trend',
  '/ranking',
  '/comparison',
  '/loss',
  '/flow',
  '/rates',
  '/counter',
  '/shifts',
  '/payments',
  '/accounts',
  '/account-openings',
  '/account-record',
  '/arrears',
  '/supply',
  '/supply?tab=dry-run',
  '/supply?tab=calendars',
  '/supply?tab=emergency',
  '/prices',
  '/prices?tab=series',
  '/shared-costs',
  '/income',
  '/orders',
  '/consumption-report',
  '/daily-close',
  '/journal',
  '/document-templates',
];
const everyPage = [
  '/group',
  ...projectPages.map((path) => project + path),
  '/staff',
  '/actions',
  '/system',
  '/verify',
];

/** Values that are none, and codes ("meter.update") in a line or a cell of their own where words should stand. */
const nothingToShow = /undefined|NaN|\bnull\b|\[object|(?:^|\t)[a-z-]+(?:\.[a-z-]+)+(?:\t|$)/m;

interface Troubles {
  readonly list: string[];
}

/** What must not happen while pages are open: script errors, answers that are errors, nothing drawn. */
function watch(page: Page): Troubles {
  const list: string[] = [];
  page.on('pageerror', (error) => list.push(`script: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('401'))
      list.push(`console: ${message.text()}`);
  });
  page.on('response', (response) => {
    const asking = response.status() === 401 && response.url().endsWith('/api/session');
    if (response.status() >= 400 && !asking) list.push(`${String(response.status())} ${response.url()}`);
  });
  return { list };
}

/**
 * Pages of one account, of its metering point, of one gateway, of one meter that tells electrical parameters, of one
 * price scheme and of one order's document.
 */
async function pagesOfOne(page: Page): Promise<string[]> {
  const { accountId, pointId, gatewayId, meterId, schemeId, versionId, orderId } = await page.evaluate(
    async () => {
      const answer = await fetch('/api/projects/prj_ltp/accounts?limit=1');
      const { accounts } = (await answer.json()) as {
        accounts: { accountId: string; points: { meteringPointId: string }[] }[];
      };
      const told = await fetch('/api/projects/prj_ltp/gateways?limit=1');
      const { gateways } = (await told.json()) as { gateways: { id: string }[] };
      const seen = await fetch('/api/projects/prj_ltp/meter-states');
      const { meters } = (await seen.json()) as {
        meters: { meterId: string; parameters: Record<string, number> }[];
      };
      const priced = await fetch('/api/projects/prj_ltp/price-schemes');
      const { schemes } = (await priced.json()) as {
        schemes: { priceSchemeId: string; versions: { priceVersionId: string }[] }[];
      };
      const ordered = await fetch('/api/projects/prj_ltp/orders?kind=vend&limit=1');
      const { orders } = (await ordered.json()) as { orders: { postingId: string }[] };
      return {
        schemeId: schemes[0]?.priceSchemeId ?? '',
        versionId: schemes[0]?.versions[0]?.priceVersionId ?? '',
        orderId: orders[0]?.postingId ?? '',
        accountId: accounts[0]?.accountId ?? '',
        pointId: accounts[0]?.points[0]?.meteringPointId ?? '',
        gatewayId: gateways[0]?.id ?? '',
        meterId: (meters.find(({ parameters }) => 'voltage.l1' in parameters) ?? meters[0])?.meterId ?? '',
      };
    },
  );
  return [
    ...['', '?tab=ledger', '?tab=vends', '?tab=decisions', '?tab=history'].map(
      (tab) => `${project}/accounts/${accountId}${tab}`,
    ),
    ...['', '?tab=profile', '?tab=readings', '?tab=mounting'].map(
      (tab) => `${project}/points/${pointId}${tab}`,
    ),
    `${project}/gateways/${gatewayId}`,
    ...['', '?period=day&grain=raw', '?tab=profile', '?tab=readings', '?tab=mounting', '?tab=commands'].map(
      (tab) => `${project}/meters/${meterId}${tab}`,
    ),
    `${project}/meters/${meterId}?tab=alarms`,
    `${project}/claim?serial=NEVER-CALLED-1`,
    `${project}/prices/${schemeId}/new-version`,
    `${project}/prices/${schemeId}/versions/${versionId}`,
    `${project}/documents/${orderId}`,
  ];
}

(chromium === undefined ? describe.skip : describe)('the demo site in a browser', () => {
  let directory: string;
  let product: StartedProduct;
  let browser: Browser;
  const passwordOf = (login: string): string =>
    new RegExp(`^\\s*${login}\\s+(\\S+)`, 'm').exec(product.output())?.[1] ?? '';

  beforeAll(async () => {
    if (!existsSync(join(import.meta.dirname, '..', '..', 'dashboard', 'dist', 'index.html')))
      throw new Error('the dashboard is not built: run npm test, which builds it');
    mkdirSync(shots, { recursive: true });
    directory = await mkdtemp(join(tmpdir(), 'wattledger-pages-'));
    product = await startProduct(join(directory, 'data'));
    browser = await openBrowser(chromium ?? '');
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await product.stop();
    await rm(directory, { recursive: true, force: true });
  }, 120_000);

  async function signedIn(
    login: string,
    options: Parameters<Browser['newPage']>[0] = {},
  ): Promise<{ page: Page; troubles: Troubles }> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    const troubles = watch(page);
    await page.goto(product.url, { waitUntil: 'domcontentloaded' });
    await page.locator('input[autocomplete=username]').fill(login);
    await page.locator('input[type=password]').fill(passwordOf(login));
    await page.locator('button[type=submit]').click();
    await page.waitForURL((url) => !url.pathname.includes('sign-in'));
    return { page, troubles };
  }

  async function open(page: Page, path: string): Promise<void> {
    await page.goto(product.url + path, { waitUntil: 'domcontentloaded' });
    await page.locator('main h1').first().waitFor();
    // Skeletons give way to contents.
    await page.locator('main .skeleton').first().waitFor({ state: 'detached', timeout: 30_000 });
  }

  /** Looks at pages in two tabs at once: most of a look is waiting for charts to draw themselves in. */
  async function inTwoTabs(
    { page, troubles }: { readonly page: Page; readonly troubles: Troubles },
    paths: readonly string[],
    look: (page: Page, path: string) => Promise<void>,
  ): Promise<void> {
    const second = await page.context().newPage();
    const secondTroubles = watch(second);
    const waiting = [...paths];
    const tab = async (own: Page): Promise<void> => {
      for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
        await open(own, path);
        await look(own, path);
      }
    };
    await Promise.all([tab(page), tab(second)]);
    expect([...troubles.list, ...secondTroubles.list]).toEqual([]);
    await page.context().close();
  }

  test.each([
    ['en', 'light', { colorScheme: 'light', locale: 'en-GB' }],
    ['zh', 'dark', { colorScheme: 'dark', locale: 'zh-CN' }],
  ] as const)(
    'every page draws itself without errors, and axe finds nothing serious (%s, %s)',
    async (language, look, options) => {
      const session = await signedIn('admin', options);
      const found: string[] = [];
      const paths = [...everyPage, ...(await pagesOfOne(session.page)), '/me'];
      await inTwoTabs(session, paths, async (page, path) => {
        // Charts draw themselves in within a second.
        await page.waitForTimeout(1_000);
        await page.screenshot({ path: join(shots, `${language}-${look}-${path.replaceAll('/', '_')}.png`) });
        const nothing = nothingToShow.exec(await page.locator('main').innerText());
        if (nothing !== null) found.push(`${path} shows "${nothing[0]}"`);
        const shown = await page.locator('html').getAttribute('lang');
        if (shown !== language) found.push(`${path} is in ${String(shown)}`);
        for (const { id, impact, html } of await violationsOn(page))
          if (impact === 'serious' || impact === 'critical')
            found.push(`${path} ${id}: ${html.slice(0, 160)}`);
      });
      expect(found).toEqual([]);
    },
    600_000,
  );

  test('an account is topped up in words, with a receipt, and its ledger shows it', async () => {
    const { page, troubles } = await signedIn('finance');
    await open(page, `${project}/accounts`);
    await page.locator('main a[href*="/accounts/acc_"]').first().click();
    await page.waitForURL(/\/accounts\/acc_/);
    await page.getByRole('button', { name: 'Top up' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').first().fill('123.45');
    // The amount, then the confirmation in words, then the receipt.
    await dialog.locator('button.primary').click();
    await dialog.getByText('123.45').first().waitFor();
    await dialog.locator('button.primary').click();
    await dialog.getByRole('link', { name: 'Print three copies' }).waitFor();
    await page.screenshot({ path: join(shots, 'receipt.png') });
    // The ledger behind the page, as the server keeps it.
    const amounts = await page.evaluate(async (answered) => {
      const [, projectId, accountId] =
        /\/p\/([^/]+)\/accounts\/([^/?]+)/.exec(new URL(answered).pathname) ?? [];
      const answer = await fetch(
        `/api/projects/${String(projectId)}/accounts/${String(accountId)}/ledger?limit=5`,
      );
      const { entries } = (await answer.json()) as { entries: { kind: string; amountMicros: number }[] };
      return entries.filter(({ kind }) => kind === 'vend').map(({ amountMicros }) => amountMicros);
    }, page.url());
    expect(amounts).toContain(123_450_000);
    expect(troubles.list).toEqual([]);
    await page.context().close();
  }, 120_000);

  test("a session that ends under somebody's hands loses nothing that was typed", async () => {
    const { page } = await signedIn('finance');
    const [account] = await pagesOfOne(page);
    await open(page, account ?? '');
    await page.getByRole('button', { name: 'Top up' }).first().click();
    const form = page.getByRole('dialog').first();
    await form.getByRole('textbox').first().fill('77.70');
    await form.locator('button.primary').click();
    await form.getByText('77.70').first().waitFor();
    await page.evaluate(async () => await fetch('/api/session', { method: 'DELETE' }));
    await form.locator('button.primary').click();
    const again = page.getByRole('dialog', { name: 'Sign in again' });
    await again.locator('input[type=password]').fill('not the password');
    await again.locator('button.primary').click();
    await again.getByRole('alert').waitFor();
    await page.screenshot({ path: join(shots, 'sign-in-again.png') });
    await again.locator('input[type=password]').fill(passwordOf('finance'));
    await again.locator('button.primary').click();
    await again.waitFor({ state: 'detached' });
    // The same button again: the amount still stands there.
    await form.locator('button.primary').click();
    await form.getByRole('link', { name: 'Print three copies' }).waitFor();
    expect(await form.innerText()).toContain('77.70');
    await page.context().close();
  }, 60_000);

  test('an amount explains itself down to the registers', async () => {
    const { page, troubles } = await signedIn('finance');
    const [account] = await pagesOfOne(page);
    await open(page, account ?? '');
    await page.locator('wl-charges-tab button.expand').first().click();
    await page.locator('wl-explain-day button.slot').first().click();
    const evidence = page.locator('wl-slot-evidence');
    await evidence.getByText('Register readings').waitFor();
    await page.screenshot({ path: join(shots, 'explanation.png'), fullPage: true });
    // Readings around the interval, their difference times the multiplier, and nothing left unsaid.
    expect(await evidence.locator('tbody tr').count()).toBeGreaterThanOrEqual(3);
    expect(await evidence.getByText('do not add up').count()).toBe(0);
    expect(troubles.list).toEqual([]);
    await page.context().close();
  }, 60_000);

  test('the values of a meter stand by phase, and their history as chart and table', async () => {
    const { page, troubles } = await signedIn('admin');
    const history = (await pagesOfOne(page)).find((path) => path.includes('grain=raw')) ?? '';
    await open(page, history);
    await page.locator('wl-electrical-card').getByRole('rowheader', { name: 'Voltage V' }).waitFor();
    const shown = page.locator('wl-parameter-history');
    await shown.getByText('Kept since').waitFor();
    await shown.getByRole('button', { name: 'Chart or table' }).click();
    const values = shown.locator('tbody tr');
    await values.first().waitFor();
    // The project's local time to the second, then volts.
    expect(await values.first().innerText()).toMatch(/\d\d:\d\d:\d\d\s+2\d\d/);
    expect(troubles.list).toEqual([]);
    await page.context().close();
  }, 60_000);

  test('live readings reach an open page without reloading', async () => {
    const { page } = await signedIn('analyst');
    await open(page, project);
    // The stream of events itself: what the page listens to.
    const events = await page.evaluate(
      (id) =>
        new Promise<string[]>((resolve) => {
          const kinds: string[] = [];
          const source = new EventSource(`/api/projects/${id}/live`);
          const done = (): void => {
            source.close();
            resolve(kinds);
          };
          setTimeout(done, 30_000);
          for (const kind of ['message', 'changes', 'interval-energy', 'telemetry', 'live']) {
            source.addEventListener(kind, (event) => {
              kinds.push(String((event as MessageEvent).data).slice(0, 200));
              if (kinds.length >= 2) done();
            });
          }
        }),
      'prj_ltp',
    );
    expect(events.length).toBeGreaterThanOrEqual(2);
    await page.context().close();
  }, 120_000);

  test('what a role may not do is refused and not offered', async () => {
    const { page } = await signedIn('analyst');
    await open(page, project);
    expect(await page.getByRole('navigation').getByText('Prices', { exact: true }).count()).toBe(0);
    const answer = await page.evaluate(async () => (await fetch('/api/projects/prj_ltp/accounts')).status);
    expect(answer).toBe(403);
    await page.context().close();
  }, 60_000);

  test('on a phone no page is wider than the screen', async () => {
    const session = await signedIn('admin', {
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
    });
    const wider: string[] = [];
    const paths = [...everyPage, ...(await pagesOfOne(session.page)), '/me'];
    await inTwoTabs(session, paths, async (page, path) => {
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(shots, `phone-${path.replaceAll('/', '_')}.png`) });
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      if (overflow !== 0) wider.push(`${path} is ${String(overflow)} px wider`);
    });
    expect(wider).toEqual([]);
  }, 600_000);
});
