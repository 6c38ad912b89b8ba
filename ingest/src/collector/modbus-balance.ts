// SPDX-License-Identifier: Apache-2.0
/**
 * The balance that a meter keeps itself: read, and raised by a purchase. The meter's own count of purchases is looked at
 * before anything is written, so that an order whose end nobody heard is never carried out twice.
 */
import { Buffer } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MeterBalanceOrder, MeterBalanceRead, MeterCreditOrder } from '@wattledger/contracts';
import type { Asker } from '../modbus/index.ts';
import {
  decodeRow,
  encodeRaw,
  findRow,
  registersOfType,
  ownRowOf,
  type MeterBalanceRows,
  type RegisterMap,
} from '../register-maps/index.ts';
import type { SettingAttempt } from './meter-driver.ts';

interface Target {
  readonly unitId: number;
  readonly map: RegisterMap;
}
interface Talk {
  readonly asker: Asker;
  readonly target: Target;
  readonly rows: MeterBalanceRows;
  readonly notes: string[];
}

const microsOfUnit = 1_000_000;
/** Exceptions that say "never", not "not now": function, address, value. */
const finalExceptions = /^exception [123] /;
/** What a meter takes to post a purchase. */
const settleMs = 300;

export async function orderBalance(
  asker: Asker,
  { unitId, map }: Target,
  order: MeterBalanceOrder,
): Promise<SettingAttempt> {
  const rows = map.meterBalance;
  const mounted = findRow(map, order.register);
  if (rows === undefined || mounted === undefined)
    return { kind: 'refused', evidence: `register map ${map.id} has no balance at ${order.register}` };
  if (order.kind === 'meter-credit' && rows.writing === 'inferred' && !order.registersConfirmed)
    return {
      kind: 'refused',
      evidence: `how ${map.id} takes a purchase is inferred from its manual: try it on one meter, then confirm it`,
    };
  const target = { unitId: unitId + (mounted.unitOffset ?? 0), map };
  const talk: Talk = { asker, target, rows, notes: [] };
  const before = await readBalance(talk);
  if (before === null) return ended('unreachable', talk);
  if (order.kind === 'meter-balance') return ended('confirmed', talk, before);
  if (shows(before, order)) return ended('confirmed', talk, before);
  if (!awaits(before, order)) {
    talk.notes.push('another purchase came between: nothing is written');
    return ended('refused', talk, before);
  }
  return await buy(talk, order, before);
}

const ended = (
  kind: SettingAttempt['kind'],
  { notes }: Talk,
  balance?: MeterBalanceRead,
): SettingAttempt => ({
  kind,
  evidence: notes.join('; '),
  ...(balance === undefined ? {} : { balance }),
});

const shows = (read: MeterBalanceRead, order: MeterCreditOrder): boolean =>
  read.purchaseCount === order.purchaseNumber &&
  read.purchasedMicros === order.purchasedBeforeMicros + order.amountMicros;

const countsUntilAgain = 65_536;
const awaits = (read: MeterBalanceRead, order: MeterCreditOrder): boolean =>
  (read.purchaseCount + 1) % countsUntilAgain === order.purchaseNumber &&
  read.purchasedMicros === order.purchasedBeforeMicros;

async function buy(talk: Talk, order: MeterCreditOrder, before: MeterBalanceRead): Promise<SettingAttempt> {
  const { asker, target, rows, notes } = talk;
  const [amount, number] = rows.newPurchase.map((name) => ownRowOf(target.map, name));
  if (amount === undefined || number === undefined) throw new Error('the map was checked when it was read');
  const counts = order.amountMicros / (microsOfUnit * 10 ** amount.scaler);
  const raw = Math.round(counts);
  if (Math.abs(counts - raw) > 1e-6 || raw > 0xffffffff) {
    notes.push(`${order.amountMicros} micros are no whole steps of ${amount.name}`);
    return ended('refused', talk, before);
  }
  const bytes = Buffer.concat([
    encodeRaw(target.map, amount, raw),
    encodeRaw(target.map, number, order.purchaseNumber),
  ]);
  const values = Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16BE(2 * index));
  const { unitId } = target;
  const { address } = amount;
  await sleep(target.map.limits.minGapMs);
  const written = await asker.ask({ kind: 'write', unitId, functionCode: 16, address, values });
  notes.push(
    `FC16 ${hexAddress(address)} = ${bytes.toString('hex')}: ${written.ok ? 'acknowledged' : written.reason}`,
  );
  if (!written.ok && finalExceptions.test(written.reason)) return ended('refused', talk, before);
  if (!written.ok) return ended('unreachable', talk);
  await sleep(Math.max(settleMs, target.map.limits.minGapMs));
  const after = await readBalance(talk);
  if (after === null) return ended('unreachable', talk);
  return ended(shows(after, order) ? 'confirmed' : 'disobeyed', talk, after);
}

/** One question for all three, so that they are of one moment. */
async function readBalance({ asker, target, rows, notes }: Talk): Promise<MeterBalanceRead | null> {
  const wanted = [rows.balance, rows.purchased, rows.purchaseCount].map((name) => ownRowOf(target.map, name));
  const address = Math.min(...wanted.map((row) => row.address));
  const count = Math.max(...wanted.map((row) => row.address + registersOfType(row.type))) - address;
  const { unitId, map } = target;
  const answer = await asker.ask({
    kind: 'read',
    unitId,
    functionCode: map.readFunctionCode,
    address,
    count,
  });
  notes.push(`read ${hexAddress(address)} = ${answer.ok ? answer.words.toString('hex') : answer.reason}`);
  if (!answer.ok) return null;
  const [balance, purchased, purchaseCount] = wanted.map((row) => {
    const at = 2 * (row.address - address);
    const decoded = decodeRow(map, row, answer.words.subarray(at, at + 2 * registersOfType(row.type)));
    return decoded.ok ? decoded.value : null;
  });
  if (balance == null || purchased == null || purchaseCount == null) return null;
  const micros = (value: number): number => Math.round(value * microsOfUnit);
  return { balanceMicros: micros(balance), purchasedMicros: micros(purchased), purchaseCount };
}

function hexAddress(address: number): string {
  return `0x${address.toString(16).padStart(4, '0').toUpperCase()}`;
}
