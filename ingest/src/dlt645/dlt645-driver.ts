// SPDX-License-Identifier: Apache-2.0
/** A meter that is read by data identifiers, on whatever line it hangs. */
import { Buffer } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RelayState, SupplyAction } from '@wattledger/contracts';
import type { PollFaultKind, RegisterState } from '@wattledger/contracts/http/ingest';
import type { Clock } from '@wattledger/platform';
import type { MeterDriver, PollOutcome, SwitchAttempt } from '../collector/meter-driver.ts';
import type { Answer, Exchange } from '../lines/exchange.ts';
import type { RegisterMap, RegisterRow, RelayControl } from '../register-maps/index.ts';
import { bytesOfType, decodeBcd } from './bcd.ts';
import { readClock645, setClock645 } from './dlt645-clock.ts';
import { readExchange, relayExchange, type SwitchPassword } from './exchanges.ts';

export interface LineAsker {
  ask(exchange: Exchange): Promise<Answer>;
}
export interface Dlt645Target {
  readonly address: string;
  readonly map: RegisterMap;
  /** Rows of every poll. */
  readonly rows: readonly RegisterRow[];
}

/** Worth one more question: it says nothing of the meter's being there, only of this one answer. */
const worthRepeating: ReadonlySet<PollFaultKind> = new Set(['garbled', 'wrong-length', 'foreign-answer']);
/** After these nothing more is asked in this poll: it would cost a time-out each. */
const endsPoll: ReadonlySet<PollFaultKind> = new Set(['no-answer', 'no-connection', 'garbled']);
/** Two answers of one poll agree when the register has gone on by no more than this. */
const countsBetweenMax = 5;
/** A relay takes a moment; its meter looks at it about once a second. */
const settleMs = 1_000;
const looksMax = 3;
/** The meter's clock may be of any zone, and wrong by some hours. */
const orderLivesMs = 2 * 86_400_000;

export function dlt645Driver(
  line: LineAsker,
  target: Dlt645Target,
  parts: { readonly clock: Clock; readonly passwordOf: () => Promise<SwitchPassword | null> },
): MeterDriver {
  return {
    poll: async () => await poll(line, target),
    switchSupply: async (action) => await switchSupply(line, target, action, parts),
    readClock: async (time) => await readClock645(line, target, time),
    writeSetting: async (setting, time) =>
      setting.kind === 'clock'
        ? await setClock645(line, target, await parts.passwordOf(), time)
        : {
            kind: 'refused',
            evidence: `a ${setting.kind} of DL/T 645 is not written: use the vendor's tool`,
          },
  };
}

interface Gathered {
  readonly registers: RegisterState[];
  readonly parameters: Record<string, number>;
  relay: { readonly state: RelayState; readonly atMs: number } | null;
  atMs: number | null;
  fault: PollOutcome['fault'];
}

/**
 * The check sum is one byte: of the answers that a bad line spoils one in 256 passes. What is counted is therefore asked
 * again when all else has been, and believed when both answers agree.
 */
async function poll(line: LineAsker, target: Dlt645Target): Promise<PollOutcome> {
  const gathered: Gathered = { registers: [], parameters: {}, relay: null, atMs: null, fault: null };
  const counted = new Map<RegisterRow, RegisterState>();
  for (const row of target.rows) {
    const value = await readRow(line, target, row, gathered);
    if (value === 'gone') return outcomeOf(gathered);
    if (value !== null) takeValue(target.map, row, value, gathered, counted);
  }
  for (const [row, first] of counted) {
    const again = await readRow(line, target, row, gathered);
    if (again === 'gone') break;
    if (again === null) continue;
    const second = countOf(row, again);
    if (second.value >= first.value && second.value - first.value <= countsBetweenMax)
      gathered.registers.push(second);
    else {
      const text = `${row.name} was ${first.value}, then ${second.value}`;
      gathered.fault = { kind: 'impossible-value', text };
    }
  }
  return outcomeOf(gathered);
}

interface ReadValue {
  readonly value: number;
  readonly atMs: number;
}

