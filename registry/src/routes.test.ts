// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: no route can be forgotten by the checks of rights. Method: every route of the service is asked by nobody, by an
 * ended session, by somebody without its right, and by somebody who holds the right in another project only.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { rights, type Principal, type Right } from '@wattledger/contracts';
import { checkRoutes, type Route } from '@wattledger/platform';
import { serveRoutes, type TestHttp } from '@wattledger/platform/testing';
import { usualScheme } from './alarm-schemes/usual-scheme.ts';
import { startTestRegistry, type TestPerson, type TestRegistry } from './testing/index.ts';

// A busy machine is no fault of the code.
jest.setTimeout(60_000);

let kit: TestRegistry;
let boss: TestPerson;
const ids: Record<string, string> = {};
const ended: { cookie: string } = { cookie: '' };
/** Who asks next; the server in `as` trusts it. */
let asking: Principal | null = null;
let as: TestHttp;

beforeAll(async () => {
  kit = await startTestRegistry('routes');
  boss = await kit.person('boss', [{ projectId: '*', role: 'administrator' }]);
  const gone = await kit.person('gone', [{ projectId: '*', role: 'administrator' }]);
  await gone.send('DELETE', '/api/session');
  ended.cookie = gone.cookie;
  const project = { name: 'P', zone: 'UTC', currency: 'EUR' };
  for (const code of ['mine', 'theirs'])
    ids[code] = idOf(await boss.send('POST', '/api/projects', { code, ...project }));
  const theirs = `/api/projects/${ids['theirs'] ?? ''}`;
  ids['placeId'] = idOf(await boss.send('POST', `${theirs}/places`, { kind: 'room', code: 'R', name: 'R' }));
  ids['tenantId'] = idOf(await boss.send('POST', `${theirs}/tenants`, { code: 'T', name: 'T' }));
  ids['meterId'] = idOf(await boss.send('POST', `${theirs}/meters`, { serial: 'M' }));
  ids['meteringPointId'] = idOf(
    await boss.send('POST', `${theirs}/metering-points`, { code: 'X', name: 'X', medium: 'gas' }),
  );
  const transport = { kind: 'modbus-tcp', host: 'h', port: 1 };
  ids['gatewayId'] = idOf(await boss.send('POST', `${theirs}/gateways`, { code: 'G', name: 'G', transport }));
  ids['staffId'] = (
    await kit.person('their.clerk', [{ projectId: ids['theirs'] ?? '', role: 'finance' }])
  ).id;
  const key = await kit.registry.createApiKey({
    name: 'k',
    rightsByProject: { [ids['theirs'] ?? '']: ['energy:read'] },
  });
  ids['apiKeyId'] = key.apiKey.id;
  ids['alarmId'] = 'alm_none';
  ids['schemeId'] = 'asc_none';
  ids['noticeId'] = 'ntc_none';
  ids['event'] = 'opened';
  ids['language'] = 'en';
  ids['sessionId'] = 'ses_none';
  as = await serveRoutes({
    parts: { ...kit.parts, actionLog: kit.registry.actionLog },
    routes: kit.registry.routes,
    authenticator: { authenticate: () => Promise.resolve(asking) },
  });
});
afterAll(async () => {
  await as.stop();
  await kit.stop();
});

const idOf = (answer: { body: unknown }): string => (answer.body as { id: string }).id;
const pathOf = (route: Route, projectId: string): string =>
  route.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
    name === 'projectId' ? projectId : (ids[name] ?? ''),
  );
const label = (route: Route): string => `${route.method} ${route.path}`;
/** Bodies of routes that take no empty one, so that it is the id that is refused. */
const bodies: Readonly<Record<string, object>> = {
  '/api/projects/{projectId}/alarms/{alarmId}/notes': { note: 'x' },
  '/api/projects/{projectId}/alarms/{alarmId}/assignment': { staffId: null },
  '/api/projects/{projectId}/alarm-schemes/{schemeId}': usualScheme,
};
const bodyOf = (route: Route): object | undefined =>
  route.body === undefined && route.bodyKind !== 'stream' ? undefined : (bodies[route.path] ?? {});
const holding = (held: readonly Right[], projectId: string): Principal => ({
  kind: 'staff',
  id: 'stf_x',
  name: 'X',
  rightsByProject: { [projectId]: held },
});

async function askAll(
  routes: readonly Route[],
  who: (route: Route) => Principal | null,
  projectId: string,
): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  for (const route of routes) {
    asking = who(route);
    const { status, body } = await as.send(
      route.method.toUpperCase(),
      pathOf(route, projectId),
      bodyOf(route),
    );
    answers.set(label(route), `${status} ${(body as { code?: string } | undefined)?.code ?? ''}`.trim());
  }
  return answers;
}
const same = (routes: readonly Route[], answer: string): Map<string, string> =>
  new Map(routes.map((route) => [label(route), answer]));

