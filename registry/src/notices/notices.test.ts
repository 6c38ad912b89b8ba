// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: whoever the scheme names is told once, by the channel it names, and every outcome is kept. Method: a real mail
 * server and a real receiver of webhooks, both on sockets; signals come by the log, time is ours.
 */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { topics, type AlarmSignal } from '@wattledger/contracts';
import type { AlarmDetail, AlarmList, AlarmRecipient, AlarmScheme } from '@wattledger/contracts/http/alarms';
import type { NoticeList, OwnNoticeList, TemplateList } from '@wattledger/contracts/http/notices';
import { cookieOf, startTestRegistry, type TestPerson, type TestRegistry } from '../testing/index.ts';
import { startMailServer, startReceiver, type MailServer, type Receiver } from './testing/receivers.ts';
import { usualScheme } from '../alarm-schemes/usual-scheme.ts';

jest.setTimeout(60_000);

const secret = 'a-shared-key-of-the-test';
const minute = 60_000;
const noonMs = Date.parse('2026-03-02T12:00:00Z');

let mail: MailServer;
let hook: Receiver;
let kit: TestRegistry;
let engineer: TestPerson;
let projectId: string;
let meterId: string;
let tenantId: string;

beforeAll(async () => {
  mail = await startMailServer();
  hook = await startReceiver();
  kit = await startTestRegistry('notices', {
    channels: {
      smtp: { url: mail.url, from: 'Wattledger <alarms@example.com>' },
      sms: null,
      webhook: { secret, allowPrivate: true },
    },
  });
  kit.parts.clock.set(noonMs);
  const boss = await kit.person('boss', [{ projectId: '*', role: 'administrator' }]);
  const id = async (path: string, body: object): Promise<string> =>
    ((await boss.send('POST', path, body)).body as { id: string }).id;
  projectId = await id('/api/projects', { code: 'p', name: 'Plaza', zone: 'UTC', currency: 'EUR' });
  meterId = await id(`/api/projects/${projectId}/meters`, { serial: 'M-7' });
  tenantId = await id(`/api/projects/${projectId}/tenants`, {
    code: 't',
    name: 'Café <b>Bold</b> & Co',
    email: 'tenant@example.com',
    tenantClass: 'shop',
  });
  engineer = await kit.person('engineer', [{ projectId, role: 'engineer' }]);
});
afterAll(async () => {
  await kit.stop();
  await mail.stop();
  await hook.stop();
});
beforeEach(() => {
  mail.received.length = 0;
  hook.received.length = 0;
  mail.refuse(null);
  hook.answer(200);
});

/** Sessions end with the days that the clock is moved on. */
async function moveTo(instant: string): Promise<void> {
  kit.parts.clock.set(Date.parse(instant));
  const { login, password } = engineer;
  const cookie = cookieOf(await kit.http.send('POST', '/api/session', { login, password }));
  engineer = {
    ...engineer,
    cookie,
    send: async (method, path, body) => await kit.http.send(method, path, body, { cookie }),
  };
}
let schemeId: string | null = null;
async function scheme(change: Partial<AlarmScheme>): Promise<void> {
  const body = { ...usualScheme, name: 'All', recipients: [], repeatMinutes: 0, ...change };
  const base = `/api/projects/${projectId}/alarm-schemes`;
  const answer =
    schemeId === null
      ? await engineer.send('POST', base, body)
      : await engineer.send('PUT', `${base}/${schemeId}`, body);
  expect(answer.body).toMatchObject({ name: 'All' });
  schemeId = (answer.body as AlarmScheme).id;
}
async function signal(change: Partial<AlarmSignal>): Promise<void> {
  const value: AlarmSignal = {
    ...{ projectId, kind: 'overload', subjectKind: 'meter', subjectId: meterId, state: 'raised' },
    at: kit.parts.clock.nowMs(),
    facts: { powerW: '5100', limit: '5000' },
    ...change,
  };
  await kit.parts.eventLog.append(topics.alarmSignals, [{ key: value.subjectId, value }]);
  await kit.parts.drain();
  await kit.registry.workNotices();
}
const later = async (byMs: number): Promise<void> => {
  kit.parts.clock.advance(byMs);
  await kit.registry.workNotices();
};
const open = async (kind = 'overload'): Promise<AlarmDetail> => {
  const base = `/api/projects/${projectId}/alarms`;
  const { alarms } = (await engineer.send('GET', `${base}?kind=${kind}&state=any`)).body as AlarmList;
  return (await engineer.send('GET', `${base}/${alarms[0]?.id ?? ''}`)).body as AlarmDetail;
};
const base = {
  language: 'en',
  kinds: null,
  severityMin: 'information',
  afterMinutes: 0,
} as const;
const mailbox = (address: string, more: object = {}) =>
  ({ to: { kind: 'address', name: 'Watch', address }, channel: 'email', ...base, ...more }) as const;