/** @returns null: it has none, or the answer is not to be believed; gone: nothing more is asked in this poll */
async function readRow(
  line: LineAsker,
  { address, map }: Dlt645Target,
  row: RegisterRow,
  gathered: Gathered,
): Promise<ReadValue | null | 'gone'> {
  if (gathered.atMs !== null) await sleep(map.limits.minGapMs);
  const exchange = readExchange(address, row.dataId ?? '', bytesOfType(row.type));
  let answer = await line.ask(exchange);
  if (!answer.ok && worthRepeating.has(answer.fault)) {
    gathered.fault = { kind: answer.fault, text: answer.reason };
    answer = await line.ask(exchange);
  }
  if (!answer.ok) {
    gathered.fault = { kind: answer.fault, text: answer.reason };
    return endsPoll.has(answer.fault) ? 'gone' : null;
  }
  gathered.atMs = answer.atMs;
  const decoded = decodeBcd(row.type, answer.words);
  if (decoded.ok) return { value: decoded.value, atMs: answer.atMs };
  // A phase that is not connected is no fault; a register that ought to count is missed.
  if (!decoded.absent || row.kind === 'counted')
    gathered.fault = { kind: 'impossible-value', text: `${row.name}: ${decoded.reason}` };
  return null;
}

function countOf({ name, scaler, unit }: RegisterRow, { value, atMs }: ReadValue): RegisterState {
  return { register: name, value, scaler, unit, instantMs: atMs };
}

function takeValue(
  { relayControl }: RegisterMap,
  row: RegisterRow,
  read: ReadValue,
  gathered: Gathered,
  counted: Map<RegisterRow, RegisterState>,
): void {
  if (row.kind === 'counted') counted.set(row, countOf(row, read));
  else if (row.kind === 'parameter') gathered.parameters[row.name] = read.value;
  else if (row.name === relayControl?.statusRow)
    gathered.relay = { state: relayShown(relayControl, read.value), atMs: read.atMs };
}

function outcomeOf({ registers, parameters, relay, atMs, fault }: Gathered): PollOutcome {
  if (atMs === null) return { answer: null, fault };
  const answer = { registers, parameters, relay: relay?.state ?? null, relayAtMs: relay?.atMs ?? null, atMs };
  return { answer, fault };
}

export function relayShown({ openBit }: RelayControl, status: number): RelayState {
  return (status & (1 << openBit)) === 0 ? 'closed' : 'open';
}

async function switchSupply(
  line: LineAsker,
  { address, map }: Dlt645Target,
  action: SupplyAction,
  { clock, passwordOf }: { readonly clock: Clock; readonly passwordOf: () => Promise<SwitchPassword | null> },
): Promise<SwitchAttempt> {
  const refused = (evidence: string): SwitchAttempt => ({
    kind: 'refused',
    relay: 'unknown',
    atMs: null,
    evidence,
  });
  const control = map.relayControl;
  const order = control?.orders[action];
  const status = map.registers.find(({ name }) => name === control?.statusRow);
  if (control === undefined || order === undefined || status?.dataId === undefined)
    return refused(`register map ${map.id} has no action "${action}"`);
  const password = await passwordOf();
  if (password === null)
    return refused('the meter lets itself be switched with a password only, and none is stored for it');
  const written = await line.ask(relayExchange(address, order, password, clock.nowMs() + orderLivesMs));
  const order1c = `1C ${order}: ${written.ok ? 'acknowledged' : written.reason}`;
  if (!written.ok && written.fault === 'exception') return refused(order1c);
  let attempt: SwitchAttempt = { kind: 'unreachable', relay: 'unknown', atMs: null, evidence: order1c };
  if (!written.ok && isSilence(written)) return attempt;
  for (let look = 1; look <= looksMax; look += 1) {
    await sleep(settleMs);
    const read = await line.ask(readExchange(address, status.dataId, bytesOfType(status.type)));
    if (!read.ok) return { ...attempt, kind: 'unreachable', evidence: `${order1c}; status: ${read.reason}` };
    const decoded = decodeBcd(status.type, read.words);
    const relay = decoded.ok ? relayShown(control, decoded.value) : 'unknown';
    const evidence = `${order1c}; ${status.dataId} = ${Buffer.from(read.words).reverse().toString('hex')}`;
    // Let close by hand: nothing is promised of the relay then.
    const isSo = action === 'release' || relay === (action === 'connect' ? 'closed' : 'open');
    attempt = { kind: isSo ? 'confirmed' : 'disobeyed', relay, atMs: read.atMs, evidence };
    if (isSo) return attempt;
  }
  return attempt;
}

function isSilence(answer: Answer): boolean {
  return !answer.ok && (answer.fault === 'no-answer' || answer.fault === 'no-connection');
}