const closed = (): readonly Route[] => kit.registry.routes.filter((route) => route.access !== 'public');
const needing = (): readonly (Route & { access: { right: Right; anyProject?: true } })[] =>
  kit.registry.routes.filter(
    (route): route is Route & { access: { right: Right; anyProject?: true } } =>
      typeof route.access === 'object',
  );

describe('every route', () => {
  test('is well-formed, and only signing in and out are open to everybody', () => {
    checkRoutes(kit.registry.routes);
    expect(kit.registry.routes.filter((route) => route.access === 'public').map(label)).toEqual([
      'post /api/session',
      'delete /api/session',
    ]);
  });

  test('refuses nobody', async () => {
    expect(await askAll(closed(), () => null, ids['mine'] ?? '')).toEqual(
      same(closed(), '401 sign-in-required'),
    );
  });

  test('refuses an ended session and a wrong key', async () => {
    for (const headers of [
      { cookie: ended.cookie },
      { authorization: `Bearer wlk_${'x'.repeat(43)}` },
      { authorization: 'Basic YTpi', cookie: boss.cookie },
    ]) {
      for (const route of closed()) {
        const answer = await kit.http.send(
          route.method.toUpperCase(),
          pathOf(route, ids['mine'] ?? ''),
          bodyOf(route),
          headers,
        );
        expect([label(route), answer.status]).toEqual([label(route), 401]);
      }
    }
  });

  test('refuses who holds every right but the one it needs', async () => {
    const who = (route: Route): Principal =>
      holding(
        rights.filter((right) => typeof route.access !== 'object' || right !== route.access.right),
        '*',
      );
    expect(await askAll(needing(), who, ids['mine'] ?? '')).toEqual(same(needing(), '403 right-missing'));
  });

  test('of a project refuses who holds every right in another, whether it exists or not', async () => {
    const ofProject = needing().filter((route) => route.path.includes('{projectId}'));
    expect(ofProject.length).toBeGreaterThan(25);
    for (const projectId of [ids['theirs'] ?? '', 'prj_none', '*', 'constructor', '__proto__']) {
      expect(await askAll(ofProject, () => holding(rights, ids['mine'] ?? ''), projectId)).toEqual(
        same(ofProject, '403 right-missing'),
      );
    }
  });

  test('of the whole group refuses who holds every right in one project', async () => {
    const ofGroup = needing().filter(
      (route) => !route.path.includes('{projectId}') && route.access.anyProject !== true,
    );
    expect(await askAll(ofGroup, () => holding(rights, ids['mine'] ?? ''), '')).toEqual(
      same(ofGroup, '403 right-missing'),
    );
  });

  test('finds nothing of another project under one’s own', async () => {
    const things = needing().filter((route) => /\{projectId\}.*\{\w+Id\}/.test(route.path));
    for (const route of things) {
      asking = holding(rights, ids['mine'] ?? '');
      const answer = await as.send(
        route.method.toUpperCase(),
        pathOf(route, ids['mine'] ?? ''),
        bodyOf(route),
      );
      expect([label(route), answer.status, (answer.body as { code: string }).code]).toEqual([
        label(route),
        404,
        'not-found',
      ]);
    }
  });

  test('that reaches over projects tells and changes only what is one’s own', async () => {
    const mine = holding(rights, ids['mine'] ?? '');
    asking = mine;
    const get = async (path: string): Promise<string> => JSON.stringify((await as.send('GET', path)).body);
    expect(await get('/api/projects')).not.toContain(ids['theirs']);
    expect(await get('/api/staff')).not.toContain('their.clerk');
    expect(await get('/api/api-keys')).not.toContain(ids['apiKeyId']);
    const change = async (method: string, path: string, body?: object): Promise<number> =>
      (await as.send(method, path, body)).status;
    expect(await change('PATCH', `/api/staff/${ids['staffId'] ?? ''}`, { disabled: true })).toBe(404);
    expect(await change('PUT', `/api/staff/${ids['staffId'] ?? ''}/roles`, { roles: [] })).toBe(404);
    expect(await change('POST', `/api/staff/${ids['staffId'] ?? ''}/password`)).toBe(404);
    expect(await change('DELETE', `/api/api-keys/${ids['apiKeyId'] ?? ''}`)).toBe(404);
    expect(
      await change('POST', '/api/staff', {
        login: 'spy',
        name: 'S',
        roles: [{ projectId: ids['theirs'], role: 'analyst' }],
      }),
    ).toBe(403);
    expect(
      await change('POST', '/api/staff', {
        login: 'spy',
        name: 'S',
        roles: [{ projectId: '*', role: 'analyst' }],
      }),
    ).toBe(403);
    expect(
      await change('POST', '/api/api-keys', {
        name: 'spy',
        rightsByProject: { [ids['theirs'] ?? '']: ['energy:read'] },
      }),
    ).toBe(403);
    expect(
      await change('POST', '/api/api-keys', { name: 'spy', rightsByProject: { '*': ['energy:read'] } }),
    ).toBe(403);
  });
});
