// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ApiKeySecret, StaffSecret } from '@wattledger/contracts/http/registry';
import { startTestRegistry, type TestPerson, type TestRegistry } from '../testing/index.ts';

// A busy machine is no fault of the code.
jest.setTimeout(60_000);

let kit: TestRegistry;
let boss: TestPerson;
let local: TestPerson;
let a: string;
let b: string;

beforeAll(async () => {
  kit = await startTestRegistry('staff');
  boss = await kit.person('boss', [{ projectId: '*', role: 'administrator' }]);
  const make = async (code: string): Promise<string> =>
    (
      (await boss.send('POST', '/api/projects', { code, name: code, zone: 'UTC', currency: 'EUR' })).body as {
        id: string;
      }
    ).id;
  [a, b] = [await make('a'), await make('b')];
  local = await kit.person('local', [{ projectId: a, role: 'administrator' }]);
});
afterAll(async () => {
  await kit.stop();
});

describe('people', () => {
  test('are added with a password that is shown once and must be changed', async () => {
    const { body } = await boss.send('POST', '/api/staff', {
      login: 'New.One',
      name: 'New One',
      roles: [{ projectId: a, role: 'finance' }],
    });
    const { staff, initialPassword } = body as StaffSecret;
    expect(staff).toMatchObject({
      login: 'new.one',
      disabled: false,
      roles: [{ projectId: a, role: 'finance' }],
    });
    expect(
      (await kit.http.send('POST', '/api/session', { login: 'new.one', password: initialPassword })).body,
    ).toMatchObject({ staff: { mustChangePassword: true } });
    const { rows } = await kit.parts.database.query<{ text: string }>(
      'select a::text as text from registry.actions a',
    );
    expect(rows.some(({ text }) => text.includes(initialPassword ?? '?'))).toBe(false);
  });

  test.each([
    ['a login that is taken', { login: 'BOSS', name: 'B' }, 409, 'duplicate-login'],
    ['a weak password', { login: 'weak', name: 'W', password: 'password123' }, 422, 'invalid'],
    [
      'a project that is none',
      { login: 'lost', name: 'L', roles: [{ projectId: 'prj_none', role: 'analyst' }] },
      422,
      'invalid',
    ],
    ['a login with blanks', { login: 'a b', name: 'L' }, 400, 'request-invalid'],
    [
      'an unknown role',
      { login: 'cc', name: 'L', roles: [{ projectId: '*', role: 'emperor' }] },
      400,
      'request-invalid',
    ],
  ])('are refused with %s', async (_name, body, status, code) => {
    expect(await boss.send('POST', '/api/staff', body)).toMatchObject({ status, body: { code } });
  });

  test('have their rights changed at once', async () => {
    const eve = await kit.person('eve', [{ projectId: a, role: 'analyst' }]);
    expect((await eve.send('GET', `/api/projects/${a}`)).status).toBe(200);
    await boss.send('PUT', `/api/staff/${eve.id}/roles`, { roles: [{ projectId: b, role: 'analyst' }] });
    expect((await eve.send('GET', `/api/projects/${a}`)).status).toBe(403);
    expect((await eve.send('GET', '/api/session')).body).toMatchObject({ projects: [{ id: b }] });
  });

  test('are seeded once', async () => {
    const people = [
      { login: 'seeded', name: 'Seeded', roles: [{ projectId: a, role: 'engineer' as const }] },
    ];
    const [made] = await kit.registry.seedStaff(people);
    expect(
      (await kit.http.send('POST', '/api/session', { login: 'seeded', password: made?.password })).status,
    ).toBe(201);
    expect(await kit.registry.seedStaff(people)).toEqual([]);
  });
});

describe('the administrator of one project', () => {
  test('sees and sets roles there, and leaves those elsewhere alone', async () => {
    const both = await kit.person('both', [
      { projectId: a, role: 'analyst' },
      { projectId: b, role: 'finance' },
    ]);
    expect((await local.send('GET', `/api/staff/${both.id}`)).body).toMatchObject({
      roles: [{ projectId: a, role: 'analyst' }],
    });
    const answer = await local.send('PUT', `/api/staff/${both.id}/roles`, {
      roles: [{ projectId: a, role: 'engineer' }],
    });
    expect(answer).toMatchObject({ status: 200, body: { roles: [{ projectId: a, role: 'engineer' }] } });
    expect((await boss.send('GET', `/api/staff/${both.id}`)).body).toMatchObject({
      // In the order of ids, which are random.
      roles: [
        { projectId: a, role: 'engineer' },
        { projectId: b, role: 'finance' },
      ].sort((left, right) => (left.projectId < right.projectId ? -1 : 1)),
    });
  });

  test('cannot take over who holds more elsewhere', async () => {
    const both = await kit.person('both2', [
      { projectId: a, role: 'analyst' },
      { projectId: b, role: 'finance' },
    ]);
    expect((await local.send('POST', `/api/staff/${both.id}/password`)).status).toBe(403);
    expect((await local.send('PATCH', `/api/staff/${both.id}`, { disabled: true })).status).toBe(403);
    expect(
      (
        await local.send('PUT', `/api/staff/${both.id}/roles`, {
          roles: [{ projectId: '*', role: 'administrator' }],
        })
      ).status,
    ).toBe(403);
    expect((await local.send('POST', `/api/staff/${boss.id}/password`)).status).toBe(404);
  });
});

