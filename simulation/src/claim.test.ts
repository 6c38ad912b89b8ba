// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: from the first packet of a device that nobody knows to the first charge on an account, on the pages alone. Method: the
 * product as a process with its ports open; an Acrel meter uploads over TCP and a gateway speaks Acrel's second language over
 * MQTT, both real clients; an engineer claims them in a browser and opens the account. The product's clock is set ahead from
 * slot to slot, because a claimed point counts from the next full slot on.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import type { AccountDetail } from '@wattledger/contracts/http/billing';
import type { DeviceLookup, UnclaimedDevices } from '@wattledger/contracts/http/claims';
import type { MeterStates } from '@wattledger/contracts/http/ingest';
import type { Tree } from '@wattledger/contracts/http/registry';
import { SimulatedMqttGateway, SimulatedUploadMeter, type SummaryImage } from '@wattledger/ingest';
import { signIn, type Api } from './api.ts';
import { findChromium, openBrowser } from './browser.ts';
import { freePort } from './free-port.ts';
import { startProduct, type StartedProduct } from './product-process.ts';

const chromium = findChromium();
const shots = join(import.meta.dirname, '..', '..', 'test-output', 'pages');
const secret = 'a shared secret of the test';
const quarterMs = 900_000;
/** Shanghai has one offset all year: what a meter's clock shows. */
const zone = 'Asia/Shanghai';
const zoneAheadMs = 8 * 3_600_000;
const uploader = '24101500230017';
const gatewaySerial = '22081700450009';
const meterBehind = '23050400110021';
const productKey = 'yzkj';
/** 1.00 a kilowatt-hour: a charge in micros is a thousand times the watt-hours. */
const rateMicros = 1_000_000;
const login = 'ada';

