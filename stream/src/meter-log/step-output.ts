// SPDX-License-Identifier: Apache-2.0
/** What a folded step sends on and leaves behind, put together from its meters. */
import { localDayOf, type IntervalEnergy, type TariffCalendar } from '@wattledger/contracts';
import type { NewRecord } from '@wattledger/platform';
import type { MeterState } from '../interval-energy/meter-state.ts';
import { coverageOf } from '../interval-energy/segment-state.ts';
import { wordOfVerdict } from '../interval-energy/verdict.ts';
import type { DayGrid } from '../rollups/day-grid.ts';
import type { TouchedDay } from '../rollups/touched-days-store.ts';
import { changedStarts, intervalEnergyRecords } from './interval-energy-records.ts';
import type { MeterResult } from './step-fold.ts';
import type { HeldChange, SetAsideOf, StepCounts } from './step-store.ts';

/** Days of one project on one grid whose slots changed. */
export interface TouchedProject {
  readonly projectId: string;
  readonly grid: DayGrid;
  readonly days: TouchedDay[];
  /** A meter was told of this grid. */
  isNew: boolean;
  newestReadingMs: number | null;
}

export interface StepOutput {
  readonly energy: readonly NewRecord<IntervalEnergy>[];
  readonly touched: readonly TouchedProject[];
  readonly held: readonly HeldChange[];
  readonly setAside: readonly SetAsideOf[];
  readonly slots: number;
}

export function outputOf(results: readonly MeterResult[]): StepOutput {
  const energy: NewRecord<IntervalEnergy>[] = [];
  const held: HeldChange[] = [];
  const setAside: SetAsideOf[] = [];
  const touched = new TouchedProjects();
  let slots = 0;
  for (const { before, state, effects } of results) {
    const key = { projectId: state.projectId, meterId: state.meterId };
    for (const changed of effects.slots.values()) {
      const starts = changedStarts(changed);
      slots += starts.length;
      const records = intervalEnergyRecords(state, changed, starts);
      for (const record of records) energy.push(record);
      touched.add(
        state,
        records.map(({ value }) => ({
          meterId: value.meterId,
          segmentId: value.segmentId,
          meteringPointId: value.meteringPointId,
          localDay: value.localDay,
        })),
        false,
      );
    }
    if (state.calendarNumber !== before.calendarNumber) {
      // Days fall otherwise now: those of the old grid go, those of the new one come.
      touched.add(state, [...wholeDays(before), ...wholeDays(state)], true);
    }
    for (const [register, counts] of effects.heldChange) {
      for (const [verdict, difference] of counts) {
        if (difference !== 0) held.push({ ...key, register, reason: wordOfVerdict(verdict), difference });
      }
    }
    for (const reading of effects.setAside) setAside.push({ ...key, ...reading });
  }
  return { energy, touched: touched.all(), held, setAside, slots };
}

class TouchedProjects {
  /** Calendars are interned: one object per content. */
  readonly #byGrid = new Map<TariffCalendar, Map<string, TouchedProject>>();

  add(state: MeterState, days: readonly TouchedDay[], isNew: boolean): void {
    const mounting = state.inForce?.mounting;
    if (mounting === undefined || days.length === 0) return;
    const { zone, slotMinutes, calendar } = mounting;
    let projects = this.#byGrid.get(calendar);
    if (projects === undefined) this.#byGrid.set(calendar, (projects = new Map()));
    const key = `${state.projectId} ${zone} ${slotMinutes}`;
    let project = projects.get(key);
    if (project === undefined) {
      project = {
        projectId: state.projectId,
        grid: { zone, slotMinutes, calendar },
        days: [],
        isNew: false,
        newestReadingMs: null,
      };
      projects.set(key, project);
    }
    for (const day of days) project.days.push(day);
    if (isNew) project.isNew = true;
    const newest = newestReading(state);
    if (newest !== null && (project.newestReadingMs === null || newest > project.newestReadingMs))
      project.newestReadingMs = newest;
  }

  all(): readonly TouchedProject[] {
    return [...this.#byGrid.values()].flatMap((projects) => [...projects.values()]);
  }
}

function newestReading(state: MeterState): number | null {
  let newest: number | null = null;
  for (const register of state.registers.values()) {
    for (const { extents } of register.segments.values()) {
      const last = extents.at(-1)?.last.instantMs;
      if (last !== undefined && (newest === null || last > newest)) newest = last;
    }
  }
  return newest;
}

const dayMs = 86_400_000;

/** Every local day on which a meter has energy. */
export function wholeDays(state: MeterState): TouchedDay[] {
  const days: TouchedDay[] = [];
  const mounting = state.inForce?.mounting;
  for (const plan of state.inForce?.plans.values() ?? []) {
    for (const { segment } of plan.segments) {
      const segmentState = state.registers.get(plan.register)?.segments.get(segment.segmentId);
      const coverage = segmentState === undefined ? null : coverageOf(segmentState);
      if (coverage === null || mounting === undefined) continue;
      const found = new Set<string>();
      for (let at = coverage.fromMs - dayMs; at < coverage.toMs + dayMs; at += dayMs / 2)
        found.add(localDayOf(mounting.zone, at));
      for (const localDay of found)
        days.push({
          meterId: state.meterId,
          segmentId: segment.segmentId,
          meteringPointId: segment.meteringPointId,
          localDay,
        });
    }
  }
  return days;
}

export function countsOf(results: readonly MeterResult[], slots: number): StepCounts {
  let [received, kept, repeated] = [0, 0, 0];
  let newestInstantMs: number | null = null;
  for (const { effects } of results) {
    received += effects.received;
    kept += effects.kept;
    repeated += effects.repeated;
    for (const rows of effects.readings.values()) {
      for (const instantMs of rows.keys())
        if (newestInstantMs === null || instantMs > newestInstantMs) newestInstantMs = instantMs;
    }
  }
  return { received, kept, repeated, slots, newestInstantMs };
}