test('of two last administrators who disable each other at once, one stays and cannot leave', async () => {
  const second = await kit.person('second', [{ projectId: '*', role: 'administrator' }]);
  const disable = async (who: TestPerson, whom: TestPerson): Promise<number> =>
    (await who.send('PATCH', `/api/staff/${whom.id}`, { disabled: true })).status;
  const [byBoss, bySecond] = await Promise.all([disable(boss, second), disable(second, boss)]);
  // The loser was disabled first (401), or came too late (409); never both.
  expect([byBoss, bySecond].filter((status) => status === 200)).toHaveLength(1);
  const winner = byBoss === 200 ? boss : second;
  expect(await disable(winner, winner)).toBe(409);
  expect((await winner.send('PUT', `/api/staff/${winner.id}/roles`, { roles: [] })).status).toBe(409);
  expect((await winner.send('GET', '/api/staff')).status).toBe(200);
});

describe('API keys', () => {
  const authorization = (secret: string) => ({ authorization: `Bearer ${secret}` });
  test('do what they may, are shown once, and end by revoking and by time', async () => {
    const root = await kit.person('root', [{ projectId: '*', role: 'administrator' }]);
    const expiresAtMs = kit.parts.clock.nowMs() + 60_000;
    const { body } = await root.send('POST', '/api/api-keys', {
      name: 'reader',
      rightsByProject: { [a]: ['project:read'] },
      expiresAtMs,
    });
    const { apiKey, secret } = body as ApiKeySecret;
    const ask = async (path: string): Promise<number> =>
      (await kit.http.send('GET', path, undefined, authorization(secret))).status;
    expect([
      await ask(`/api/projects/${a}`),
      await ask(`/api/projects/${b}`),
      await ask(`/api/projects/${a}/alarms`),
    ]).toEqual([200, 403, 403]);
    expect((await kit.http.send('GET', '/api/session', undefined, authorization(secret))).body).toMatchObject(
      { principal: { kind: 'api-key', name: 'reader' }, staff: null, session: null, projects: [{ id: a }] },
    );
    const list = JSON.stringify((await root.send('GET', '/api/api-keys')).body);
    expect(list).toContain(apiKey.id);
    expect(list).not.toContain(secret);
    kit.parts.clock.advance(60_000);
    expect(await ask(`/api/projects/${a}`)).toBe(401);
    const lasting = (
      await root.send('POST', '/api/api-keys', {
        name: 'lasting',
        rightsByProject: { '*': ['project:read'] },
      })
    ).body as ApiKeySecret;
    expect(
      (await kit.http.send('GET', `/api/projects/${b}`, undefined, authorization(lasting.secret))).status,
    ).toBe(200);
    expect((await root.send('DELETE', `/api/api-keys/${lasting.apiKey.id}`)).status).toBe(204);
    expect(
      (await kit.http.send('GET', `/api/projects/${b}`, undefined, authorization(lasting.secret))).status,
    ).toBe(401);
  });

  test('cannot be given rights that the giver does not hold', async () => {
    const limited = {
      kind: 'staff',
      id: 'stf_l',
      name: 'L',
      rightsByProject: { [a]: ['staff:write'] },
    } as const;
    await expect(
      kit.registry.createApiKey(
        { name: 'x', rightsByProject: { [a]: ['vend:write'] } },
        { principal: limited, remoteAddress: 'x' },
      ),
    ).rejects.toMatchObject({ status: 403 });
  });

  test('have no password and no preferences', async () => {
    const { secret } = await kit.registry.createApiKey({
      name: 'x',
      rightsByProject: { '*': ['project:read'] },
    });
    expect(
      (await kit.http.send('PATCH', '/api/session/preferences', { theme: 'dark' }, authorization(secret)))
        .status,
    ).toBe(403);
    expect(
      (
        await kit.http.send(
          'POST',
          '/api/session/password',
          { currentPassword: 'x', newPassword: 'y' },
          authorization(secret),
        )
      ).status,
    ).toBe(403);
  });
});
