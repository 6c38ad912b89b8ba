// SPDX-License-Identifier: Apache-2.0
/** Credits written to a meter that keeps a balance itself, over real sockets, with read-back and with lost answers. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CommandOutcome, MeterBalanceOrder, MeterCommand } from '@wattledger/contracts';
import { idOf, siteCode, startField, until, type IngestField } from '../collector/ingest-fixture.ts';
import { systemClock } from '@wattledger/platform';
import { orderBalance } from '../collector/modbus-balance.ts';
import type { Asker } from '../modbus/index.ts';
import { registerMapOf } from '../register-maps/index.ts';
import { modbusLine } from '../testing/modbus-line.ts';
import type { MeterSpec } from '../simulated-fleet/index.ts';

const spec = (serial: string, unitId: number, modelId = 'acrel-adf400l-1ph'): MeterSpec => ({
  serial,
  gateway: 'G1',
  unitId,
  modelId,
  parent: null,
  registerAtStart: 1_000_000,
  load: { kind: 'flat', dayConsumption: 0, seed: unitId },
});
/** USER1 is the cabinet of which the registry knows; the others are its circuits at the next unit ids. */
const meters = [
  spec('USER1', 10),
  spec('USER2', 11),
  spec('USER3', 12),
  spec('USER4', 13),
  spec('PLAIN', 40, 'acrel-ddsy1352'),
];

let field: IngestField;
let given = 0;
beforeAll(async () => {
  field = await startField({ name: 'meter-balance', gateways: ['G1'], meters, pollIntervalSeconds: 60 });
  await field.tell(field.snapshots);
  await field.service.start();
  await until('all meters online', async () =>
    (await field.states()).meters.every((meter) => meter.online === true),
  );
}, 60_000);
afterAll(async () => {
  await field.stop();
}, 60_000);

type Setting = Extract<MeterCommand, { kind: 'write-setting' }>['setting'];
async function order(setting: Setting, serial = 'USER1', expiresAt?: number): Promise<string> {
  given += 1;
  const commandId = `cmd_balance_${given}`;
  await field.command({
    commandId,
    serial,
    kind: 'write-setting',
    setting,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  } as Partial<MeterCommand> & { commandId: string; serial: string });
  return commandId;
}
const outcomeOf = async (commandId: string): Promise<CommandOutcome> =>
  await until(`the outcome of ${commandId}`, async () =>
    (await field.outcomes()).find((outcome) => outcome.commandId === commandId),
  );
const ordered = async (setting: Setting, serial?: string): Promise<CommandOutcome> =>
  await outcomeOf(await order(setting, serial));
const register = (circuit: number): string => `circuit${circuit}.energy.active.total`;
const credit = (changes: Partial<Extract<Setting, { kind: 'meter-credit' }>> = {}): Setting => ({
  kind: 'meter-credit',
  register: register(1),
  amountMicros: 12_340_000,
  purchaseNumber: 1,
  purchasedBeforeMicros: 0,
  registersConfirmed: true,
  ...changes,
});
const balance = (balanceMicros: number, purchaseCount: number) => ({
  balanceMicros,
  purchasedMicros: balanceMicros,
  purchaseCount,
});

