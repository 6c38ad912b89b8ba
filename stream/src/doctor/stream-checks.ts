// SPDX-License-Identifier: Apache-2.0
/**
 * The promises of the stream, asked of its stores. The consumer writes rows before it commits, so on a running system two
 * answers may be of two moments: what differs is looked at again before it is called a fault. Rows ahead of the position
 * (after a crash, until the consumer runs again) are said, not blamed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DoctorCheck, Parts } from '@wattledger/platform';
import { rebuild } from '../rebuild/rebuild-service.ts';
import {
  readDaySums,
  readHeldCounts,
  readHeldStored,
  readMarkedPoints,
  readNewestRevisions,
  readSlotSums,
  readStates,
  sampleMeters,
  type SlotSumRow,
  type StateRow,
} from './doctor-store.ts';

type CheckParts = Pick<Parts, 'database' | 'warehouse' | 'eventLog' | 'logger'>;
type Answer = Awaited<ReturnType<DoctorCheck['check']>>;

const looksMax = 6;
/** The first pause; each further one is twice as long. A step of the consumer commits well within all of them. */
const lookAgainMs = 100;
const namedMax = 5;
const sampledMeters = 20;

export function streamChecks(parts: CheckParts): readonly DoctorCheck[] {
  return [
    {
      name: 'stream: Σ slots = closing − opening for every segment',
      check: async () => await checkSegments(parts, closureFault),
    },
    {
      name: 'stream: slots lie between the first and last reading, without a hole',
      check: async () => await checkSegments(parts, coverageFault),
    },
    { name: 'stream: days = Σ slots', check: async () => await checkDays(parts) },
    {
      name: 'stream: held readings are counted as they are stored',
      check: async () => await checkHeld(parts),
    },
    {
      name: 'stream: slots are what the kept readings fold to (sampled meters)',
      check: async () => await checkSample(parts),
    },
  ];
}

type Fault = (state: StateRow | undefined, sum: SlotSumRow | undefined) => string | null;

function closureFault(state: StateRow | undefined, sum: SlotSumRow | undefined): string | null {
  const expected =
    state?.first_ms == null ? 0 : state.last_units - state.first_units + state.rollover_consumption;
  const found = sum?.consumption ?? 0;
  return expected === found ? null : `registers say ${expected}, slots sum to ${found}`;
}

function coverageFault(state: StateRow | undefined, sum: SlotSumRow | undefined): string | null {
  if (state === undefined)
    return sum === undefined ? null : `${sum.slots} slots of a segment that is not in force`;
  const slotMs = state.slot_minutes * 60_000;
  const { first_ms: first, last_ms: last } = state;
  const hasEnergy = first !== null && last !== null && first < last;
  const fromMs = hasEnergy ? Math.floor(first / slotMs) * slotMs : 0;
  const toMs = hasEnergy ? Math.ceil(last / slotMs) * slotMs : 0;
  const expected = (toMs - fromMs) / slotMs;
  if ((sum?.slots ?? 0) !== expected) return `${sum?.slots ?? 0} slots where the readings span ${expected}`;
  if (sum === undefined || expected === 0) return null;
  const inside = sum.first_s * 1000 === fromMs && sum.last_s * 1000 + slotMs === toMs;
  return inside ? null : 'slots lie beyond the readings';
}

async function checkSegments({ database, warehouse }: CheckParts, faultOf: Fault): Promise<Answer> {
  let segments: string[] | null = null;
  let total = 0;
  let faults = new Map<string, string>();
  for (let look = 1; look <= looksMax; look += 1) {
    const states: ReadonlyMap<string, StateRow> = await readStates(database, segments);
    const sums: ReadonlyMap<string, SlotSumRow> = await readSlotSums(warehouse, segments);
    const keys = new Set([...states.keys(), ...sums.keys()]);
    if (segments === null) total = keys.size;
    faults = new Map();
    const wrong = new Set<string>();
    for (const key of keys) {
      const fault = faultOf(states.get(key), sums.get(key));
      if (fault === null) continue;
      faults.set(key, fault);
      wrong.add(states.get(key)?.segment_id ?? sums.get(key)?.segment_id ?? '');
    }
    if (wrong.size === 0) return { ok: true, detail: `${total} segments` };
    segments = [...wrong];
    await sleep(lookAgainMs * 2 ** (look - 1));
  }
  const ahead = await segmentsAhead({ database, warehouse }, segments ?? []);
  const blamed = [...faults].filter(([key]) => !ahead.has(key.split(' ').at(-1) ?? ''));
  const aheadText =
    ahead.size === 0
      ? ''
      : `; ${ahead.size} segments have rows ahead of the position, which the consumer writes again when it starts`;
  if (blamed.length === 0) return { ok: true, detail: `${total} segments${aheadText}` };
  return {
    ok: false,
    detail: `${blamed.length} of ${total} segments: ${named(blamed.map(([key, fault]) => `${key}: ${fault}`))}${aheadText}`,
  };
}