const webhook = (more: object = {}) =>
  ({
    to: { kind: 'address', name: 'Desk', address: hook.url },
    channel: 'webhook',
    ...base,
    ...more,
  }) as const;

test('opening and clearing are told once each by mail and webhook, signed, with their outcome', async () => {
  await scheme({ recipients: [mailbox('watch@example.com'), webhook()], tellCleared: true });
  await signal({});
  await signal({ facts: { powerW: '5200', limit: '5000' } });
  expect(mail.received).toMatchObject([
    {
      to: ['watch@example.com'],
      subject: '[Critical] Overload: M-7',
      text: expect.stringContaining('power (W): 5100'),
    },
  ]);
  expect(hook.received).toHaveLength(1);
  const [call] = hook.received;
  const { 'x-wattledger-timestamp': timestamp, 'x-wattledger-signature': signature } = call?.headers ?? {};
  const expected = createHmac('sha256', secret)
    .update(`${String(timestamp)}.${call?.body ?? ''}`)
    .digest('hex');
  expect(signature).toBe(`sha256=${expected}`);
  expect(JSON.parse(call?.body ?? '')).toMatchObject({
    event: 'opened',
    kind: 'overload',
    subjectId: meterId,
  });

  await signal({ state: 'cleared' });
  expect(mail.received).toHaveLength(2);
  expect(hook.received).toHaveLength(2);
  const { notices } = await open();
  expect(
    notices.map(({ event, channel, state, answer }) => [event, channel, state, answer !== null]),
  ).toEqual([
    ['opened', 'email', 'sent', true],
    ['opened', 'webhook', 'sent', true],
    ['cleared', 'email', 'sent', true],
    ['cleared', 'webhook', 'sent', true],
  ]);
});

test('every kind of alarm is told of, once when it opens and once when it clears', async () => {
  await scheme({ recipients: [webhook()], tellCleared: true });
  for (const kind of Object.keys(usualScheme.rules) as AlarmSignal['kind'][]) {
    hook.received.length = 0;
    await signal({ kind, subjectId: `mtr_${kind}`, facts: {} });
    await signal({ kind, subjectId: `mtr_${kind}`, facts: {} });
    await signal({ kind, subjectId: `mtr_${kind}`, state: 'cleared', facts: {} });
    expect(hook.received.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { kind, event: 'opened' },
      { kind, event: 'cleared' },
    ]);
  }
});

test('a provider that is down is tried again until it answers; every attempt is kept in its own words', async () => {
  await scheme({ recipients: [mailbox('watch@example.com'), webhook()] });
  mail.refuse('451 4.3.0 try later');
  hook.answer(503);
  await signal({ subjectId: 'mtr_down' });
  await later(minute);
  expect(mail.received).toHaveLength(0);
  mail.refuse(null);
  hook.answer(204);
  await later(2 * minute);
  expect(mail.received).toHaveLength(1);
  const { notices } = await open();
  for (const { id, channel } of notices) {
    const { body } = await engineer.send('GET', `/api/projects/${projectId}/notices/${id}`);
    expect(body).toMatchObject({
      state: 'sent',
      attempts: 3,
      tries: [
        { outcome: 'failed', answer: expect.stringContaining(channel === 'email' ? 'try later' : '503') },
        { outcome: 'failed' },
        { outcome: 'sent' },
      ],
    });
  }
  // The id is the same in every attempt: a receiver can tell.
  expect(new Set(hook.received.map(({ headers }) => headers['x-wattledger-id'])).size).toBe(1);
  await signal({ subjectId: 'mtr_down', state: 'cleared' });
});