describe('a meter that keeps a balance', () => {
  test('is read, raised once under its number, and proven by its own count', async () => {
    const nothing = await ordered({ kind: 'meter-balance', register: register(1) });
    expect(nothing).toMatchObject({ outcome: 'confirmed', balance: balance(0, 0) });
    const bought = await ordered(credit());
    expect(bought).toMatchObject({ outcome: 'confirmed', balance: balance(12_340_000, 1) });
    // 1234 hundredths and number 1 together.
    expect(bought.evidence).toContain('FC16 0x050D = 000004d20001: acknowledged');
    // The same order under another command: the meter's count says that it has it; nothing is written.
    const again = await ordered(credit());
    expect(again).toMatchObject({ outcome: 'confirmed', balance: balance(12_340_000, 1) });
    expect(again.evidence).not.toContain('FC16');
    // An order that does not follow on what the meter has: refused before a write.
    const late = await ordered(credit({ amountMicros: 5_000_000 }));
    expect(late).toMatchObject({ outcome: 'failed', attempts: 1, balance: balance(12_340_000, 1) });
    expect(late.evidence).toMatch(/another purchase came between/);
    expect(late.evidence).not.toContain('FC16');
  }, 60_000);

  test('each circuit of a cabinet has its own', async () => {
    const third = await ordered(credit({ register: register(3), amountMicros: 10_000 }));
    expect(third).toMatchObject({ outcome: 'confirmed', balance: balance(10_000, 1) });
    const second = await ordered({ kind: 'meter-balance', register: register(2) });
    expect(second).toMatchObject({ outcome: 'confirmed', balance: balance(0, 0) });
  }, 60_000);

  test('cut off after each step of it: before, at and after the write; ordered again, it is there once', async () => {
    const port = field.fleet.portOf(siteCode, 'G1');
    const transport = { kind: 'modbus-tcp', host: '127.0.0.1', port } as const;
    const line = modbusLine({ transport, timeoutMs: 1000, clock: systemClock });
    const map = registerMapOf('acrel-adf400l-1ph');
    for (let steps = 0; steps <= 3; steps += 1) {
      const purchasedBeforeMicros = steps * 1_000_000;
      const change = { register: register(4), amountMicros: 1_000_000, purchaseNumber: steps + 1 };
      const cutOrder = credit({ ...change, purchasedBeforeMicros }) as MeterBalanceOrder;
      let left = steps;
      // What was asked reaches the meter; from then on nobody hears an answer.
      const asker: Asker = {
        async ask(request) {
          if (left === 0) throw new Error('killed');
          left -= 1;
          const answer = await line.ask(request);
          if (left === 0 && steps < 3) throw new Error('killed');
          return answer;
        },
      };
      const cut = orderBalance(asker, { unitId: 10, map }, cutOrder);
      if (steps < 3) await expect(cut).rejects.toThrow('killed');
      else expect(await cut).toMatchObject({ kind: 'confirmed' });
      const again = await orderBalance(line, { unitId: 10, map }, cutOrder);
      expect(again).toMatchObject({
        kind: 'confirmed',
        balance: balance((steps + 1) * 1_000_000, steps + 1),
      });
      expect(again.evidence.includes('FC16')).toBe(steps < 2);
    }
    line.close();
  }, 60_000);

  test('killed between write and read-back, over and over: one purchase', async () => {
    const at = { site: siteCode, gateway: 'G1', unitId: 11 };
    const change = { register: register(2), amountMicros: 50_000_000 };
    for (let kill = 0; kill < 6; kill += 1) {
      // The answers stay away from some point on; the process ends and begins anew meanwhile.
      const commandId = await order(credit(change), 'USER1', Date.now() + 4_000);
      if (kill > 0) await new Promise((resolve) => setTimeout(resolve, 60 * kill));
      const lift = field.fleet.setFault(at, { kind: 'silent' });
      await field.restart();
      lift();
      await outcomeOf(commandId);
    }
    const end = await ordered(credit(change));
    expect(end).toMatchObject({ outcome: 'confirmed', balance: balance(50_000_000, 1) });
  }, 120_000);

  test('is not written where the way is inferred and nobody has tried it, nor where a map has no such registers', async () => {
    const inferred = await ordered(credit({ registersConfirmed: false, purchaseNumber: 2 }));
    expect(inferred).toMatchObject({ outcome: 'failed', evidence: expect.stringMatching(/is inferred/) });
    const plain = await ordered({ kind: 'meter-balance', register: 'energy.active.total' }, 'PLAIN');
    expect(plain).toMatchObject({ outcome: 'failed', evidence: expect.stringMatching(/has no balance/) });
    expect(idOf('PLAIN')).toBe('mtr_plain');
  }, 60_000);
});