/** Segments with rows of a step that was not committed. */
async function segmentsAhead(
  { database, warehouse }: Pick<CheckParts, 'database' | 'warehouse'>,
  segments: readonly string[],
): Promise<ReadonlySet<string>> {
  const [states, newest] = [
    await readStates(database, segments),
    await readNewestRevisions(warehouse, segments),
  ];
  const ahead = new Set<string>();
  for (const state of states.values()) {
    if ((newest.get(state.segment_id) ?? -1) >= state.next_offset) ahead.add(state.segment_id);
  }
  return ahead;
}

async function checkDays({ database, warehouse }: CheckParts): Promise<Answer> {
  let wrong: string[] = [];
  let total = 0;
  let waiting = 0;
  for (let look = 1; look <= looksMax; look += 1) {
    const markedBefore = await readMarkedPoints(database);
    const [slots, days] = [await readSlotSums(warehouse, null), await readDaySums(warehouse)];
    const marked = new Set([...markedBefore, ...(await readMarkedPoints(database))]);
    const keys = new Set([...slots.keys(), ...days.keys()]);
    total = keys.size;
    waiting = 0;
    wrong = [];
    for (const key of keys) {
      const [slot, day] = [slots.get(key), days.get(key)];
      if (slot?.consumption === day?.consumption && slot?.slots === day?.slots) continue;
      const row = slot ?? day;
      if (row !== undefined && marked.has(`${row.project_id} ${row.metering_point_id}`)) waiting += 1;
      else
        wrong.push(
          `${key}: slots ${slot?.consumption ?? 0} (${slot?.slots ?? 0}), days ${day?.consumption ?? 0} (${day?.slots ?? 0})`,
        );
    }
    if (wrong.length === 0) break;
    await sleep(lookAgainMs * 2 ** (look - 1));
  }
  const waitingText = waiting === 0 ? '' : `; ${waiting} wait for their rollup`;
  if (wrong.length === 0) return { ok: true, detail: `${total} segments${waitingText}` };
  return { ok: false, detail: `${wrong.length} of ${total} segments: ${named(wrong)}${waitingText}` };
}

async function checkHeld({ database, warehouse }: CheckParts): Promise<Answer> {
  let wrong: string[] = [];
  for (let look = 1; look <= looksMax; look += 1) {
    const [counted, stored] = [await readHeldCounts(database), await readHeldStored(warehouse)];
    const total = [...stored.values()].reduce((sum, count) => sum + count, 0);
    wrong = [...new Set([...counted.keys(), ...stored.keys()])]
      .filter((key) => counted.get(key) !== stored.get(key))
      .map((key) => `${key}: counted ${counted.get(key) ?? 0}, stored ${stored.get(key) ?? 0}`);
    if (wrong.length === 0) return { ok: true, detail: `${total} held readings` };
    await sleep(lookAgainMs * 2 ** (look - 1));
  }
  return { ok: false, detail: `${wrong.length} registers: ${named(wrong)}` };
}

async function checkSample(parts: CheckParts): Promise<Answer> {
  const meterIds = await sampleMeters(parts.database, sampledMeters);
  const found = await rebuild(parts, { meterIds, compareOnly: true });
  const different = found.slotsDifferent + found.verdictsDifferent + found.statesDifferent;
  const detail = `${found.meters} meters, ${found.slotsCompared} slots: ${found.slotsDifferent} slots, ${found.verdictsDifferent} verdicts, ${found.statesDifferent} states differ`;
  return {
    ok: different === 0,
    detail:
      found.metersAhead === 0
        ? detail
        : `${detail}; ${found.metersAhead} meters have rows ahead of the position`,
  };
}

function named(faults: readonly string[]): string {
  const more = faults.length - namedMax;
  return `${faults.slice(0, namedMax).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}