test('a refusal for good is given up at once, shown, and tried again by hand', async () => {
  await scheme({ recipients: [mailbox('watch@example.com')] });
  mail.refuse('550 5.1.1 no such mailbox');
  await signal({ subjectId: 'mtr_refused' });
  const path = `/api/projects/${projectId}/notices`;
  const given = (await engineer.send('GET', `${path}?state=given-up`)).body as NoticeList;
  expect(given.notices).toMatchObject([{ attempts: 1, answer: expect.stringContaining('no such mailbox') }]);
  mail.refuse(null);
  const again = `${path}/${given.notices[0]?.id ?? ''}/retry`;
  expect((await engineer.send('POST', again)).status).toBe(200);
  await kit.registry.workNotices();
  expect(mail.received).toHaveLength(1);
  expect((await engineer.send('POST', again)).status).toBe(409);
  await signal({ subjectId: 'mtr_refused', state: 'cleared' });
});

test('a message whose sender died is sent again when its lease is over', async () => {
  await scheme({ recipients: [webhook()] });
  await signal({ subjectId: 'mtr_lease' });
  // As a process leaves it that was killed between the receiver's answer and its own commit.
  await kit.parts.database.query(
    `update registry.notices set state = 'queued', due_at_ms = $1, sent_at_ms = null where subject_id = 'mtr_lease'`,
    [kit.parts.clock.nowMs() + 3 * minute],
  );
  await later(2 * minute);
  expect(hook.received).toHaveLength(1);
  await later(2 * minute);
  expect(hook.received).toHaveLength(2);
  expect(new Set(hook.received.map(({ headers }) => headers['x-wattledger-id'])).size).toBe(1);
  await signal({ subjectId: 'mtr_lease', state: 'cleared' });
});

describe('escalation', () => {
  const recipients = (): AlarmRecipient[] => [webhook(), mailbox('chief@example.com', { afterMinutes: 30 })];
  test('tells the next when nobody has acknowledged, once', async () => {
    await scheme({ recipients: recipients() });
    await signal({ subjectId: 'mtr_esc' });
    await later(29 * minute);
    expect(mail.received).toHaveLength(0);
    await later(minute);
    await later(60 * minute);
    expect(mail.received.map(({ subject }) => subject)).toEqual([
      expect.stringContaining('Nobody has acknowledged'),
    ]);
    expect((await open()).history.map(({ what }) => what)).toEqual(['opened', 'escalated']);
    await signal({ subjectId: 'mtr_esc', state: 'cleared' });
  });
  test('an acknowledgement stops it, and so does clearing', async () => {
    await scheme({ recipients: recipients() });
    await signal({ subjectId: 'mtr_ack' });
    const { id } = await open();
    const many = { alarmIds: [id, id], note: 'on it' };
    const answer = await engineer.send('POST', `/api/projects/${projectId}/alarms/acknowledge`, many);
    expect(answer.body).toEqual({ acknowledged: 1 });
    await signal({ subjectId: 'mtr_over' });
    await signal({ subjectId: 'mtr_over', state: 'cleared' });
    await later(60 * minute);
    expect(mail.received).toHaveLength(0);
    await signal({ subjectId: 'mtr_ack', state: 'cleared' });
  });
});