(chromium === undefined ? describe.skip : describe)('a device that nobody knows', () => {
  let directory: string;
  let product: StartedProduct;
  let browser: Browser;
  let page: Page;
  let api: Api;
  let projectId: string;
  let password: string;
  let meter: SimulatedUploadMeter;
  let gateway: SimulatedMqttGateway;
  const troubles: string[] = [];
  const endings: (() => unknown)[] = [];
  /** Counts of 0.01 kWh that the two meters show. */
  let uploadedCount = 123_456;
  let behindCount = 98_765;
  let aheadMs = 0;

  beforeAll(async () => {
    if (!existsSync(join(import.meta.dirname, '..', '..', 'dashboard', 'dist', 'index.html')))
      throw new Error('the dashboard is not built: run npm test, which builds it');
    mkdirSync(shots, { recursive: true });
    directory = await mkdtemp(join(tmpdir(), 'wattledger-claim-'));
    const [acrelPort, mqttPort] = [await freePort(), await freePort()];
    const ahead = pathToFileURL(join(import.meta.dirname, 'clock-ahead.ts')).href;
    product = await startProduct(join(directory, 'data'), ['--empty'], {
      NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${ahead}`,
      CALLERS_ZONE: zone,
      ACREL_UPLOAD_PORT: String(acrelPort),
      DIAL_IN_PORT: 'off',
      MQTT_PORT: String(mqttPort),
      MQTT_SECRET: secret,
    });
    endings.push(() => product.stop());
    api = await signIn(
      () => product.url,
      'admin',
      /as admin with password (\S+)/.exec(product.output())?.[1] ?? '',
    );
    await makeProject();
    meter = new SimulatedUploadMeter(
      { port: acrelPort, serial: uploader, uploadIntervalMinutes: 5 },
      imageNow(),
    );
    gateway = gatewayOf(mqttPort);
    browser = await openBrowser(chromium ?? '');
    endings.push(
      () => browser.close(),
      () => gateway.stop(),
      () => meter.disconnect(),
    );
    page = await signedIn();
  }, 240_000);
  afterAll(async () => {
    for (const end of endings.reverse()) await end();
    await rm(directory, { recursive: true, force: true });
  }, 120_000);

  const nowMs = (): number => Math.floor((Date.now() + aheadMs) / 1_000) * 1_000;
  /** The product's clock, and those of the meters: a quarter of an hour later. */
  async function laterByOneSlot(): Promise<void> {
    process.kill(product.pid, 'SIGUSR2');
    aheadMs += quarterMs;
    await until('the clock of the product', async () => {
      const health = await api.get<{ nowMs: number }>('/api/health');
      return Math.abs(health.nowMs - Date.now() - aheadMs) < 60_000;
    });
  }

  function imageNow(): SummaryImage {
    return {
      modelCode: 7,
      phases: 1,
      counts: [uploadedCount, 0, uploadedCount, 0, 0],
      volts: 230.1,
      amperes: 5.23,
      kilowatts: 1.198,
      balance: 0,
      closed: true,
      localMs: nowMs() + zoneAheadMs,
    };
  }
  function gatewayOf(port: number): SimulatedMqttGateway {
    return new SimulatedMqttGateway({
      url: `mqtt://127.0.0.1:${String(port)}`,
      serial: gatewaySerial,
      password: secret,
      subscribe: [`sys/server/${productKey}/${gatewaySerial}`],
      heard: (_, message) => {
        if (message['method'] !== 'call_topo') return;
        const payload = [{ addr: '3_1', meteraddr: 1, portid: 3, meterName: 'ADL300-EY', sn: meterBehind }];
        const answer = { method: 'call_topo', msgid: message['msgid'], payload };
        void gateway.say(`sys/dev/${productKey}/${gatewaySerial}`, answer);
      },
    });
  }
  const tellBehind = async (): Promise<void> =>
    await gateway.say(`data/up/${productKey}/${gatewaySerial}`, {
      sn: gatewaySerial,
      method: 'update',
      msgid: '7',
      timestamp: nowMs(),
      addr: '3_1',
      reported: { state: 1, Ua: 230.1, P: 0.5, EPI: behindCount / 100, Balance: 5, SwitchSta: 1 },
    });

  async function makeProject(): Promise<void> {
    const weekday = Object.fromEntries(
      ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((day) => [
        day,
        'all',
      ]),
    );
    ({ projectId } = await api.post<{ projectId: string }>(
      '/api/projects/import-site',
      JSON.stringify({
        project: {
          code: 'new',
          name: 'New House',
          zone,
          currency: 'EUR',
          slot_minutes: 15,
          calendar_id: 'flat',
          calendar_name: 'Flat',
        },
        day_profiles: [{ profile: 'all', from: '00:00', period: 'flat' }],
        seasons: [{ name: 'year', from: '01-01', ...weekday }],
        tenants: [{ code: 'T', name: 'Baker Ltd', class: 'shop' }],
      }),
    ));
    const person = async (name: string, roles: readonly object[]): Promise<string> => {
      const body = { login: name, name, roles };
      return (await api.post<{ initialPassword: string }>('/api/staff', body)).initialPassword;
    };
    const second = await signIn(
      () => product.url,
      'second',
      await person('second', [{ projectId: '*', role: 'administrator' }]),
    );
    const project = `/api/projects/${projectId}`;
    const scheme = { name: 'Shops', medium: 'electricity' };
    const { priceSchemeId } = await api.post<{ priceSchemeId: string }>(`${project}/price-schemes`, scheme);
    const versions = `${project}/price-schemes/${priceSchemeId}/versions`;
    const { priceVersionId } = await api.post<{ priceVersionId: string }>(versions, {
      effectiveFromMs: Math.floor(Date.now() / quarterMs) * quarterMs - 86_400_000,
      rates: { flat: rateMicros },
    });
    await api.post(`${versions}/${priceVersionId}/submit`, {});
    await second.post(`${versions}/${priceVersionId}/approve`, {});
    const first = await person(login, [
      { projectId, role: 'engineer' },
      { projectId, role: 'finance' },
    ]);
    await signIn(() => product.url, login, first);
    // The first one had to be changed.
    password = `${first}-${login}'s-own`;
  }

  async function signedIn(): Promise<Page> {
    const opened = await browser.newPage({ viewport: { width: 1440, height: 1000 }, locale: 'en-GB' });
    opened.on('pageerror', (error) => troubles.push(`script: ${error.message}`));
    opened.on('response', (response) => {
      const asking = response.status() === 401 && response.url().endsWith('/api/session');
      if (response.status() >= 400 && !asking)
        troubles.push(`${String(response.status())} ${response.url()}`);
    });
    await opened.goto(product.url, { waitUntil: 'domcontentloaded' });
    await opened.locator('input[autocomplete=username]').fill(login);
    await opened.locator('input[type=password]').fill(password);
    await opened.locator('button[type=submit]').click();
    await opened.waitForURL((url) => !url.pathname.includes('sign-in'));
    return opened;
  }
  async function open(path: string): Promise<void> {
    await page.goto(`${product.url}/p/${projectId}${path}`, { waitUntil: 'domcontentloaded' });
    await page.locator('main h1').first().waitFor();
  }

  /** Chooses from the list that a picker opens. */
  async function pick(picker: Locator, wanted: string): Promise<void> {
    await picker.getByRole('button').click();
    await page.getByRole('combobox', { name: 'Search' }).fill(wanted);
    await page.getByRole('option').filter({ hasText: wanted }).first().click();
  }

  /** What an engineer does in front of the cabinet. @param typed the serial, or what a scanner typed from the label */
  async function claim(typed: string, serial: string, shot: string): Promise<void> {
    await open('/claim');
    await page.locator('input[name=serial]').fill(typed);
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.getByRole('region', { name: 'What called in' }).getByText(serial).waitFor();
    const row = page.locator('wl-claim-meter');
    await pick(row.locator('div.field', { hasText: 'Tenant' }).locator('wl-search-picker'), 'Baker Ltd');
    await page.getByRole('button', { name: 'Check only' }).click();
    await page.getByText('Nothing stands in the way.').waitFor();
    await page.screenshot({ path: join(shots, `${shot}-before.png`), fullPage: true });
    await page.getByRole('button', { name: 'Claim', exact: true }).click();
    await page.getByText('is claimed').waitFor();
  }
  const firstReadingShown = async (send: () => Promise<void>): Promise<void> =>
    await until('the first reading', async () => {
      await send();
      return await page.getByText('First readings: 1 of 1').isVisible();
    });
  const lookup = async (label: string): Promise<DeviceLookup> =>
    await api.get(`/api/unclaimed-devices/lookup?label=${encodeURIComponent(label)}`);

  test('calls in: it is listed with what it tells, and nothing of it is a reading', async () => {
    await meter.connect();
    await meter.upload(imageNow());
    await gateway.connect();
    await gateway.say(`sys/dev/${productKey}/${gatewaySerial}`, {
      method: 'login',
      msgid: '1',
      sn: gatewaySerial,
      timestamp: nowMs(),
      payload: { upInterval: 5, devname: 'awt100_4g', softversion: '2.1', ccid: '8986', network: 0 },
    });
    await tellBehind();
    await until('both are listed', async () => {
      const { devices } = await api.get<UnclaimedDevices>('/api/unclaimed-devices');
      return devices.length === 2 && devices.every(({ topology }) => topology.length === 1);
    });
    expect((await lookup(uploader)).device).toMatchObject({
      via: 'acrel-upload',
      kind: 'meter',
      modelId: 'acrel-ddsy1352',
    });
    expect((await lookup(gatewaySerial)).device).toMatchObject({
      via: 'mqtt',
      dialect: 'acrel-v2',
      productKey,
      topology: [{ serial: meterBehind, lineAddress: '3_1', modelId: 'acrel-dtsy1352' }],
    });
    const tree = await api.get<Tree>(`/api/projects/${projectId}/tree`);
    expect([tree.meters, tree.points]).toEqual([[], []]);
    await open('/claim');
    await page.getByRole('button', { name: new RegExp(gatewaySerial) }).waitFor();
    await page.getByRole('button', { name: new RegExp(uploader) }).waitFor();
  }, 120_000);

  test('is claimed by its serial, or by what a scanner read; its next upload is shown', async () => {
    await claim(uploader, uploader, 'claim-upload');
    // A meter uploads again and again: the first after the claim may still have been counted as nobody's.
    await firstReadingShown(() => meter.uploadUntilTaken(imageNow()));
    expect(await page.locator('wl-claim-progress li').innerText()).toContain('1,234.56');
    await claim(`https://iot.example/d?sn=${gatewaySerial}`, gatewaySerial, 'claim-mqtt');
    await firstReadingShown(tellBehind);
    expect(await page.locator('wl-claim-progress li').innerText()).toContain('987.65');
    await page.screenshot({ path: join(shots, 'claim-done.png'), fullPage: true });
    expect((await api.get<UnclaimedDevices>('/api/unclaimed-devices')).devices).toEqual([]);
    expect(await lookup(uploader)).toMatchObject({ state: 'claimed', claimed: { projectId } });
  }, 120_000);

  test('is charged from its first full slot on, to the watt-hour', async () => {
    await open('/accounts');
    await page.getByRole('button', { name: 'Open an account' }).click();
    const dialog = page.getByRole('dialog');
    const tenant = page.getByRole('button', { name: 'Choose the tenant' });
    await pick(dialog.locator('wl-search-picker').filter({ has: tenant }), 'Baker Ltd');
    await dialog.getByText(meterBehind).first().waitFor();
    await dialog.getByText(uploader).first().waitFor();
    await page.screenshot({ path: join(shots, 'claim-account.png') });
    await dialog.getByRole('button', { name: 'Look at everything' }).click();
    await dialog.getByRole('button', { name: 'Open the account' }).click();
    await dialog.waitFor({ state: 'detached' });
    const { accounts } = await api.get<{ accounts: { accountId: string }[] }>(
      `/api/projects/${projectId}/accounts`,
    );
    const account = `/api/projects/${projectId}/accounts/${accounts[0]?.accountId ?? ''}`;

    // Within the first slot that counts, as they stood; then a quarter of an hour later, with 1.50 and 2.25 kWh more.
    await laterByOneSlot();
    await meter.uploadUntilTaken(imageNow());
    await tellBehind();
    await laterByOneSlot();
    uploadedCount += 150;
    behindCount += 225;
    await meter.uploadUntilTaken(imageNow());
    await tellBehind();
    const charged = 3_750 * (rateMicros / 1_000);
    await until('the charge', async () => (await api.get<AccountDetail>(account)).chargedMicros >= charged);
    const detail = await api.get<AccountDetail>(account);
    expect(detail).toMatchObject({ chargedMicros: charged, balanceMicros: -charged });
    expect(detail.points.map(({ meters }) => meters.map(({ serial }) => serial)).sort()).toEqual([
      [meterBehind],
      [uploader],
    ]);

    await open(`/accounts/${accounts[0]?.accountId ?? ''}`);
    const facts = page.getByRole('region', { name: 'Account' }).or(page.locator('main'));
    await facts.getByText('3.75').first().waitFor();
    await page.screenshot({ path: join(shots, 'claim-charged.png'), fullPage: true });
    const states = await api.get<MeterStates>(`/api/projects/${projectId}/meter-states`);
    expect(states.meters.map(({ online }) => online)).toEqual([true, true]);
    expect(troubles).toEqual([]);
  }, 120_000);
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`${what} did not come`);
    await sleep(500);
  }
}
