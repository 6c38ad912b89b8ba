// SPDX-License-Identifier: Apache-2.0
import { slotLengthMs } from '@wattledger/contracts';
import type { LoadProfileAnswer, loadProfileQueryShape } from '@wattledger/contracts/http/analytics';
import { RequestError } from '@wattledger/platform';
import type { z } from 'zod';
import { askEnergy, headOf, type AskedEnergy } from '../../asking/asked-energy.ts';
import { scopeOf, type Asker } from '../../asking/asker.ts';
import { parseEdges } from '../../calendar/span.ts';
import { dayOfNumber } from '../../calendar/wall-clock.ts';
import { ExpectedSlots } from '../../coverage/expected-slots.ts';
import { noGroup, type Term } from '../../selection/net-terms.ts';
import { mountingsOf } from '../../site/site.ts';
import { closedSecond, endDayAt } from '../../sums/ranges.ts';
import { loadProfile, presentShareMin, type ProfileSlot } from './load-profile.ts';
import { addSlotSums, type SlotSum } from './load-profile-store.ts';

export type LoadProfileQuery = z.infer<typeof loadProfileQueryShape>;

const daysMax = 400;
/** Slots of points read for one answer: 353 points × 400 days of quarter-hours, about a quarter of a second. */
export const slotRowsMax = 20_000_000;

function refuseTooMuch(asked: AskedEnergy): void {
  const length = slotLengthMs(asked.scope.grid.slotMinutes);
  const days = (asked.span.toMs - asked.span.fromMs) / 86_400_000;
  const rows = asked.terms.terms.reduce((sum, term) => sum + (term.toMs - term.fromMs) / length, 0);
  if (days <= daysMax + 1 && rows <= slotRowsMax) return;
  throw new RequestError({
    status: 400,
    code: 'too-much-to-read',
    message: `a load profile reads every slot: at most ${daysMax} days and ${slotRowsMax.toLocaleString('en')} slots of metering points at once, asked for ${Math.ceil(days)} days and ${Math.ceil(rows).toLocaleString('en')} slots`,
    hint: 'Choose a shorter period or fewer metering points.',
    faults: [{ path: 'to', message: `${Math.ceil(days)} days` }],
  });
}

async function readSlots(asker: Asker, asked: AskedEnergy): Promise<Map<number, SlotSum>> {
  const { site, grid, selection, nowMs } = asked.scope;
  const { span } = asked;
  const seconds = {
    from: Math.ceil(span.fromMs / 1_000),
    to: Math.min(Math.ceil(span.toMs / 1_000), closedSecond(grid, nowMs)),
  };
  const sums = new Map<number, SlotSum>();
  if (seconds.to <= seconds.from) return sums;
  const isWhole = (term: Term): boolean => term.fromMs <= span.fromMs && term.toMs >= span.toMs;
  const chosen = (terms: readonly Term[]): Parameters<typeof addSlotSums>[1] => ({
    projectId: site.project.id,
    quantity: selection.quantity,
    points: terms.map((term) => term.pointId),
    keys: terms.map((term) => (term.plus === noGroup ? 1 : 0)),
  });
  const whole = asked.terms.terms.filter(isWhole);
  const partial = asked.terms.terms.filter((term) => !isWhole(term));
  if (whole.length > 0) await addSlotSums(asker.warehouse, chosen(whole), seconds, null, sums);
  if (partial.length > 0) {
    const stretches = {
      begins: partial.map((term) => Math.ceil(term.fromMs / 1_000)),
      ends: partial.map((term) => Math.ceil(term.toMs / 1_000)),
    };
    await addSlotSums(asker.warehouse, chosen(partial), seconds, stretches, sums);
  }
  return sums;
}

/** Meters that should have each slot, by the slot's number from the first of the span. */
function expectedPerSlot(asked: AskedEnergy, starts: readonly number[]): Float64Array {
  const { site, grid, selection, nowMs } = asked.scope;
  const expected = new ExpectedSlots({ startsMs: starts, endMs: asked.span.toMs }, grid.slotMinutes, nowMs);
  for (const term of asked.terms.terms) {
    const point = site.points.get(term.pointId);
    for (const mounting of point === undefined ? [] : mountingsOf(point, selection.quantity))
      expected.add(mounting, term.fromMs, term.toMs);
  }
  return expected.counts();
}

/** @throws RequestError too-much-to-read besides those of askEnergy */
export async function askLoadProfile(
  asker: Asker,
  projectId: string,
  query: LoadProfileQuery,
): Promise<LoadProfileAnswer> {
  const scope = await scopeOf(asker, projectId, query);
  const { grid } = scope;
  const asked = await askEnergy(asker, scope, {
    ...parseEdges(grid, query.from, query.to),
    compare: 'none',
    grain: null,
    grouping: 'none',
  });
  refuseTooMuch(asked);
  const sums = await readSlots(asker, asked);
  const length = slotLengthMs(grid.slotMinutes);
  const firstMs = Math.ceil(asked.span.fromMs / length) * length;
  const starts = Array.from(
    { length: Math.max(0, Math.ceil((asked.span.toMs - firstMs) / length)) },
    (_unused, index) => firstMs + index * length,
  );
  const expected = expectedPerSlot(asked, starts);
  const slots = starts.flatMap((startMs, index): ProfileSlot[] => {
    const sum = sums.get(startMs / 1_000);
    if (sum === undefined || sum.present === 0) return [];
    return [
      {
        startMs,
        consumption: sum.consumption,
        complete: sum.present >= presentShareMin * (expected[index] ?? 0),
      },
    ];
  });
  const firstDay = endDayAt(grid, asked.span.fromMs);
  const days = Array.from({ length: endDayAt(grid, asked.span.toMs - 1) - firstDay + 1 }, (_unused, index) =>
    dayOfNumber(firstDay + index),
  );
  return { ...headOf(asked, 'net'), ...loadProfile(grid, slots, days) };
}
