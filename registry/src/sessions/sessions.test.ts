// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { cookieOf, startTestRegistry, type TestPerson, type TestRegistry } from '../testing/index.ts';
import { addressGroup } from './session-token.ts';

// A busy machine is no fault of the code.
jest.setTimeout(60_000);

let kit: TestRegistry;
let ann: TestPerson;
const limits = {
  loginAttemptsMax: 4,
  addressAttemptsMax: 40,
  idleMs: 3_600_000,
  lifeMs: 36_000_000,
  windowMs: 900_000,
  sessionsPerPersonMax: 5,
};
beforeAll(async () => {
  kit = await startTestRegistry('sessions', { sessionLimits: limits });
  ann = await kit.person('ann', [{ projectId: '*', role: 'analyst' }]);
});
afterAll(async () => {
  await kit.stop();
});

const signIn = async (login: string, password: string) =>
  await kit.http.send('POST', '/api/session', { login, password });
const asks = async (cookie: string): Promise<number> =>
  (await kit.http.send('GET', '/api/session', undefined, { cookie })).status;

describe('signing in', () => {
  test('answers who, roles, rights and projects, and sets a cookie that scripts cannot read', async () => {
    const answer = await signIn('ANN', ann.password);
    expect(answer).toMatchObject({
      status: 201,
      body: {
        principal: { kind: 'staff', id: ann.id },
        staff: { login: 'ann', mustChangePassword: false, language: null },
        roles: [{ projectId: '*', role: 'analyst' }],
        rightsByProject: { '*': ['project:read', 'energy:read', 'meter:read', 'alarm:read'] },
        projects: [],
      },
    });
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^wattledger_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=36000$/,
    );
    expect(await asks(cookieOf(answer))).toBe(200);
  });

  test('over https the cookie is for https only', async () => {
    const answer = await kit.http.send(
      'POST',
      '/api/session',
      { login: 'ann', password: ann.password },
      { 'x-forwarded-proto': 'https' },
    );
    expect(answer.headers.getSetCookie()[0]).toMatch(/; Secure$/);
  });

  test('the token is stored as a hash only', async () => {
    const token = ann.cookie.split('=')[1] ?? '';
    const { rows } = await kit.parts.database.query<{ text: string }>(
      `select s::text as text from registry.sessions s`,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(
      rows.some(({ text }) => text.includes(token) || text.includes(Buffer.from(token).toString('hex'))),
    ).toBe(false);
  });

  test('a wrong password, an unknown login and a disabled person are answered alike', async () => {
    const gone = await kit.person('gone', []);
    await kit.registry.staff.patch({ principal: systemLike, remoteAddress: 'x' }, gone.id, {
      disabled: true,
    });
    const answers = await Promise.all([
      signIn('ann', 'wrong password'),
      signIn('nobody', 'wrong password'),
      signIn('gone', gone.password),
    ]);
    const told = answers.map(({ status, body }) => ({ status, ...(body as object), requestId: '' }));
    expect(told[0]).toMatchObject({ status: 401, code: 'sign-in-refused' });
    expect(told[1]).toEqual(told[0]);
    expect(told[2]).toEqual(told[0]);
    expect(await asks(gone.cookie)).toBe(401);
  });

  test.each(['', 'wattledger_session=', 'wattledger_session=short', `wattledger_session=${'x'.repeat(43)}`])(
    'cookie "%s" is nobody',
    async (cookie) => {
      expect(await asks(cookie)).toBe(401);
    },
  );
});

const systemLike = {
  kind: 'staff',
  id: 'system',
  name: 'test',
  rightsByProject: { '*': ['staff:read', 'staff:write'] },
} as const;