describe('quiet hours', () => {
  const quietHours: AlarmScheme['quietHours'] = {
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    fromMinute: 22 * 60,
    toMinute: 7 * 60,
    overrideSeverity: 'critical',
  };
  test('hold messages back, give a summary in the morning, and let the grave ones through', async () => {
    await moveTo('2026-03-03T23:30:00Z');
    await scheme({ recipients: [mailbox('watch@example.com')], quietHours });
    await signal({ kind: 'stale-reading', subjectId: 'mtr_q1', facts: {} });
    await signal({ kind: 'stale-reading', subjectId: 'mtr_q2', facts: {} });
    expect(mail.received).toHaveLength(0);
    await signal({ kind: 'overload', subjectId: 'mtr_q3' });
    expect(mail.received).toHaveLength(1);
    await later(7 * 60 * minute + 29 * minute);
    expect(mail.received).toHaveLength(1);
    await later(minute);
    expect(mail.received).toHaveLength(2);
    expect(mail.received[1]).toMatchObject({ subject: '2 alarm messages of the quiet hours: Plaza' });
    expect(mail.received[1]?.text).toMatch(/mtr_q1[\s\S]*mtr_q2/);
    expect((await open('stale-reading')).notices).toMatchObject([{ state: 'summarised' }]);
  });
});

test('the same alarm is not told again within the span of no repeats', async () => {
  await moveTo('2026-03-05T12:00:00Z');
  await scheme({ recipients: [webhook()], repeatMinutes: 60, tellCleared: true });
  const turn = async (): Promise<void> => {
    await signal({ subjectId: 'mtr_rep' });
    await signal({ subjectId: 'mtr_rep', state: 'cleared' });
  };
  await turn();
  await turn();
  expect(hook.received.map(({ body }) => (JSON.parse(body) as { event: string }).event)).toEqual([
    'opened',
    'cleared',
  ]);
  expect((await open()).notices).toMatchObject([{ event: 'opened', state: 'withheld' }]);
  kit.parts.clock.advance(61 * minute);
  await turn();
  expect(hook.received).toHaveLength(4);
});

test('the tenant is told of a low balance at the address of the registry, and nothing in a name becomes markup', async () => {
  const tenant: AlarmRecipient = {
    to: { kind: 'tenant' },
    channel: 'email',
    ...base,
    kinds: ['low-balance-2'],
  };
  await scheme({ recipients: [tenant] });
  await signal({
    ...{ kind: 'low-balance-2', subjectKind: 'account', subjectId: 'acc_1' },
    facts: { balanceMicros: '12345678', tenantId },
  });
  expect(mail.received).toMatchObject([{ to: ['tenant@example.com'], subject: 'Balance very low: Plaza' }]);
  expect(mail.received[0]?.text).toContain('€12.34');
  expect(mail.received[0]?.html).toContain('Café &lt;b&gt;Bold&lt;/b&gt; &amp; Co');
  expect(mail.received[0]?.html).not.toContain('<b>');
});

test('a kind that the scheme has switched off opens nothing; a class of tenants has its own scheme', async () => {
  const rule = { ...usualScheme.rules['clock-drift'], enabled: false };
  await scheme({ rules: { ...usualScheme.rules, 'clock-drift': rule as never } });
  await signal({ kind: 'clock-drift', subjectId: 'mtr_off', facts: {} });
  const path = `/api/projects/${projectId}/alarms?kind=clock-drift&subjectId=mtr_off`;
  expect((await engineer.send('GET', path)).body).toMatchObject({ alarms: [] });
  const ofClass = {
    ...usualScheme,
    name: 'Shops',
    tenantClass: 'shop',
    recipients: [webhook()],
    repeatMinutes: 0,
  };
  const made = await engineer.send('POST', `/api/projects/${projectId}/alarm-schemes`, ofClass);
  expect(made.status).toBe(201);
  expect((await engineer.send('POST', `/api/projects/${projectId}/alarm-schemes`, ofClass)).status).toBe(409);
  await signal({ kind: 'arrears', subjectKind: 'account', subjectId: 'acc_2', facts: { tenantId } });
  expect(hook.received).toHaveLength(1);
  // The signal that clears names no tenant: in one batch with the one that raises, the class holds all the same.
  const about = { projectId, kind: 'arrears', subjectKind: 'account', subjectId: 'acc_3', at: 1 } as const;
  const both: readonly AlarmSignal[] = [
    { ...about, state: 'raised', facts: { tenantId } },
    { ...about, state: 'cleared', facts: {} },
  ];
  await kit.parts.eventLog.append(
    topics.alarmSignals,
    both.map((value) => ({ key: value.subjectId, value })),
  );
  await kit.parts.drain();
  await kit.registry.workNotices();
  expect(hook.received).toHaveLength(2);
  const snapshots = await kit.snapshots();
  expect(snapshots.get(`alarm-scheme/${(made.body as AlarmScheme).id}`)).toMatchObject({
    tenantClass: 'shop',
  });
  expect(JSON.stringify([...snapshots.values()])).not.toContain(hook.url);
});

