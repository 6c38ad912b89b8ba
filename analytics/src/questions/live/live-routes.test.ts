// SPDX-License-Identifier: Apache-2.0
/** Goal: a screen is told what it may know, of its own project, once a second, and its stream ends with the session. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { serveRoutes, type TestHttp } from '@wattledger/platform/testing';
import {
  topics,
  type AccountEvent,
  type AlarmSignal,
  type IntervalEnergy,
  type Principal,
  type Telemetry,
} from '@wattledger/contracts';
import { liveEventShapes } from '@wattledger/contracts/http/analytics';
import { createAnalyticsService } from '../../index.ts';
import { makeWorld, startQuestions, type Questions, type World } from '../../testing/index.ts';

jest.setTimeout(600_000);
let questions: Questions;
let world: World;
beforeAll(async () => {
  questions = await startQuestions('live');
  world = makeWorld(99);
  await questions.add(world);
});
afterAll(async () => await questions.stop());

interface Event {
  readonly name: string;
  readonly data: unknown;
}

/** Reads a stream until `enough` says so or it ends; then hangs up. */
async function listen(
  url: string,
  enough: (events: readonly Event[]) => boolean,
  whenOpen: () => Promise<void> = async () => undefined,
): Promise<readonly Event[]> {
  const hangUp = new AbortController();
  const answer = await fetch(url, { signal: hangUp.signal });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  const events: Event[] = [];
  let text = '';
  let told = false;
  try {
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const name = /^event: (.*)$/m.exec(part)?.[1];
        if (name !== undefined)
          events.push({ name, data: JSON.parse(/^data: (.*)$/m.exec(part)?.[1] ?? 'null') });
      }
      if (!told && events.some((event) => event.name === 'hello')) {
        told = true;
        await whenOpen();
      }
      if (enough(events)) break;
    }
  } finally {
    hangUp.abort();
  }
  for (const event of events) liveEventShapes[event.name as keyof typeof liveEventShapes].parse(event.data);
  return events;
}

const energyOf = (projectId: string, nowMs: number): IntervalEnergy => ({
  projectId,
  meteringPointId: 'pnt_0',
  segmentId: 'seg_pnt_0_0',
  meterId: 'mtr_0',
  quantity: 'active-import',
  zone: 'UTC',
  slotMinutes: 30,
  localDay: '2024-01-01',
  firstSlotMs: nowMs - 7_200_000,
  slotCount: 48,
  revision: 1,
  index: [0, 1, 2],
  consumption: [5, 6, 7],
  quality: [0, 0, 1],
  lastReadingMs: nowMs,
  lastReadingQuality: 0,
  receivedAt: nowMs,
});
const telemetryOf = (projectId: string, meterId: string): Telemetry => ({
  projectId,
  meterId,
  gatewayId: null,
  at: 1,
  online: true,
  relay: 'closed',
  parameters: { u1: 230 },
});
const accountOf = (projectId: string, balanceMicros: number): AccountEvent => ({
  projectId,
  accountId: 'acc_1',
  at: 1,
  balanceMicros,
  stage: 'normal',
  desiredRelay: 'closed',
  reportedRelay: 'closed',
  cause: 'charge',
});
const alarmOf = (projectId: string): AlarmSignal => ({
  projectId,
  kind: 'meter-offline',
  subjectKind: 'meter',
  subjectId: 'mtr_0',
  state: 'raised',
  at: 1,
  facts: {},
});

async function happen(projectId: string): Promise<void> {
  const { eventLog } = questions.parts;
  await eventLog.append(topics.intervalEnergy, [{ key: 'pnt_0', value: energyOf(projectId, world.nowMs) }]);
  await eventLog.append(topics.telemetry, [
    { key: 'mtr_0', value: telemetryOf(projectId, 'mtr_0') },
    { key: 'mtr_0', value: telemetryOf(projectId, 'mtr_0') },
  ]);
  await eventLog.append(topics.accountEvents, [
    { key: 'acc_1', value: accountOf(projectId, 10) },
    { key: 'acc_1', value: accountOf(projectId, 9) },
  ]);
  await eventLog.append(topics.alarmSignals, [{ key: 'mtr_0', value: alarmOf(projectId) }]);
}

