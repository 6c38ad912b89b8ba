// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CommandOutcome } from '@wattledger/contracts';
import type { CommandAccepted, MeterCommands, MeterStateDetail } from '@wattledger/contracts/http/ingest';
import {
  idOf,
  projectId,
  siteCode,
  startField,
  until,
  type IngestField,
} from '../collector/ingest-fixture.ts';
import type { MeterSpec } from '../simulated-fleet/index.ts';
import { attemptPauseMs } from './commands-service.ts';
import { present } from '../testing/present.ts';

const spec = (serial: string, gateway: string, unitId: number, modelId: string): MeterSpec => ({
  serial,
  gateway,
  unitId,
  modelId,
  parent: null,
  registerAtStart: 1_000_000,
  load: { kind: 'shop', dayConsumption: 90_000, seed: unitId },
});
const meters = [
  spec('SHOP', 'G1', 1, 'acrel-dtsy1352'),
  spec('FLAT', 'G1', 2, 'acrel-ddsy1352'),
  spec('TAP', 'G2', 1, 'xintai-water'),
];

let field: IngestField;
const outcomeOf = async (commandId: string): Promise<CommandOutcome> =>
  await until(`the outcome of ${commandId}`, async () =>
    (await field.outcomes()).find((outcome) => outcome.commandId === commandId),
  );
const outcomesOf = async (commandId: string): Promise<number> =>
  (await field.outcomes()).filter((outcome) => outcome.commandId === commandId).length;
const isClosed = (serial: string): boolean => field.fleet.isSupplyClosed(siteCode, serial);

beforeAll(async () => {
  // Half an hour between polls: what happens here is done by commands.
  field = await startField({ name: 'commands', gateways: ['G1', 'G2'], meters, pollIntervalSeconds: 1800 });
  await field.tell(field.snapshots);
  await field.service.start();
  await until(
    'all meters online',
    async () =>
      (await field.states()).meters.length === 3 &&
      (await field.states()).meters.every((meter) => meter.online === true),
  );
}, 60_000);
afterAll(async () => {
  await field.stop();
}, 60_000);