test('the bell counts what a person has not read, and shows nobody else’s', async () => {
  const role = { to: { kind: 'role', role: 'engineer' }, channel: 'in-app', ...base } as const;
  await scheme({ recipients: [role] });
  const stranger = await kit.person('stranger', [{ projectId, role: 'analyst' }]);
  await signal({ subjectId: 'mtr_bell' });
  const own = async (): Promise<OwnNoticeList> =>
    (await engineer.send('GET', '/api/own-notices')).body as OwnNoticeList;
  const { notices, unread } = await own();
  expect(unread).toBe(1);
  expect(notices[0]).toMatchObject({ kind: 'overload', severity: 'critical' });
  expect((await stranger.send('GET', '/api/own-notices')).body).toEqual({ notices: [], unread: 0 });
  await stranger.send('POST', '/api/own-notices/read', { ids: [notices[0]?.id] });
  expect((await own()).unread).toBe(1);
  await engineer.send('POST', '/api/own-notices/read', {});
  expect((await own()).unread).toBe(0);
});

test('templates: refused with an unknown place, previewed escaped, used, and set back', async () => {
  const path = `/api/projects/${projectId}/notice-templates/opened/en`;
  const bad = await engineer.send('PUT', path, { subject: 'x {constructor}', body: '{alarm} {nonsense}' });
  expect(bad.status).toBe(422);
  expect(JSON.stringify(bad.body)).toContain('{nonsense}');
  const body = { subject: 'Look: {alarm}', body: '{subject}\n<script>alert(1)</script>' };
  const preview = await engineer.send('POST', `${path}/preview`, body);
  expect(preview.body).toMatchObject({ html: expect.stringContaining('&lt;script&gt;') });
  expect((await engineer.send('PUT', path, body)).status).toBe(200);
  await scheme({ recipients: [mailbox('watch@example.com')] });
  await signal({ subjectId: 'mtr_tpl\r\nBcc: evil@example.com' });
  expect(mail.received[0]).toMatchObject({ subject: 'Look: Overload', to: ['watch@example.com'] });
  await engineer.send('DELETE', path);
  const { templates } = (await engineer.send('GET', `/api/projects/${projectId}/notice-templates`))
    .body as TemplateList;
  expect(templates.filter(({ own }) => own)).toEqual([]);
});

test('an alarm takes notes and somebody who sees to it; it is found by place, severity and person, and exported', async () => {
  await signal({ subjectId: 'mtr_bell', state: 'cleared' });
  await signal({ subjectId: meterId, kind: 'voltage-loss', facts: { phase: 'L2', x: '=1+1' } });
  const { id } = await open('voltage-loss');
  const path = `/api/projects/${projectId}/alarms/${id}`;
  expect((await engineer.send('POST', `${path}/notes`, { note: 'fuse?' })).status).toBe(200);
  const assigned = await engineer.send('PUT', `${path}/assignment`, { staffId: engineer.id });
  expect(assigned.body).toMatchObject({ assignedName: 'Person engineer' });
  expect((await engineer.send('PUT', `${path}/assignment`, { staffId: 'stf_nobody' })).status).toBe(422);
  const found = async (query: string): Promise<number> =>
    ((await engineer.send('GET', `/api/projects/${projectId}/alarms?state=any&${query}`)).body as AlarmList)
      .alarms.length;
  expect(await found(`assignedStaffId=${engineer.id}&severity=critical`)).toBe(1);
  expect(await found(`assignedStaffId=${engineer.id}&severity=warning`)).toBe(0);
  expect(await found('placeId=plc_none')).toBe(0);
  const csv = await engineer.send(
    'GET',
    `/api/projects/${projectId}/alarm-file?kind=voltage-loss&language=zh`,
  );
  expect(csv.body).toContain('失压');
  const xlsx = await engineer.send('GET', `/api/projects/${projectId}/alarm-file?format=xlsx&state=any`);
  expect(xlsx.headers.get('content-type')).toContain('spreadsheetml');
  const spans = `fromMs=0&toMs=${String(kit.parts.clock.nowMs() + 1)}`;
  const statistics = await engineer.send('GET', `/api/projects/${projectId}/alarm-statistics?${spans}`);
  expect(JSON.stringify(statistics.body)).toContain('voltage-loss');
});

