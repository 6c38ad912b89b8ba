// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CommandOutcome, MeterCommand, MeterSetting } from '@wattledger/contracts';
import { topics } from '@wattledger/contracts';
import {
  idOf,
  projectId,
  siteCode,
  startField,
  until,
  type IngestField,
} from '../collector/ingest-fixture.ts';
import type { MeterSpec } from '../simulated-fleet/index.ts';

const spec = (serial: string, gateway: string, unitId: number, modelId: string): MeterSpec => ({
  serial,
  gateway,
  unitId,
  modelId,
  parent: null,
  registerAtStart: 1_000_000,
  load: { kind: 'shop', dayConsumption: 90_000, seed: unitId },
});
const crowd = Array.from({ length: 40 }, (_, index) => spec(`M${index}`, 'G2', index + 1, 'acrel-ddsy1352'));
const meters = [
  spec('FLAT', 'G1', 1, 'acrel-ddsy1352'),
  spec('FEEDER', 'G1', 2, 'acrel-adl3000'),
  spec('TAP', 'G1', 3, 'xintai-water'),
  spec('LATE', 'G1', 4, 'acrel-adl3000'),
  ...crowd,
];

let field: IngestField;
let given = 0;

beforeAll(async () => {
  field = await startField({ name: 'settings', gateways: ['G1', 'G2'], meters, pollIntervalSeconds: 1 });
  await field.tell(field.snapshots);
  await field.service.start();
  await until('all meters online', async () =>
    (await field.states()).meters.every((meter) => meter.online === true),
  );
}, 60_000);
afterAll(async () => {
  await field.stop();
}, 60_000);

const setOf = async (serial: string, setting: MeterSetting): Promise<CommandOutcome> => {
  given += 1;
  const commandId = `cmd_set_${given}`;
  await field.command({ commandId, serial, kind: 'write-setting', setting } as Partial<MeterCommand> & {
    commandId: string;
    serial: string;
  });
  return await outcomeOf(commandId);
};
const outcomeOf = async (commandId: string): Promise<CommandOutcome> =>
  await until(`the outcome of ${commandId}`, async () =>
    (await field.outcomes()).find((outcome) => outcome.commandId === commandId),
  );

const plan = (byteOrderConfirmed: boolean): MeterSetting => ({
  kind: 'tou-plan',
  byteOrderConfirmed,
  datePlan: [
    { month: 1, day: 1, plan: 1 },
    { month: 7, day: 1, plan: 2 },
  ],
  dayPlans: [
    [
      { hour: 0, minute: 0, period: 'valley' },
      { hour: 8, minute: 30, period: 'peak' },
    ],
    [{ hour: 0, minute: 0, period: 'flat' }],
  ],
});