describe('lock-out', () => {
  test('of many guesses at once no more than the limit are looked at, known login or not', async () => {
    await kit.person('victim', []);
    for (const login of ['victim', 'phantom']) {
      const answers = await Promise.all(
        Array.from({ length: 12 }, async () => await signIn(login, 'a wrong guess')),
      );
      const counted = Object.groupBy(answers, (answer) => String(answer.status));
      expect({ refused: counted['401']?.length, locked: counted['429']?.length }).toEqual({
        refused: limits.loginAttemptsMax,
        locked: 12 - limits.loginAttemptsMax,
      });
      expect(counted['429']?.[0]?.body).toMatchObject({
        code: 'sign-in-locked',
        hint: 'Try again in 15 minutes.',
      });
      expect(Number(counted['429']?.[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  test('holds against the right password, ends with the window, and a success forgets earlier slips', async () => {
    const carl = await kit.person('carl', []);
    for (let slip = 0; slip < limits.loginAttemptsMax - 1; slip += 1)
      expect((await signIn('carl', 'slip of the hand')).status).toBe(401);
    expect((await signIn('carl', carl.password)).status).toBe(201);
    for (let guess = 0; guess < limits.loginAttemptsMax; guess += 1)
      expect((await signIn('carl', 'slip of the hand')).status).toBe(401);
    expect((await signIn('carl', carl.password)).status).toBe(429);
    kit.parts.clock.advance(limits.windowMs);
    expect((await signIn('carl', carl.password)).status).toBe(201);
  });

  test('an address that guesses many logins is locked out for all of them', async () => {
    kit.parts.clock.advance(limits.windowMs);
    const answers: number[] = [];
    for (let guess = 0; guess < limits.addressAttemptsMax + 3; guess += 1)
      answers.push((await signIn(`guess-${guess}`, 'a common guess')).status);
    expect(answers.filter((status) => status === 401)).toHaveLength(limits.addressAttemptsMax);
    expect((await signIn('ann', ann.password)).status).toBe(429);
    kit.parts.clock.advance(limits.windowMs);
    expect((await signIn('ann', ann.password)).status).toBe(201);
  });

  test('is told once per window, and what was typed as an unknown login is not kept', async () => {
    const { rows } = await kit.parts.database.query<{ action: string; text: string }>(
      `select a.action, a::text as text from registry.actions a where a.action like 'session.%'`,
    );
    expect(rows.filter(({ action }) => action === 'session.locked')).toHaveLength(4);
    expect(rows.some(({ text }) => text.includes('phantom') || text.includes('guess'))).toBe(false);
  });
});

describe('a session', () => {
  test('ends when idle, is kept by use, and ends at the latest after its life', async () => {
    const dora = await kit.person('dora', []);
    kit.parts.clock.advance(limits.idleMs - 1000);
    expect(await asks(dora.cookie)).toBe(200);
    kit.parts.clock.advance(limits.idleMs - 1000);
    expect(await asks(dora.cookie)).toBe(200);
    kit.parts.clock.advance(limits.idleMs);
    expect(await asks(dora.cookie)).toBe(401);
    const cookie = cookieOf(await signIn('dora', dora.password));
    for (let hour = 0; hour < 9; hour += 1) {
      kit.parts.clock.advance(limits.idleMs - 1000);
      expect(await asks(cookie)).toBe(200);
    }
    kit.parts.clock.advance(limits.idleMs);
    expect(await asks(cookie)).toBe(401);
  });

  test('ends by signing out, by revoking, by a new password, by a reset', async () => {
    const emil = await kit.person('emil', []);
    const open = async (password = emil.password): Promise<string> =>
      cookieOf(await signIn('emil', password));
    const second = await open();
    expect((await kit.http.send('DELETE', '/api/session', undefined, { cookie: second })).status).toBe(204);
    expect(await asks(second)).toBe(401);

    const third = await open();
    const list = await emil.send('GET', '/api/sessions');
    const { sessions } = list.body as { sessions: { id: string; current: boolean }[] };
    expect(sessions.map((session) => session.current).sort()).toEqual([false, true]);
    const other = sessions.find((session) => !session.current)?.id ?? '';
    expect((await emil.send('DELETE', `/api/sessions/${other}`)).status).toBe(204);
    expect(await asks(third)).toBe(401);

    const fourth = await open();
    expect(
      (
        await emil.send('POST', '/api/session/password', {
          currentPassword: emil.password,
          newPassword: 'qwertyuiop',
        })
      ).status,
    ).toBe(422);
    expect(
      (
        await emil.send('POST', '/api/session/password', {
          currentPassword: 'not this one',
          newPassword: 'seven grey herons',
        })
      ).status,
    ).toBe(401);
    expect(
      (
        await emil.send('POST', '/api/session/password', {
          currentPassword: emil.password,
          newPassword: 'seven grey herons',
        })
      ).status,
    ).toBe(204);
    expect([await asks(fourth), await asks(emil.cookie)]).toEqual([401, 200]);
    expect((await emil.send('GET', '/api/session')).body).toMatchObject({
      staff: { mustChangePassword: false },
    });

    await kit.registry.staff.resetPassword({ principal: systemLike, remoteAddress: 'x' }, emil.id);
    expect(await asks(emil.cookie)).toBe(401);
    expect((await signIn('emil', 'seven grey herons')).status).toBe(401);
  });

  test('whose password somebody else knows lead to a new one and nowhere else', async () => {
    const [made] = await kit.registry.seedStaff([
      { login: 'due', name: 'Due', roles: [{ projectId: '*', role: 'administrator' }] },
    ]);
    const cookie = cookieOf(await signIn('due', made?.password ?? ''));
    const send = async (method: string, path: string, body?: unknown) =>
      await kit.http.send(method, path, body, { cookie });
    const refused = { status: 403, body: { code: 'password-change-required', hint: expect.any(String) } };
    for (const path of [
      '/api/staff',
      '/api/sessions',
      '/api/projects',
      '/api/actions',
      '/api/projects/x/tree',
    ])
      expect({ path, ...(await send('GET', path)) }).toMatchObject(refused);
    expect(await send('POST', '/api/staff', { login: 'x', name: 'X' })).toMatchObject(refused);
    expect(await send('PATCH', '/api/session/preferences', { language: 'zh' })).toMatchObject(refused);
    expect((await send('GET', '/api/session')).body).toMatchObject({ staff: { mustChangePassword: true } });
    const passwords = { currentPassword: made?.password, newPassword: 'nine quiet otters' };
    expect((await send('POST', '/api/session/password', passwords)).status).toBe(204);
    expect((await send('GET', '/api/staff')).status).toBe(200);
    expect((await send('DELETE', '/api/session')).status).toBe(204);
  });

  test('of somebody else cannot be revoked', async () => {
    const [fay, gus] = [await kit.person('fay', []), await kit.person('gus', [])];
    const { body } = await fay.send('GET', '/api/sessions');
    const id = (body as { sessions: { id: string }[] }).sessions[0]?.id ?? '';
    expect((await gus.send('DELETE', `/api/sessions/${id}`)).status).toBe(404);
    expect(await asks(fay.cookie)).toBe(200);
  });

  test('only the newest of a person are kept', async () => {
    const hal = await kit.person('hal', []);
    for (let count = 0; count < limits.sessionsPerPersonMax; count += 1) {
      kit.parts.clock.advance(1000);
      await signIn('hal', hal.password);
    }
    expect(await asks(hal.cookie)).toBe(401);
  });

  test('keeps the preferences of its person', async () => {
    const ida = await kit.person('ida', []);
    expect(
      await ida.send('PATCH', '/api/session/preferences', { language: 'zh', theme: 'dark' }),
    ).toMatchObject({ status: 200, body: { staff: { language: 'zh', theme: 'dark' } } });
    expect(await ida.send('PATCH', '/api/session/preferences', { theme: null })).toMatchObject({
      body: { staff: { language: 'zh', theme: null } },
    });
  });

  test('sweeping removes what has run out and nothing else', async () => {
    const jan = await kit.person('jan', []);
    kit.parts.clock.advance(limits.idleMs - 1000);
    const kim = await kit.person('kim', []);
    kit.parts.clock.advance(2000);
    await kit.registry.sessions.sweep();
    const { rows } = await kit.parts.database.query<{ staff_id: string }>(
      'select s.staff_id from registry.sessions s',
    );
    expect(rows.map((row) => row.staff_id)).toContain(kim.id);
    expect(rows.map((row) => row.staff_id)).not.toContain(jan.id);
  });
});

test.each([
  ['10.0.0.7', '10.0.0.7'],
  ['::ffff:10.0.0.7', '10.0.0.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('attempts of %s count for %s', (address, group) => {
  expect(addressGroup(address)).toBe(group);
});