test('alarms of a place are those of the places within it, by point and by gateway', async () => {
  const made = async (path: string, body: object): Promise<string> =>
    ((await engineer.send('POST', `/api/projects/${projectId}/${path}`, body)).body as { id: string }).id;
  const parentId = await made('places', { kind: 'building', code: 'B', name: 'B' });
  const placeId = await made('places', { kind: 'room', code: 'R', name: 'Room 7', parentId });
  const elsewhere = await made('places', { kind: 'room', code: 'E', name: 'E' });
  const pointId = await made('metering-points', {
    code: 'PT',
    name: 'Point',
    medium: 'electricity',
    placeId,
    tenantId,
  });
  await scheme({ recipients: [webhook()] });
  await signal({ kind: 'over-consumption', subjectKind: 'metering-point', subjectId: pointId, facts: {} });
  const account = { kind: 'low-balance-1', subjectKind: 'account', subjectId: 'acc_place' } as const;
  await signal({ ...account, facts: { tenantId } });
  const kindsAt = async (id: string): Promise<readonly string[]> => {
    const path = `/api/projects/${projectId}/alarms?state=any&placeId=${id}`;
    return ((await engineer.send('GET', path)).body as AlarmList).alarms.map(({ kind }) => kind).sort();
  };
  expect(await kindsAt(elsewhere)).toEqual([]);
  expect(await kindsAt(placeId)).toEqual(expect.arrayContaining(['low-balance-1', 'over-consumption']));
  expect(await kindsAt(parentId)).toEqual(await kindsAt(placeId));
});

test('a test message says whether a channel works; one that is not set up says so', async () => {
  const path = `/api/projects/${projectId}/notices/test`;
  expect((await engineer.send('POST', path, { channel: 'sms', address: 'x', language: 'en' })).status).toBe(
    422,
  );
  const sms = await engineer.send('POST', path, {
    channel: 'sms',
    address: '+8613900000000',
    language: 'zh',
  });
  await kit.registry.workNotices();
  const { id } = sms.body as { id: string };
  expect((await engineer.send('GET', `/api/projects/${projectId}/notices/${id}`)).body).toMatchObject({
    state: 'given-up',
    answer: 'the channel sms is not set up on this machine',
  });
});

test('messages are forgotten after 400 days, with their attempts', async () => {
  await scheme({ recipients: [webhook()] });
  await signal({ subjectId: 'mtr_kept' });
  const count = async (table: string): Promise<number> => {
    const found = await kit.parts.database.query<{ n: number }>(
      `select count(*)::int as n from registry.${table}`,
    );
    return found.rows[0]?.n ?? NaN;
  };
  const sentMs = kit.parts.clock.nowMs();
  const dayMs = 1440 * minute;
  kit.parts.clock.set(sentMs + 399 * dayMs);
  await kit.registry.workNotices();
  expect(await count('notice_tries')).toBeGreaterThan(0);
  kit.parts.clock.set(sentMs + 401 * dayMs);
  await kit.registry.workNotices();
  expect([await count('notices'), await count('notice_tries')]).toEqual([0, 0]);
});