/** A server of its own, so that callers and limits can be chosen. */
async function serve(
  principalOf: () => Principal | null,
  options: Parameters<typeof createAnalyticsService>[1] = {},
): Promise<{ http: TestHttp; stop: () => Promise<void> }> {
  const service = createAnalyticsService(questions.parts, {
    authenticator: { authenticate: async () => principalOf() },
    ...options,
  });
  await service.migrate();
  const http = await serveRoutes({
    parts: questions.parts,
    routes: service.routes,
    authenticator: { authenticate: async () => principalOf() },
  });
  return {
    http,
    stop: async () => {
      await service.stop();
      await http.stop();
    },
  };
}
const path = (): string => `/api/projects/${world.projectId}/live`;
const person = (rights: Principal['rightsByProject'][string]): Principal => ({
  kind: 'staff',
  id: 'stf_live',
  name: 'Live',
  rightsByProject: { [world.projectId]: rights },
});

describe('live', () => {
  test('tells news of the own project by right, newest per subject', async () => {
    const { http, stop } = await serve(() =>
      person(['project:read', 'energy:read', 'account:read', 'meter:read', 'alarm:read']),
    );
    const wanted = ['energy', 'telemetry', 'accounts', 'alarms'];
    const events = await listen(
      `${http.url}${path()}`,
      (seen) => wanted.every((name) => seen.some((event) => event.name === name)),
      async () => {
        await happen('prj_another');
        await happen(world.projectId);
      },
    );
    expect(JSON.stringify(events)).not.toContain('prj_another');
    const accounts = events.filter((event) => event.name === 'accounts').map((event) => event.data);
    expect(accounts.at(-1)).toMatchObject({ accounts: [{ accountId: 'acc_1', balanceMicros: 9 }] });
    expect(events.find((event) => event.name === 'energy')?.data).toMatchObject({
      points: [
        {
          meteringPointId: 'pnt_0',
          slots: [
            { consumption: 5, quality: 'measured' },
            { consumption: 6 },
            { consumption: 7, quality: 'estimated' },
          ],
        },
      ],
    });
    await stop();
  });

  test('tells nothing for which the right is missing', async () => {
    const { http, stop } = await serve(() => person(['project:read', 'alarm:read']));
    const events = await listen(
      `${http.url}${path()}`,
      (seen) => seen.some((event) => event.name === 'alarms'),
      async () => await happen(world.projectId),
    );
    expect([...new Set(events.map((event) => event.name))].sort()).toEqual(['alarms', 'hello']);
    expect(events[0]?.data).toMatchObject({ events: ['alarms'] });
    await stop();
  });

  test('is refused without right, for unknown projects and beyond the limit', async () => {
    let principal: Principal | null = null;
    const { http, stop } = await serve(() => principal, { liveStreamsPerCallerMax: 1 });
    expect((await http.send('GET', path())).status).toBe(401);
    principal = person(['energy:read']);
    expect((await http.send('GET', path())).status).toBe(403);
    principal = { ...person(['project:read']), rightsByProject: { '*': ['project:read'] } };
    expect(await http.send('GET', '/api/projects/prj_nowhere/live')).toMatchObject({
      status: 404,
      body: { code: 'no-such-project' },
    });
    await listen(
      `${http.url}${path()}`,
      (seen) => seen.some((event) => event.name === 'hello'),
      async () => {
        expect(await http.send('GET', path())).toMatchObject({
          status: 429,
          body: { code: 'too-many-streams' },
        });
      },
    );
    await stop();
  });

  test('ends with the session, and when the service stops', async () => {
    let principal: Principal | null = person(['project:read']);
    const first = await serve(() => principal);
    const ended = await listen(
      `${first.http.url}${path()}`,
      () => false,
      async () => {
        principal = null;
      },
    );
    expect(ended.at(-1)).toEqual({ name: 'bye', data: { reason: 'session-ended' } });
    await first.stop();
    const second = await serve(() => person(['project:read']));
    const stopped = await listen(
      `${second.http.url}${path()}`,
      () => false,
      async () => void second.stop(),
    );
    expect(stopped.at(-1)).toEqual({ name: 'bye', data: { reason: 'shutting-down' } });
  });
});
