// SPDX-License-Identifier: Apache-2.0
/** Goal: every route asks for its right, keeps projects apart, and refuses bad input in words. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Principal, Right } from '@wattledger/contracts';
import { makeWorld, startQuestions, type Questions, type World } from './testing/index.ts';

jest.setTimeout(600_000);
let questions: Questions;
let world: World;
let other: World;
beforeAll(async () => {
  questions = await startQuestions('routes');
  world = makeWorld(1);
  other = makeWorld(2);
  await questions.add(other);
  await questions.add(world);
});
afterAll(async () => await questions.stop());

const span = { from: '2024-03-01', to: '2024-03-03' };
/** Every route with a question it answers. */
const asked: readonly {
  readonly path: string;
  readonly right: Right;
  readonly query?: Readonly<Record<string, string>>;
}[] = [
  { path: '/api/overview', right: 'energy:read' },
  { path: '/api/ranking', right: 'energy:read', query: span },
  { path: '/api/projects/{projectId}/overview', right: 'energy:read' },
  { path: '/api/projects/{projectId}/energy', right: 'energy:read', query: span },
  { path: '/api/projects/{projectId}/ranking', right: 'energy:read', query: span },
  { path: '/api/projects/{projectId}/year-on-year', right: 'energy:read', query: span },
  { path: '/api/projects/{projectId}/month-on-month', right: 'energy:read', query: span },
  { path: '/api/projects/{projectId}/loss', right: 'energy:read', query: span },
  { path: '/api/projects/{projectId}/loss/{meteringPointId}', right: 'energy:read', query: span },
  { path: '/api/projects/{projectId}/energy-flow', right: 'energy:read', query: span },
  { path: '/api/projects/{projectId}/multi-rate', right: 'energy:read', query: span },
  { path: '/api/projects/{projectId}/load-profile', right: 'energy:read', query: span },
  { path: '/api/projects/{projectId}/metering-points/{meteringPointId}/summary', right: 'energy:read' },
  { path: '/api/projects/{projectId}/metering-points/{meteringPointId}/readings', right: 'meter:read' },
  {
    path: '/api/projects/{projectId}/metering-points/{meteringPointId}/slot-evidence',
    right: 'energy:read',
    query: { slotStart: '2024-03-01T00:00:00Z' },
  },
  {
    path: '/api/projects/{projectId}/meters/{meterId}/parameters',
    right: 'meter:read',
    query: { ...span, names: 'voltage.l1' },
  },
  { path: '/api/projects/{projectId}/meters/{meterId}/parameters/names', right: 'meter:read' },
];
const filled = (path: string, of: World): string =>
  path
    .replace('{projectId}', of.projectId)
    .replace('{meteringPointId}', of.points[0]?.id ?? '')
    .replace('{meterId}', of.points.flatMap((point) => point.mountings)[0]?.meterId ?? '');
const person = (rightsByProject: Principal['rightsByProject']): Principal => ({
  kind: 'staff',
  id: 'stf_1',
  name: 'One',
  rightsByProject,
});

