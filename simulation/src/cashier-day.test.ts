// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: one day of a cashier on the product's pages, from the float to the second signature, agrees to the last unit with the
 * ledger. Method: the product as a process, a small arcade whose consumption is known, and a real browser that does what the
 * cashier does; papers are read by Chromium and by pdftotext, which know nothing of the product. Screenshots and papers are
 * kept in test-output/cashier-day. The demo would not do: its tenants pay by themselves.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { Browser, Locator, Page } from 'playwright-core';
import type {
  AccountDetail,
  DayCloseView,
  DocumentList,
  DocumentRow,
  Income,
  OrderList,
  ShiftList,
  TrialBalance,
} from '@wattledger/contracts/http/billing';
import { findChromium, openBrowser, violationsOn } from './browser.ts';
import {
  bankReferenceOf,
  makeCounterSite,
  shops,
  slotChargeMicros,
  slotMs,
  type CounterSite,
} from './counter-site.ts';
import { runCommand, startProduct, type StartedProduct } from './product-process.ts';

const chromium = findChromium();
const readsPapers = spawnSync('pdftotext', ['-v']).status === 0;
if (!readsPapers && process.env['WATTLEDGER_REQUIRE_ALL'] === '1') throw new Error('pdftotext is missing');
if (!readsPapers)
  process.stderr.write('skipped: a day at the counter (no pdftotext: apt-get install poppler-utils)\n');
const shots = join(import.meta.dirname, '..', '..', 'test-output', 'cashier-day');

/** What is done, in micros. */
const [float, first, second, wrong] = [300_000_000, 150_000_000, 88_800_000, 500_000_000];
const handedMicros = 100_000_000;
const missingMicros = 500_000;
/** A payment that the bank knows of and nobody else. */
const strangerMicros = 15_000_000;

