// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { topics, type AlarmSignal } from '@wattledger/contracts';
import type { AlarmDetail, AlarmList } from '@wattledger/contracts/http/alarms';
import fc from 'fast-check';
import { startTestRegistry, type TestPerson, type TestRegistry } from '../testing/index.ts';
import { alarmKey, applySignal, type AlarmState } from './alarm-life.ts';

// A busy machine is no fault of the code.
jest.setTimeout(60_000);

const signalArbitrary = fc.record({
  projectId: fc.constant('prj_a'),
  kind: fc.constantFrom('meter-offline' as const, 'arrears' as const),
  subjectKind: fc.constant('meter' as const),
  subjectId: fc.constantFrom('m1', 'm2'),
  state: fc.constantFrom('raised' as const, 'cleared' as const),
  at: fc.nat(100),
  facts: fc.constantFrom({}, { count: '1' }, { count: '2' }),
});

test('law: of a kind and subject one alarm is active at most, and exactly when the last signal raised it', () => {
  fc.assert(
    fc.property(fc.array(signalArbitrary, { maxLength: 30 }), (signals) => {
      const active = new Map<string, AlarmState>();
      const opened = new Map<string, number>();
      const cleared = new Map<string, number>();
      let made = 0;
      for (const signal of signals) {
        const key = alarmKey(signal);
        const step = applySignal(active.get(key), signal, () => `alm_${(made += 1)}`);
        if (step?.event?.what === 'opened') opened.set(key, (opened.get(key) ?? 0) + 1);
        if (step?.event?.what === 'cleared') cleared.set(key, (cleared.get(key) ?? 0) + 1);
        if (step?.alarm.state === 'cleared') active.delete(key);
        else if (step) active.set(key, step.alarm);
        expect(active.has(key)).toBe(signal.state === 'raised');
        expect((opened.get(key) ?? 0) - (cleared.get(key) ?? 0)).toBe(signal.state === 'raised' ? 1 : 0);
      }
    }),
  );
});

describe('alarms', () => {
  let kit: TestRegistry;
  let engineer: TestPerson;
  let projectId: string;
  let meterId: string;
  beforeAll(async () => {
    kit = await startTestRegistry('alarms');
    const boss = await kit.person('boss', [{ projectId: '*', role: 'administrator' }]);
    const id = async (path: string, body: object): Promise<string> =>
      ((await boss.send('POST', path, body)).body as { id: string }).id;
    projectId = await id('/api/projects', { code: 'p', name: 'P', zone: 'UTC', currency: 'EUR' });
    meterId = await id(`/api/projects/${projectId}/meters`, { serial: 'M-7' });
    engineer = await kit.person('engineer', [{ projectId, role: 'engineer' }]);
  });
  afterAll(async () => {
    await kit.stop();
  });

  const signal = async (...changes: Partial<AlarmSignal>[]): Promise<void> => {
    const records = changes.map((change): { key: string; value: AlarmSignal } => {
      const value: AlarmSignal = {
        projectId,
        kind: 'meter-offline',
        subjectKind: 'meter',
        subjectId: meterId,
        state: 'raised',
        at: 1000,
        facts: {},
        ...change,
      };
      return { key: value.subjectId, value };
    });
    await kit.parts.eventLog.append(topics.alarmSignals, records);
    await kit.parts.drain();
  };
  const list = async (query = ''): Promise<AlarmList> =>
    (await engineer.send('GET', `/api/projects/${projectId}/alarms${query}`)).body as AlarmList;

  test('open, are acknowledged, clear, and open anew, with their history', async () => {
    await signal(
      { facts: { since: '1' } },
      { at: 2000, facts: { since: '1' } },
      { at: 3000, facts: { since: '2' } },
    );
    const { alarms, counts } = await list();
    expect(alarms).toMatchObject([
      {
        state: 'open',
        subjectName: 'M-7',
        openedAtMs: 1000,
        lastRaisedAtMs: 3000,
        raisedCount: 3,
        facts: { since: '2' },
      },
    ]);
    expect(counts).toMatchObject({ open: 1, acknowledged: 0, warning: 1, critical: 0 });
    const path = `/api/projects/${projectId}/alarms/${alarms[0]?.id ?? ''}`;
    expect(await engineer.send('POST', `${path}/acknowledge`, { note: 'on my way' })).toMatchObject({
      status: 200,
      body: { state: 'acknowledged', acknowledgedBy: 'Person engineer' },
    });
    expect((await engineer.send('POST', `${path}/acknowledge`, {})).body).toMatchObject({
      acknowledgedNote: 'on my way',
    });

    await signal({ at: 4000, facts: { since: '2' } });
    expect((await list()).alarms).toMatchObject([
      { state: 'acknowledged', acknowledgedNote: 'on my way', raisedCount: 4 },
    ]);
    await signal({ at: 5000, state: 'cleared' }, { at: 6000 });
    expect((await list()).alarms).toMatchObject([{ state: 'open', openedAtMs: 6000, raisedCount: 1 }]);
    expect((await list('?state=any')).alarms.map((alarm) => alarm.state)).toEqual(['open', 'cleared']);
    expect((await engineer.send('POST', `${path}/acknowledge`, {})).status).toBe(409);

    const { history } = (await engineer.send('GET', path)).body as AlarmDetail;
    expect(history.map(({ what, by }) => [what, by])).toEqual([
      ['opened', null],
      ['raised', null],
      ['acknowledged', 'Person engineer'],
      ['cleared', null],
    ]);
  });

  test('in one batch many times, and cleared without having been raised', async () => {
    const other = { kind: 'arrears', subjectKind: 'account', subjectId: 'acc_1' } as const;
    await signal(
      { ...other, state: 'cleared' },
      other,
      { ...other, state: 'cleared' },
      other,
      { ...other, state: 'cleared' },
      other,
    );
    const { alarms } = await list('?state=any&subjectId=acc_1');
    expect(alarms.map((alarm) => [alarm.state, alarm.subjectName])).toEqual([
      ['open', null],
      ['cleared', null],
      ['cleared', null],
    ]);
  });

  test('quote what devices sent, whatever it was', async () => {
    await signal({ subjectId: 'mtr_noise', facts: { answer: 'a\u0000b\ud800c' } });
    const { alarms } = await list('?subjectId=mtr_noise');
    expect(alarms).toMatchObject([{ facts: { answer: 'ab\ufffdc' } }]);
    await signal({ subjectId: 'mtr_noise', state: 'cleared' });
  });

  test('go on page by page', async () => {
    await signal(
      ...Array.from({ length: 5 }, (_, index) => ({ subjectId: `mtr_${index}`, at: 7000 + index })),
    );
    const first = await list('?kind=meter-offline&limit=4');
    const second = await list(`?kind=meter-offline&limit=4&after=${first.next ?? ''}`);
    expect(new Set([...first.alarms, ...second.alarms].map((alarm) => alarm.subjectId)).size).toBe(6);
    expect(second.next).toBeNull();
    expect((await engineer.send('GET', `/api/projects/${projectId}/alarms?after=x`)).status).toBe(422);
  });

  test('are acknowledged only with the right', async () => {
    const analyst = await kit.person('analyst', [{ projectId, role: 'analyst' }]);
    const [alarm] = (await list()).alarms;
    expect(
      (await analyst.send('POST', `/api/projects/${projectId}/alarms/${alarm?.id ?? ''}/acknowledge`, {}))
        .status,
    ).toBe(403);
  });
});