describe('settings in the meter', () => {
  test('a time-of-use plan is written, read back and shown as it stands', async () => {
    const outcome = await setOf('FLAT', plan(true));
    expect(outcome).toMatchObject({ outcome: 'confirmed', kind: 'write-setting', attempts: 1 });
    // Month, day, plan; the last entry fills the rest. Rate, minute, hour; valley 4, peak 2.
    expect(outcome.evidence).toContain('FC16 0x2000 = 010101070102070102070102: acknowledged');
    expect(outcome.evidence).toContain(`FC16 0x2006 = 040000${'021e08'.repeat(13)}: acknowledged`);
    expect(outcome.evidence).toContain(`read back 0x201B = ${'030000'.repeat(14)}`);
  }, 60_000);

  test('bytes whose order is only inferred are not written without the engineer’s word', async () => {
    const outcome = await setOf('FLAT', plan(false));
    expect(outcome).toMatchObject({ outcome: 'failed', evidence: expect.stringMatching(/is inferred/) });
    expect(outcome.evidence).not.toMatch(/FC16/);
  }, 60_000);

  test('a clock is set to the local time of the project and may have gone on when it is read', async () => {
    const outcome = await setOf('FEEDER', { kind: 'clock', byteOrderConfirmed: true });
    expect(outcome).toMatchObject({ outcome: 'confirmed' });
    const written = /FC16 0x003C = ([0-9a-f]{12})/.exec(outcome.evidence)?.[1] ?? '';
    const [year, month, day, hour] = [...Buffer.from(written, 'hex')];
    const now = new Date(Date.now() + 8 * 3_600_000);
    expect([year, month, day, hour]).toEqual([
      now.getUTCFullYear() - 2000,
      now.getUTCMonth() + 1,
      now.getUTCDate(),
      now.getUTCHours(),
    ]);
  }, 60_000);

  test('a clock is looked at behind a poll; one that runs wrong is told, set by command, and told right', async () => {
    const driftOf = async (): Promise<number | undefined> =>
      (await field.states()).meters.find(({ serial }) => serial === 'LATE')?.parameters['clock.driftSeconds'];
    const at = { site: siteCode, gateway: 'G1', unitId: 4 };
    const lift = field.fleet.setFault(at, { kind: 'clock-drift', driftMs: -90_000 });
    // What the first poll saw stands for a day: only setting it makes the line look again.
    await setOf('LATE', { kind: 'clock', byteOrderConfirmed: true });
    await until('the clock is right', async () => Math.abs((await driftOf()) ?? Infinity) <= 1);
    // It was set against a clock that lost: now it is ahead, which the next start of the collector finds.
    lift();
    await field.restart();
    await until('the clock is wrong', async () => Math.abs(((await driftOf()) ?? 0) - 90) <= 1);
    const told = (await field.telemetry()).filter(
      ({ meterId, parameters }) => meterId === idOf('LATE') && 'clock.driftSeconds' in parameters,
    );
    const polls = (await field.telemetry()).filter(({ meterId }) => meterId === idOf('LATE'));
    expect(told.length).toBeLessThanOrEqual(3);
    expect(polls.length).toBeGreaterThan(told.length);
  }, 60_000);

  test.each([
    ['FEEDER', plan(true), /no registers to set the tou-plan: use the vendor's tool/],
    ['TAP', { kind: 'clock', byteOrderConfirmed: true } as MeterSetting, /no registers to set the clock/],
    [
      'FLAT',
      { ...plan(true), dayPlans: [[{ hour: 6, minute: 0, period: 'flat' }]] } as MeterSetting,
      /day plan 2 is named by a date and not given/,
    ],
    [
      'FLAT',
      {
        ...plan(true),
        dayPlans: [[{ hour: 6, minute: 0, period: 'flat' }], [{ hour: 0, minute: 0, period: 'flat' }]],
      } as MeterSetting,
      /begins at midnight/,
    ],
    [
      'FLAT',
      {
        ...plan(true),
        datePlan: [{ month: 1, day: 1, plan: 1 }],
        dayPlans: [[{ hour: 0, minute: 0, period: 'deep-valley' }]],
      } as MeterSetting,
      /no rate for deep-valley/,
    ],
  ])(
    '%s: what the map does not say how to write is not written',
    async (serial, setting, why) => {
      expect(await setOf(serial, setting)).toMatchObject({
        outcome: 'failed',
        evidence: expect.stringMatching(why),
      });
    },
    60_000,
  );
});

describe('many commands at once', () => {
  test('a command that is taken back is not carried out, and one that is done is left done', async () => {
    const lift = field.fleet.setFault({ site: siteCode, gateway: 'G1', unitId: 1 }, { kind: 'silent' });
    await field.command({ commandId: 'cmd_wait', serial: 'FLAT', action: 'disconnect' });
    await field.parts.eventLog.append(topics.meterCommands, [
      {
        key: idOf('FLAT'),
        value: {
          kind: 'cancel',
          commandId: 'cmd_wait',
          projectId,
          meterId: idOf('FLAT'),
          requestedBy: 'Eva',
          requestedAt: Date.now(),
        },
      },
    ]);
    expect(await outcomeOf('cmd_wait')).toMatchObject({
      outcome: 'expired',
      evidence: expect.stringMatching(/taken back by Eva$/),
    });
    lift();
    expect(field.fleet.isSupplyClosed(siteCode, 'FLAT')).toBe(true);
  }, 60_000);

  test('polls go on between the commands of a batch, and one that came alone passes the batch', async () => {
    const pollsOf = async (): Promise<number> =>
      (await field.states()).meters
        .filter((meter) => meter.serial.startsWith('M'))
        .reduce((sum, meter) => sum + meter.polls, 0);
    const now = Date.now();
    const before = await pollsOf();
    const batch = crowd.flatMap(({ serial }) =>
      [0, 1].map((turn) => ({
        key: idOf(serial),
        value: {
          kind: 'read-now' as const,
          commandId: `cmd_bulk_${serial}_${turn}`,
          projectId,
          meterId: idOf(serial),
          requestedBy: 'test',
          reason: 'batch',
          requestedAt: now,
          expiresAt: now + 120_000,
          bulk: true,
        },
      })),
    );
    await field.parts.eventLog.append(topics.meterCommands, batch);
    await until('the batch has begun', async () => (await field.outcomes()).some(isBulk));
    await field.command({ commandId: 'cmd_alone', serial: 'M39', action: 'disconnect' });
    await outcomeOf('cmd_alone');
    const doneBefore = (await field.outcomes()).filter(isBulk).length;
    await until(
      'the whole batch',
      async () => (await field.outcomes()).filter(isBulk).length === batch.length,
    );
    expect(doneBefore).toBeLessThan(batch.length);
    expect((await field.outcomes()).filter(isBulk).every(({ outcome }) => outcome === 'confirmed')).toBe(
      true,
    );
    // Polls were due all the time: at least one went between two commands.
    expect((await pollsOf()) - before).toBeGreaterThanOrEqual(batch.length / 2);
  }, 120_000);
});

const isBulk = ({ commandId }: CommandOutcome): boolean => commandId.startsWith('cmd_bulk_');