describe('rights', () => {
  test('no route is forgotten here', () => {
    const declared = questions.service.routes
      .map((route) => route.path)
      .filter((path) => !path.endsWith('/live'));
    expect(asked.map((one) => one.path).sort()).toEqual([...declared].sort());
  });

  test.each(asked)('$path needs $right', async ({ path, right, query }) => {
    expect((await questions.askAs(null, filled(path, world), query)).status).toBe(401);
    const others = (
      ['project:read', 'energy:read', 'meter:read', 'account:read', 'alarm:read'] as const
    ).filter((one) => one !== right);
    expect(
      (await questions.askAs(person({ [world.projectId]: others }), filled(path, world), query)).status,
    ).toBe(403);
    // A point without children has no loss series; that, too, is an answer to somebody with the right.
    const answer = await questions.askAs(person({ [world.projectId]: [right] }), filled(path, world), query);
    expect([200, ...(path.includes('/loss/') ? [404] : [])]).toContain(answer.status);
    if (!path.includes('{projectId}')) return;
    expect(
      (await questions.askAs(person({ [world.projectId]: [right] }), filled(path, other), query)).status,
    ).toBe(403);
  });

  test('questions over projects tell only of those one may see', async () => {
    const one = person({ [world.projectId]: ['energy:read'], [other.projectId]: ['project:read'] });
    const overview = (await questions.askAs(one, '/api/overview')).body as {
      projects: { projectId: string; charges: unknown }[];
    };
    expect(overview.projects.map((project) => [project.projectId, project.charges])).toEqual([
      [world.projectId, null],
    ]);
    const ranking = (await questions.askAs(one, '/api/ranking', span)).body as { rows: { id: string }[] };
    expect(ranking.rows.map((row) => row.id)).toEqual([world.projectId]);
  });

  test('ids of another project are unknown ids', async () => {
    const foreign = other.points[0]?.id ?? '';
    for (const query of [
      { points: foreign },
      { places: 'plc_foreign' },
      { tenants: 'tnt_foreign' },
      { subItems: 'heating' },
      { points: "pnt_0') OR ('1'='1" },
    ]) {
      const answer = await questions.askAs(undefined, filled('/api/projects/{projectId}/energy', world), {
        ...span,
        ...query,
      });
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({
        code: expect.stringMatching(/^no-such-/),
        hint: expect.any(String),
        faults: [{ path: Object.keys(query)[0] }],
      });
    }
  });
});

describe('bad questions', () => {
  const refused: readonly [string, Record<string, string>, string][] = [
    ['a day that does not exist', { from: '2024-02-30', to: '2024-03-02' }, 'no-such-day'],
    ['an end before the beginning', { from: '2024-03-02', to: '2024-03-01' }, 'period-empty'],
    ['a century', { from: '1900-01-01', to: '2024-01-01' }, 'period-too-long'],
    ['an instant between slots', { from: '2024-03-01T00:07:00Z', to: '2024-03-02' }, 'instant-off-grid'],
    ['too fine a grain', { from: '2020-01-01', to: '2024-01-01', grain: 'slot' }, 'too-many-buckets'],
    ['export of water', { ...span, medium: 'water', direction: 'export' }, 'export-of-electricity-only'],
    ['words instead of days', { from: 'yesterday', to: 'today' }, 'request-invalid'],
    ['nothing', {}, 'request-invalid'],
    ['an unknown grain', { ...span, grain: 'fortnight' }, 'request-invalid'],
  ];
  test.each(refused)('%s is refused', async (_what, query, code) => {
    const answer = await questions.askAs(undefined, filled('/api/projects/{projectId}/energy', world), query);
    expect(answer).toMatchObject({ status: 400, body: { code, hint: expect.any(String) } });
  });

  test('an unknown project is not told from one that may not be seen', async () => {
    const stranger = person({ prj_other: ['energy:read'] });
    const unknown = await questions.askAs(stranger, '/api/projects/prj_nowhere/overview');
    const hidden = await questions.askAs(stranger, filled('/api/projects/{projectId}/overview', world));
    expect([unknown.status, hidden.status]).toEqual([403, 403]);
    expect((await questions.askAs(undefined, '/api/projects/prj_nowhere/overview')).status).toBe(404);
  });
});

describe('csv', () => {
  test.each(asked.filter(({ path }) => !/overview|summary|evidence|names/.test(path)))(
    '$path answers a table',
    async ({ path, query }) => {
      const answer = await questions.askAs(undefined, filled(path, world), {
        ...query,
        format: 'csv',
        bom: '1',
      });
      if (answer.status === 404 && path.includes('/loss/')) return;
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      expect(answer.headers.get('content-disposition')).toMatch(
        /^attachment; filename="[A-Za-z0-9._-]+\.csv"$/,
      );
      const lines = String(answer.body).split('\r\n');
      expect(lines[0]).toMatch(/^\uFEFF?[a-z0-9_A-Z]+(,[a-z0-9_A-Z]+)+$/);
      const columns = (lines[0] ?? '').split(',').length;
      for (const line of lines.slice(1, -1).filter((candidate) => !candidate.includes('"')))
        expect(line.split(',').length).toBe(columns);
    },
  );
});