(chromium === undefined || !readsPapers ? describe.skip : describe)('a day at the counter', () => {
  let directory: string;
  let product: StartedProduct;
  let browser: Browser;
  let site: CounterSite;
  let page: Page;
  let refundMicros = 0;
  let failedAt: string | null = null;
  const troubles: string[] = [];

  beforeAll(async () => {
    if (!existsSync(join(import.meta.dirname, '..', '..', 'dashboard', 'dist', 'index.html')))
      throw new Error('the dashboard is not built: run npm test, which builds it');
    mkdirSync(shots, { recursive: true });
    directory = await mkdtemp(join(tmpdir(), 'wattledger-cashier-'));
    product = await startProduct(join(directory, 'data'), ['--empty'], {
      ACREL_UPLOAD_PORT: 'off',
      DIAL_IN_PORT: 'off',
    });
    const password = /as admin with password (\S+)/.exec(product.output())?.[1] ?? '';
    site = await makeCounterSite(() => product.url, password);
    await site.readMeters();
    browser = await openBrowser(chromium ?? '');
    page = await signedIn(site.cashier);
  }, 240_000);
  afterAll(async () => {
    await browser.close();
    await product.stop();
    await rm(directory, { recursive: true, force: true });
  }, 120_000);

  /** One after the other: what fails is shown as it stood, and nothing is done after it. */
  function step(what: string, does: () => Promise<void>): void {
    test(
      what,
      async () => {
        if (failedAt !== null) throw new Error(`not done, because this failed: ${failedAt}`);
        try {
          await does();
        } catch (error) {
          failedAt = what;
          await page.screenshot({ path: join(shots, 'failed.png') });
          throw error;
        }
      },
      90_000,
    );
  }

  /** Script errors and refused questions are troubles; what is refused on purpose is named. */
  function watch(watched: Page, refusals: readonly string[] = []): Page {
    watched.on('pageerror', (error) => troubles.push(`script: ${error.message}`));
    watched.on('response', (response) => {
      const asking = response.status() === 401 && response.url().endsWith('/api/session');
      const meant = refusals.some((path) => response.url().endsWith(path));
      if (response.status() >= 400 && !asking && !meant)
        troubles.push(`${String(response.status())} ${response.url()}`);
    });
    return watched;
  }
  async function signedIn(person: { readonly login: string; readonly password: string }): Promise<Page> {
    const opened = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
    watch(opened, [`/daily-closes/${site.today}/sign`]);
    await opened.goto(product.url, { waitUntil: 'domcontentloaded' });
    await opened.locator('input[autocomplete=username]').fill(person.login);
    await opened.locator('input[type=password]').fill(person.password);
    await opened.locator('button[type=submit]').click();
    await opened.waitForURL((url) => !url.pathname.includes('sign-in'));
    return opened;
  }
  async function open(path: string, on = page): Promise<void> {
    await on.goto(`${product.url}/p/${site.projectId}${path}`, { waitUntil: 'domcontentloaded' });
    await on.locator('main h1').first().waitFor();
    await on.locator('main .skeleton').first().waitFor({ state: 'detached' });
  }
  /** Keeps how it looks, and axe's opinion of it. */
  async function look(name: string, on = page): Promise<void> {
    await on.screenshot({ path: join(shots, `${name}.png`) });
    for (const { id, impact, html } of await violationsOn(on))
      if (impact === 'serious' || impact === 'critical')
        troubles.push(`${name} ${id}: ${html.slice(0, 160)}`);
  }
  const dialog = (): Locator => page.getByRole('dialog');
  const press = (name: string | RegExp, within: Page | Locator = dialog()): Promise<void> =>
    within.getByRole('button', { name, exact: typeof name === 'string' }).click();
  const get = async <T>(path: string): Promise<T> => await site.admin.get<T>(site.project + path);
  const documentsOf = async (query: string): Promise<readonly DocumentRow[]> =>
    (await get<DocumentList>(`/documents?limit=500&${query}`)).documents;
  const balanceOf = async (shop: 'noodles' | 'bakery' | 'tailor'): Promise<number> =>
    (await get<AccountDetail>(`/accounts/${site.accountOf(shop)}`)).balanceMicros;

  async function choose(picker: Locator, wanted: string): Promise<void> {
    await picker.getByRole('button').click();
    await page.getByRole('combobox', { name: 'Search' }).fill(wanted);
    await page.getByRole('option').filter({ hasText: wanted }).first().click();
  }

  step('begins with a counted float; nobody takes money before', async () => {
    await open('/counter');
    await page.getByText('Open a shift before you take money').waitFor();
    await press('Open shift', page);
    await dialog().getByLabel('¥100.00 ×').fill('2');
    await dialog().getByLabel('¥50.00 ×').fill('2');
    await dialog().getByText('¥300.00').waitFor();
    await look('01-float');
    await press('Open the shift');
    await page.getByText('Shift 1', { exact: true }).waitFor();
  });

  step('an account is opened for the free metering point, its first top-up paid in cash', async () => {
    await open('/accounts');
    await press('Open an account', page);
    await choose(dialog().locator('wl-search-picker').first(), shops.tea.name);
    await dialog().getByText(shops.tea.point, { exact: true }).waitFor();
    await dialog().getByLabel('First top-up').fill('150');
    await look('02-open-account');
    await press('Look at everything');
    await dialog().getByText('¥150.00').first().waitFor();
    await look('03-open-account-summary');
    await press('Open the account');
    await dialog().waitFor({ state: 'detached' });
    const [sale] = await documentsOf('kind=sale');
    expect(sale).toMatchObject({ amountMicros: first, number: 4 });
  });

  /** Presses Tab until the field of that label has the focus. */
  async function tabTo(label: string): Promise<void> {
    const field = dialog().getByLabel(label);
    for (let tabs = 0; tabs < 20; tabs += 1) {
      if (await field.evaluate((element) => element === element.ownerDocument.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`${label} is not reached by Tab`);
  }

  step('a customer is found, pays and gets change without a hand leaving the keyboard', async () => {
    await open('/counter');
    await page.getByText('Shift 1', { exact: true }).waitFor();
    await page.keyboard.type('noodle');
    await page.getByRole('option').filter({ hasText: shops.noodles.name }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Take money' }).waitFor();
    await page.keyboard.press('Enter');
    await dialog().getByLabel('Amount (CNY)').waitFor();
    await tabTo('Amount (CNY)');
    await page.keyboard.type('88.80');
    await tabTo('Cash handed over (CNY)');
    await page.keyboard.type('100');
    await dialog().getByText('¥11.20').waitFor();
    await look('04-change');
    await page.keyboard.press('Enter');
    await dialog().getByText('Top up ¥88.80 for').waitFor();
    await focused('Top up ¥88.80');
    await look('05-confirm');
    await page.keyboard.press('Enter');
    await dialog().getByRole('link', { name: 'Print three copies' }).waitFor();
    expect(await dialog().innerText()).toMatch(/Receipt 5[\s\S]*¥88\.80[\s\S]*¥11\.20/);
    await look('06-receipt');
    await focused('Done');
    await page.keyboard.press('Enter');
    await dialog().waitFor({ state: 'detached' });
  });
  const focused = async (name: string): Promise<void> => {
    await until(
      `focus on ${name}`,
      async () =>
        await dialog()
          .getByRole('button', { name, exact: true })
          .evaluate((element) => element === element.ownerDocument.activeElement),
    );
  };

  /** Prints the three copies of the document page that is open. @returns the text of each page, by Chromium's paper and by the product's PDF */
  async function printed(
    kind: string,
    name: string,
  ): Promise<{ readonly browser: string[]; readonly pdf: string[] }> {
    const document = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: kind }) });
    await document.getByRole('button', { name: 'Print three copies' }).click();
    const frame = page.locator('wl-paper-frame iframe');
    await frame.waitFor();
    await until('the paper', async () => ((await frame.getAttribute('srcdoc')) ?? '').includes('wl-copy'));
    await look(`${name}-page`);
    const paper = await browser.newPage();
    await paper.setContent((await frame.getAttribute('srcdoc')) ?? '', { waitUntil: 'load' });
    const byBrowser = await paper.pdf({ preferCSSPageSize: true, printBackground: true });
    await paper.close();
    const href = (await page.getByRole('link', { name: 'PDF' }).getAttribute('href')) ?? '';
    const answer = await page.request.get(new URL(href, product.url).href);
    expect([answer.status(), answer.headers()['content-type']]).toEqual([200, 'application/pdf']);
    return {
      browser: await pagesOfPdf(`${name}-browser`, byBrowser),
      pdf: await pagesOfPdf(`${name}-product`, await answer.body()),
    };
  }
  async function pagesOfPdf(name: string, bytes: Buffer): Promise<string[]> {
    const file = join(shots, `${name}.pdf`);
    await writeFile(file, bytes);
    spawnSync('pdftoppm', ['-png', '-r', '60', file, join(shots, name)]);
    const { status, stdout } = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
    expect(status).toBe(0);
    // Every page ends with a form feed.
    return stdout
      .split('\f')
      .slice(0, -1)
      .map((text) => text.replace(/\s+/g, ' '));
  }

  step(
    'three copies are printed: for tenant, finance and archive, with one number, amount and code',
    async () => {
      await open('/orders?period=day');
      await look('07-orders');
      const row = page.getByRole('row').filter({ hasText: shops.noodles.name }).filter({ hasText: '¥88.80' });
      await row.getByRole('link', { name: 'Document 5' }).click();
      await page.waitForURL(/\/documents\//);
      const [sale] = (await documentsOf('kind=sale')).filter(({ number }) => number === 5);
      const grouped = (sale?.code ?? '').replace(/(.{4})(?=.)/g, '$1-');
      const papers = await printed('Receipt', '08-receipt');
      for (const pages of [papers.browser, papers.pdf]) {
        expect(pages).toHaveLength(3);
        ['tenant', 'finance', 'archive'].forEach((copy, index) => {
          expect(pages[index]).toMatch(new RegExp(`copy[^\n]*${copy}|${copy}[^\n]*copy`, 'i'));
          for (const text of ['88.80', grouped, shops.noodles.name]) expect(pages[index]).toContain(text);
          expect(pages[index]).toMatch(/Number 0*5\b/);
        });
      }
      // Anybody may ask whether the paper is genuine, and learns nothing personal.
      const stranger = watch(
        await browser.newPage({ viewport: { width: 390, height: 844 }, locale: 'en-GB' }),
      );
      await stranger.goto(`${product.url}/verify`, { waitUntil: 'domcontentloaded' });
      await stranger.getByLabel('Verification code').fill(sale?.code ?? '');
      await stranger.getByRole('button', { name: 'Check' }).click();
      await stranger.getByText('This document was issued here and has not been changed.').waitFor();
      const told = await stranger.locator('main').innerText();
      expect(told).toContain('¥88.80');
      expect(told).not.toContain('Noodle');
      await look('09-verify', stranger);
      await stranger.getByLabel('Verification code').fill('AAAA-BBBB-CCCC');
      await stranger.getByRole('button', { name: 'Check' }).click();
      await stranger.getByText('No document with this code was issued here.').waitFor();
      await stranger.close();
    },
  );

  step('a top-up of the wrong amount is taken back with a reason, and both entries stay', async () => {
    const before = await balanceOf('bakery');
    await open('/counter');
    await page.getByRole('combobox', { name: 'Find a customer' }).fill('bakery');
    await page.getByRole('option').filter({ hasText: shops.bakery.name }).click();
    await press('Take money', page);
    await dialog().getByLabel('Amount (CNY)').fill('500');
    await press('Continue');
    await press('Top up ¥500.00');
    await press('Done');
    expect(await balanceOf('bakery')).toBe(before + wrong);
    await press('Receipt 6', page);
    await press('Reverse…');
    await dialog().getByLabel('Reason').fill('Customer wanted to pay 50, five hundred was typed');
    await look('10-reversal');
    await press('Reverse ¥500.00');
    await dialog()
      .getByText(/Reversed .*five hundred was typed/)
      .waitFor();
    await dialog().locator('button.primary').click();
    await page.getByText('Receipt 6 is reversed.').waitFor();
    expect(await balanceOf('bakery')).toBe(before);
    await look('11-counter-after-reversal');
  });

  step(
    'an account is closed: final readings, final charge, the rest paid out in cash, with its paper',
    async () => {
      const closedAtMs = await site.readMeters();
      refundMicros = shops.tailor.paidMicros - ((closedAtMs - site.openedAtMs) / slotMs) * slotChargeMicros;
      await open(`/accounts/${site.accountOf('tailor')}`);
      await look('12-account');
      await press('More', page);
      await page.getByRole('menuitem', { name: 'Close the account…' }).click();
      await dialog().getByLabel('Closed at').fill(localField(closedAtMs, site.zone));
      await dialog().getByLabel('Reason').fill('Moves out');
      await dialog().getByText(moneyText(refundMicros)).first().waitFor();
      await look('13-close-account');
      await press('Close the account');
      await dialog().getByRole('link', { name: 'Closing document' }).waitFor();
      await look('14-account-closed');
      await dialog().getByRole('link', { name: 'Closing document' }).click();
      await page.waitForURL(/\/documents\//);
      await page.locator('main .skeleton').first().waitFor({ state: 'detached' });
      const papers = await printed('Closing', '15-closing');
      for (const pages of [papers.browser, papers.pdf]) {
        expect(pages).toHaveLength(3);
        for (const text of pages) expect(text).toContain(moneyText(refundMicros).slice(1));
      }
      const account = await get<AccountDetail>(`/accounts/${site.accountOf('tailor')}`);
      expect(account).toMatchObject({ state: 'closed', balanceMicros: 0, refundedMicros: refundMicros });
    },
  );

  step("the overview of orders and today's income say what was done, to the last unit", async () => {
    const transfers = shops.noodles.paidMicros + shops.bakery.paidMicros + shops.tailor.paidMicros;
    const { totals } = await get<OrderList>(`/orders?fromDay=${site.today}&toDay=${site.today}`);
    const total = (kind: string, means: string): number =>
      totals.find((row) => row.kind === kind && row.means === means)?.amountMicros ?? 0;
    expect([total('vend', 'cash'), total('vend', 'transfer'), total('reversal', 'cash')]).toEqual([
      first + second + wrong,
      transfers,
      -wrong,
    ]);
    const { rows } = await get<Income>(`/income?fromDay=${site.today}&toDay=${site.today}`);
    expect(rows).toMatchObject([
      {
        cashMicros: first + second,
        transferMicros: transfers,
        reversedMicros: wrong,
        refundedMicros: refundMicros,
      },
    ]);
    await open('/orders?period=day');
    const shown = await page.getByRole('region', { name: 'Totals' }).innerText();
    for (const micros of [first + second + wrong, transfers, wrong, refundMicros])
      expect(shown).toContain(moneyText(micros));
    await look('16-orders');
    await open('/income?period=day');
    await page
      .getByText(moneyText(first + second + transfers))
      .first()
      .waitFor();
    await look('17-income');
  });

  step(
    'the drawer is lightened, counted with a small difference, and the shift closed for ever',
    async () => {
      await open('/counter');
      await press('Hand in cash', page);
      await dialog().getByLabel('Taken out of the drawer').fill('100');
      await dialog().getByLabel('Where to, and who took it').fill('Safe, taken by Mei');
      await press('Hand in');
      await dialog().waitFor({ state: 'detached' });
      const expected = float + first + second - refundMicros - handedMicros;
      await press('Close shift', page);
      await press('Sum only');
      await dialog()
        .getByLabel('Cash counted')
        .fill(String((expected - missingMicros) / 1e6));
      // What is expected is not shown before the drawer was counted.
      expect(await dialog().innerText()).not.toContain(moneyText(expected));
      await look('18-count');
      await press('Continue');
      await dialog().getByText(moneyText(expected)).waitFor();
      await dialog().getByLabel('Reason of the difference').fill('One coin fell behind the counter');
      await look('19-difference');
      await press('Close the shift');
      await dialog().getByText('Shift 1', { exact: true }).waitFor();
      await dialog().getByRole('button', { name: 'Done' }).waitFor();
      await look('20-slip');
      await press('Done');
      await dialog().waitFor({ state: 'detached' });
      const { shifts } = await get<ShiftList>('/shifts');
      expect(shifts).toMatchObject([
        { state: 'closed', expectedCashMicros: expected, closing: { differenceMicros: -missingMicros } },
      ]);
    },
  );

  step('the day is closed with every open item answered, and signed by somebody else only', async () => {
    await open(`/daily-close?day=${site.today}`);
    const answers = page.getByRole('row').filter({ has: page.getByPlaceholder('Answer') });
    await answers.first().waitFor();
    expect(await page.getByRole('button', { name: 'Close the day' }).isDisabled()).toBe(true);
    await look('21-day-open');
    const paid = (['noodles', 'bakery', 'tailor'] as const).map(
      (shop) => [bankReferenceOf(shop), shops[shop].paidMicros] as const,
    );
    const at = new Date().toISOString();
    const lines = [...paid, ['BANK-UNKNOWN', strangerMicros] as const].map(
      ([reference, micros]) => `${reference},${(micros / 1e6).toFixed(2)},${at}`,
    );
    await page.getByRole('combobox', { name: 'Paid by' }).selectOption('transfer');
    await page.locator('input[type=file]').setInputFiles({
      name: 'bank.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(['payment_ref,amount,received_at', ...lines, ''].join('\n')),
    });
    await page.getByText('At the provider, not in the ledger').waitFor();
    const { figures } = await get<DayCloseView>(`/daily-closes/${site.today}`);
    expect(
      figures.items.map(({ kind, amountMicros, otherMicros }) => [kind, amountMicros, otherMicros]),
    ).toEqual([
      ['ledger-lacks', null, strangerMicros],
      ['shift-difference', -missingMicros, null],
    ]);
    await look('22-day-compared');
    for (const text of ['Not ours: sent back by the bank', 'One coin, found tomorrow or written off']) {
      const before = await answers.count();
      await answers.first().getByPlaceholder('Answer').fill(text);
      await answers.first().getByRole('button', { name: 'Save' }).click();
      await page.getByText(text).waitFor();
      await until('the answer', async () => (await answers.count()) === before - 1);
    }
    await press('Close the day', page);
    await page.getByText('closed, waits for a signature').waitFor();
    await look('23-day-closed');
    await press('Sign as second person', page);
    await page.getByRole('alert').first().waitFor();
    await look('24-own-signature-refused');
    const other = await signedIn(site.signer);
    await open(`/daily-close?day=${site.today}`, other);
    await other.getByRole('button', { name: 'Sign as second person' }).click();
    await other.getByText('closed and signed', { exact: true }).waitFor();
    await look('25-day-signed', other);
    await other.close();
    expect(await get<DayCloseView>(`/daily-closes/${site.today}`)).toMatchObject({
      state: 'signed',
      closes: [{ closedBy: { name: site.cashier.name }, signed: { by: { name: site.signer.name } } }],
    });
  });

  step('the journal of the day balances and equals the ledger; no number is missing', async () => {
    const days = `fromDay=${site.today}&toDay=${site.today}`;
    const file = await page.request.get(`${product.url}${site.project}/journal.csv?${days}`);
    const rows = parse(await file.text(), { columns: true, bom: true }) as Record<string, string>[];
    const sumOf = (column: string, of = rows): number =>
      of.reduce((sum, row) => sum + Math.round(Number(row[column] ?? 0) * 1e6), 0);
    const byPosting = Map.groupBy(rows, (row) => row['posting']);
    for (const entries of byPosting.values()) expect(sumOf('debit', entries)).toBe(sumOf('credit', entries));
    const balance = await get<TrialBalance>(`/trial-balance?${days}`);
    expect([sumOf('debit'), sumOf('credit')]).toEqual([balance.debitMicros, balance.creditMicros]);
    const cash = balance.rows.find(({ ledgerAccount }) => ledgerAccount === 'cash');
    expect(Math.abs(cash?.closingMicros ?? 0)).toBe(first + second - missingMicros);
    await open('/journal?period=day');
    await look('26-journal');

    const numbers = new Map<string, number[]>();
    for (const { kind, number } of await documentsOf(days))
      numbers.set(kind, [...(numbers.get(kind) ?? []), number]);
    for (const found of numbers.values())
      expect(found.sort((a, b) => a - b)).toEqual(found.map((_, index) => index + 1));
    expect([...numbers].map(([kind, found]) => [kind, found.length]).sort()).toEqual([
      ['cash-shift', 1],
      ['closing', 1],
      ['day-close', 1],
      ['opening', 4],
      ['refund', 1],
      ['reversal', 1],
      ['sale', 6],
    ]);
    expect(troubles).toEqual([]);
    const doctor = await runCommand(['doctor', '--data', join(directory, 'data')]);
    expect(`${String(doctor.code)} ${doctor.output}`).toMatch(/^0 /);
  });
});

/** As the pages show it in English. */
const moneyText = (micros: number): string =>
  `¥${(micros / 1e6).toLocaleString('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

/** Value of a datetime-local field in a zone. */
function localField(instantMs: number, zone: string): string {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  return text.format(instantMs).replace(' ', 'T');
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`${what} did not come`);
    await sleep(100);
  }
}