describe('commands', () => {
  test('disconnect opens the relay, and the proof is what was read back', async () => {
    await field.command({ commandId: 'cmd_1', serial: 'SHOP', action: 'disconnect' });
    const outcome = await outcomeOf('cmd_1');
    expect(outcome).toMatchObject({
      outcome: 'confirmed',
      reportedRelay: 'open',
      action: 'disconnect',
      attempts: 1,
      kind: 'switch-supply',
    });
    expect(outcome.evidence).toBe('FC16 0x0057 = 1 1: acknowledged; read back 0x0057 = 1 1');
    expect(isClosed('SHOP')).toBe(false);
    const shop = await until('the wall', async () =>
      (await field.states()).meters.find((meter) => meter.serial === 'SHOP' && meter.relay === 'open'),
    );
    expect(shop.registers).toHaveLength(5);
    expect((await field.telemetry()).at(-1)).toMatchObject({
      meterId: idOf('SHOP'),
      online: true,
      relay: 'open',
    });
  }, 60_000);

  test('connect closes it, release gives it back to the meter', async () => {
    await field.command({ commandId: 'cmd_2', serial: 'SHOP', action: 'connect' });
    expect(await outcomeOf('cmd_2')).toMatchObject({ outcome: 'confirmed', reportedRelay: 'closed' });
    expect(isClosed('SHOP')).toBe(true);
    await field.command({ commandId: 'cmd_3', serial: 'SHOP', action: 'release' });
    expect(await outcomeOf('cmd_3')).toMatchObject({ outcome: 'confirmed', reportedRelay: 'unknown' });
  }, 60_000);

  test('the same command delivered again has one outcome and one effect', async () => {
    await field.command({ commandId: 'cmd_4', serial: 'FLAT', action: 'disconnect' });
    await outcomeOf('cmd_4');
    await field.command({ commandId: 'cmd_5', serial: 'FLAT', action: 'connect' });
    await outcomeOf('cmd_5');
    await field.command({ commandId: 'cmd_4', serial: 'FLAT', action: 'disconnect' });
    await field.command({ commandId: 'cmd_6', serial: 'SHOP', action: 'connect' });
    await outcomeOf('cmd_6');
    expect([await outcomesOf('cmd_4'), isClosed('FLAT')]).toEqual([1, true]);
  }, 60_000);

  test('an unreachable meter is tried until it is back', async () => {
    const lift = field.fleet.setFault({ site: siteCode, gateway: 'G1', unitId: 1 }, { kind: 'silent' });
    await field.command({ commandId: 'cmd_7', serial: 'SHOP', action: 'disconnect' });
    await until('a second attempt', async () => {
      const detail = (await field.http.send('GET', `/api/projects/${projectId}/meters/${idOf('SHOP')}/state`))
        .body as MeterStateDetail;
      const command = detail.commands.find(({ commandId }) => commandId === 'cmd_7');
      return command !== undefined && command.state === 'waiting' && command.attempts >= 2;
    });
    expect(isClosed('SHOP')).toBe(true);
    lift();
    expect(await outcomeOf('cmd_7')).toMatchObject({ outcome: 'confirmed', reportedRelay: 'open' });
    expect(isClosed('SHOP')).toBe(false);
  }, 60_000);

  test('a newer command ends an older one that still waits, and only the newer is carried out', async () => {
    const lift = field.fleet.setFault({ site: siteCode, gateway: 'G1', unitId: 2 }, { kind: 'silent' });
    await field.command({ commandId: 'cmd_8', serial: 'FLAT', action: 'disconnect' });
    await field.command({ commandId: 'cmd_9', serial: 'FLAT', action: 'connect' });
    const superseded = await outcomeOf('cmd_8');
    expect(superseded).toMatchObject({ outcome: 'expired', action: 'disconnect' });
    expect(superseded.evidence).toMatch(/superseded by cmd_9$/);
    lift();
    expect(await outcomeOf('cmd_9')).toMatchObject({ outcome: 'confirmed', reportedRelay: 'closed' });
    expect(isClosed('FLAT')).toBe(true);
  }, 60_000);

  test('a relay that does not obey is failed with the evidence, not believed', async () => {
    const lift = field.fleet.setFault({ site: siteCode, gateway: 'G1', unitId: 2 }, { kind: 'stuck-relay' });
    await field.command({ commandId: 'cmd_10', serial: 'FLAT', action: 'disconnect' });
    const outcome = await outcomeOf('cmd_10');
    lift();
    expect(outcome).toMatchObject({ outcome: 'failed', reportedRelay: 'closed' });
    expect(outcome.evidence).toMatch(/acknowledged; read back 0x0057 = 1 0/);
    expect(outcome.attempts).toBeGreaterThan(1);
  }, 60_000);

  test('a command past its expiry is not carried out', async () => {
    const now = Date.now();
    await field.command({
      commandId: 'cmd_11',
      serial: 'FLAT',
      action: 'disconnect',
      requestedAt: now - 2_000,
      expiresAt: now - 1_000,
    });
    expect(await outcomeOf('cmd_11')).toMatchObject({ outcome: 'expired', attempts: 0 });
    expect(isClosed('FLAT')).toBe(true);
  }, 60_000);

  test('a meter that may not be switched, and one that nobody polls', async () => {
    await field.command({ commandId: 'cmd_12', serial: 'TAP', action: 'disconnect' });
    expect(await outcomeOf('cmd_12')).toMatchObject({
      outcome: 'failed',
      evidence: 'the meter is not marked as switchable',
    });
    await field.command({
      commandId: 'cmd_13',
      serial: 'NOBODY',
      action: 'disconnect',
      expiresAt: Date.now() + 1_500,
    });
    expect(await outcomeOf('cmd_13')).toMatchObject({
      outcome: 'expired',
      evidence: expect.stringMatching(/polled by no gateway/),
    });
  }, 60_000);

  test('the valve of a water meter is driven by its own words', async () => {
    const told = present(field.snapshots.find((snapshot) => snapshot.id === idOf('TAP')));
    await field.tell([{ ...told, snapshot: { ...told.snapshot, switchable: true } } as typeof told]);
    await field.command({ commandId: 'cmd_14', serial: 'TAP', action: 'disconnect' });
    expect(await outcomeOf('cmd_14')).toMatchObject({
      outcome: 'confirmed',
      reportedRelay: 'open',
      evidence: 'FC6 0x001C = 2: acknowledged; read back 0x001C = 2',
    });
    await field.command({ commandId: 'cmd_15', serial: 'TAP', action: 'release' });
    expect(await outcomeOf('cmd_15')).toMatchObject({
      outcome: 'failed',
      evidence: 'register map xintai-water has no action "release"',
    });
  }, 60_000);

  test('a waiting command survives a restart of the service', async () => {
    const lift = field.fleet.setFault({ site: siteCode, gateway: 'G1' }, { kind: 'no-connection' });
    await field.command({ commandId: 'cmd_16', serial: 'FLAT', action: 'disconnect' });
    await field.parts.drain();
    await field.restart();
    lift();
    expect(await outcomeOf('cmd_16')).toMatchObject({ outcome: 'confirmed', reportedRelay: 'open' });
    expect(await outcomesOf('cmd_16')).toBe(1);
  }, 60_000);

  test('read now: the reading is in the log before the outcome is', async () => {
    const before = (await field.readings()).filter(({ meterId }) => meterId === idOf('SHOP')).length;
    const answer = await field.http.send(
      'POST',
      `/api/projects/${projectId}/meters/${idOf('SHOP')}/read-now`,
    );
    expect(answer.status).toBe(202);
    const { commandId } = answer.body as CommandAccepted;
    const outcome = await outcomeOf(commandId);
    expect(outcome).toMatchObject({ outcome: 'confirmed', kind: 'read-now', action: null });
    expect(outcome.evidence).toMatch(/energy\.active\.total = \d+×10\^1/);
    expect((await field.readings()).filter(({ meterId }) => meterId === idOf('SHOP')).length).toBe(
      before + 1,
    );
    const listed = (
      await field.http.send('GET', `/api/projects/${projectId}/meters/${idOf('SHOP')}/commands`)
    ).body as MeterCommands;
    expect(listed.commands[0]).toMatchObject({ commandId, state: 'confirmed', requestedBy: 'stf_test' });
    expect(field.parts.actions.at(-1)).toMatchObject({ action: 'meter.read-now', subject: idOf('SHOP') });
  }, 60_000);

  test('a gateway that is disabled: read-now is refused with what to do', async () => {
    const told = present(field.snapshots.find((snapshot) => snapshot.id === idOf('SHOP')));
    await field.tell([{ ...told, snapshot: { ...told.snapshot, gatewayId: null } } as typeof told]);
    await until(
      'the change',
      async () => (await field.states()).meters.find((meter) => meter.serial === 'SHOP')?.gatewayId === null,
    );
    const answer = await field.http.send(
      'POST',
      `/api/projects/${projectId}/meters/${idOf('SHOP')}/read-now`,
    );
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'meter-not-polled', hint: expect.stringMatching(/gateway/) },
    });
  }, 60_000);

  test('no secret was read in all of this', () => {
    expect(field.fleet.counters().secretReads).toBe(0);
  });

  test('attempts follow each other so closely that a returning gateway is used within a minute', () => {
    for (let attempts = 0; attempts < 30; attempts += 1)
      expect(attemptPauseMs(attempts)).toBeLessThanOrEqual(20_000);
    expect([0, 1, 2, 3].map(attemptPauseMs)).toEqual([2_000, 4_000, 8_000, 16_000]);
  });
});
