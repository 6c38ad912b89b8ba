// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { IntervalChain, type ChainReading, type Checkpoint, type KnownChain } from './interval-chain.ts';
import { labelReader, type LabelOptions, type Span } from './interval-labels.ts';
import { present } from '../testing/present.ts';

const hour = 3_600_000;
const options: LabelOptions = {
  zone: 'America/New_York',
  slotMinutes: 60,
  label: 'start',
  dayFirst: false,
  autumnHour: 'one-row',
};
const spanOf = (text: string, more: Partial<LabelOptions> = {}): Span => {
  const read = labelReader({ ...options, ...more })(text);
  if (read.kind === 'fault') throw new Error(read.message);
  return read.span;
};
const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 16);

/** Runs rows through a chain; also gives what the next file would find. */
function run(rows: readonly (readonly [Span, number | null])[], known: KnownChain | null = null) {
  const chain = new IntervalChain(known);
  const readings: ChainReading[] = [];
  const told: string[] = [];
  const differences: number[] = [];
  for (const [span, count] of rows) {
    if (count === null) continue;
    const added = chain.add(span, count);
    told.push(added.kind);
    if (added.kind !== 'added') continue;
    readings.push(...added.readings);
    if (added.overlapDifference !== null) differences.push(added.overlapDifference);
  }
  const progress = chain.takeProgress();
  const checkpoints = new Map<number, Checkpoint>(known?.checkpoints);
  for (const { instantMs, checkpoint } of progress?.checkpoints ?? [])
    if (!checkpoints.has(instantMs)) checkpoints.set(instantMs, checkpoint);
  const left: KnownChain | null =
    progress === null
      ? known
      : known !== null && progress.endMs <= known.endMs
        ? { ...known, checkpoints }
        : {
            firstMs: known?.firstMs ?? progress.firstMs,
            endMs: progress.endMs,
            endCount: progress.endCount,
            checkpoints,
          };
  return { readings, told, differences, left, carried: chain.carried };
}
/** What the readings say of each span between neighbours. */
const energies = (readings: readonly ChainReading[]): string[] =>
  readings
    .slice(1)
    .map(
      (reading, index) =>
        `${iso(present(readings[index]).instantMs)} ${reading.missing ? 'missing' : reading.count - present(readings[index]).count}`,
    );

describe('labels', () => {
  test('at the end of the interval, with 24:00', () => {
    const span = spanOf('2011-01-01 24:00', { label: 'end', zone: 'America/Denver' });
    expect([iso(span.startMs), iso(span.endMs)]).toEqual(['2011-01-02T06:00', '2011-01-02T07:00']);
  });
  test('an end label after the spring gap speaks of the hour that does not exist', () => {
    const gap = spanOf('3/13/2011 03:00', { label: 'end', zone: 'America/Denver' });
    expect(gap.endMs - gap.startMs).toBe(0);
    const next = spanOf('3/13/2011 04:00', { label: 'end', zone: 'America/Denver' });
    expect([iso(next.startMs), next.endMs - next.startMs]).toEqual(['2011-03-13T09:00', hour]);
  });
  test('a text with its own offset needs no zone rule', () => {
    const span = spanOf('2016-11-06T01:00:00-05:00');
    expect([iso(span.startMs), span.endMs - span.startMs]).toEqual(['2016-11-06T06:00', hour]);
  });
  test('a day as one interval has 23, 24 or 25 hours', () => {
    const hours = ['2016-03-13', '2016-03-14', '2016-11-06']
      .map((day) => spanOf(day, { slotMinutes: 1440 }))
      .map((span) => (span.endMs - span.startMs) / hour);
    expect(hours).toEqual([23, 24, 25]);
  });
  test('where a file writes the repeated hour twice, both real hours are told apart', () => {
    const read = labelReader({ ...options, autumnHour: 'two-rows' })('2016-11-06 01:00');
    if (read.kind === 'fault' || read.second === null) throw new Error('no second');
    expect([iso(read.span.startMs), iso(read.second.startMs)]).toEqual([
      '2016-11-06T05:00',
      '2016-11-06T06:00',
    ]);
  });
});

describe('intervals become counts', () => {
  const day = (date: string, counts: readonly (number | null)[]): [Span, number | null][] =>
    counts.map((count, index) => [spanOf(`${date} ${String(index).padStart(2, '0')}:00`), count]);

  test('each interval ends with a reading, a hole with one of quality missing', () => {
    const { readings } = run(day('2016-01-01', [5, 7, null, null, 2]));
    expect(
      readings.map(
        ({ instantMs, count, missing }) => `${iso(instantMs)} ${count}${missing ? ' missing' : ''}`,
      ),
    ).toEqual([
      '2016-01-01T05:00 0',
      '2016-01-01T06:00 5',
      '2016-01-01T07:00 12',
      '2016-01-01T09:00 12 missing',
      '2016-01-01T10:00 14',
    ]);
  });

  test('spring gap: empty means nothing, a value there goes to the hour that follows', () => {
    const rows = (value: number | null) => day('2016-03-13', [1, 1, value, 4, 1]);
    expect(energies(run(rows(null)).readings)).toEqual([
      '2016-03-13T05:00 1',
      '2016-03-13T06:00 1',
      '2016-03-13T07:00 4',
      '2016-03-13T08:00 1',
    ]);
    expect(energies(run(rows(9)).readings)).toEqual([
      '2016-03-13T05:00 1',
      '2016-03-13T06:00 1',
      '2016-03-13T07:00 13',
      '2016-03-13T08:00 1',
    ]);
    expect(run(day('2016-03-13', [1, 1, 9])).carried).toBe(9);
  });

  test('autumn: the one row of the repeated hour covers two real hours', () => {
    const { readings } = run(day('2016-11-06', [3, 8, 3]));
    expect(readings.map(({ instantMs, count }) => [iso(instantMs), count])).toEqual([
      ['2016-11-06T04:00', 0],
      ['2016-11-06T05:00', 3],
      ['2016-11-06T07:00', 11],
      ['2016-11-06T08:00', 14],
    ]);
  });

  test('a row said twice counts once; said otherwise it is a contradiction; an older one is out of order', () => {
    const [first, second] = day('2016-01-01', [5, 7]);
    expect(run([present(first), present(first), present(second)]).told).toEqual([
      'added',
      'repeated',
      'added',
    ]);
    expect(run([present(first), [present(first)[0], 6]]).told).toEqual(['added', 'contradiction']);
    expect(run([present(first), present(second), present(first)]).told).toEqual([
      'added',
      'added',
      'out-of-order',
    ]);
  });

  test('the same file again makes the same readings; the next one continues; one that overlaps agrees', () => {
    const january = [...day('2016-01-01', [1, 2, null, 4]), ...day('2016-01-02', [null, 5, 6])];
    const first = run(january);
    expect(run(january, first.left).readings).toEqual(first.readings);
    const next = run(day('2016-01-03', [7]), first.left);
    expect(energies([present(first.readings.at(-1)), ...next.readings])).toEqual([
      '2016-01-02T08:00 missing',
      '2016-01-03T05:00 7',
    ]);
    const overlapping = run(
      [...day('2016-01-01', [1, 2, null, 4]), ...day('2016-01-02', [null, 5, 6, 8])],
      first.left,
    );
    expect(overlapping.differences).toEqual([]);
    expect(present(overlapping.readings.at(-1)).count).toBe(present(first.readings.at(-1)).count + 8);
  });

  test('where a later file says something else of the same time, the earlier stands and the difference is told', () => {
    const first = run([...day('2016-01-01', [1, 2]), ...day('2016-01-02', [5])]);
    const other = run([...day('2016-01-01', [1, 4]), ...day('2016-01-02', [5, 9])], first.left);
    expect(other.differences).toEqual([2]);
    expect(present(other.readings.at(-1)).count).toBe(1 + 2 + 5 + 9);
  });

  test('a file that begins before what is there, or in the middle of a day, is refused with where it may begin', () => {
    const first = run(day('2016-01-02', [1, 2, 3]));
    for (const rows of [day('2016-01-01', [1]), day('2016-01-02', [null, 2])]) {
      const chain = new IntervalChain(first.left);
      const [span, count] = present(rows.find(([, value]) => value !== null));
      expect(chain.add(span, present(count))).toMatchObject({
        kind: 'overlap',
        message: expect.stringMatching(/2016-01-02T05:00.*local midnight/),
      });
    }
  });

  test('more than a register can hold is refused', () => {
    const [first] = day('2016-01-01', [1]);
    const chain = new IntervalChain({
      firstMs: 0,
      endMs: present(first)[0].startMs,
      endCount: Number.MAX_SAFE_INTEGER,
      checkpoints: new Map(),
    });
    expect(chain.add(present(first)[0], 1).kind).toBe('too-large');
  });

  const anyFile = fc.record({
    zone: fc.constantFrom('America/New_York', 'Europe/London', 'UTC', 'Australia/Lord_Howe'),
    slotMinutes: fc.constantFrom(15, 30, 60),
    label: fc.constantFrom('start' as const, 'end' as const),
    startDay: fc.constantFrom('2016-03-12', '2016-11-05', '2026-10-03', '2026-04-04', '2016-03-26'),
    counts: fc.array(fc.option(fc.integer({ min: 0, max: 1_000_000 })), { minLength: 1, maxLength: 200 }),
  });
  const rowsOf = ({
    zone,
    slotMinutes,
    label,
    startDay,
    counts,
  }: {
    zone: string;
    slotMinutes: number;
    label: 'start' | 'end';
    startDay: string;
    counts: readonly (number | null)[];
  }): [Span, number | null][] => {
    const read = labelReader({ zone, slotMinutes, label, dayFirst: false, autumnHour: 'one-row' });
    return counts.map((count, index) => {
      const at = new Date(
        Date.parse(`${startDay}T00:00:00Z`) + (index + (label === 'end' ? 1 : 0)) * slotMinutes * 60_000,
      );
      const label_ = read(at.toISOString().slice(0, 19));
      if (label_.kind === 'fault') throw new Error(label_.message);
      return [label_.span, count];
    });
  };

  test('no energy is lost or made, whatever the zone, the holes and the clock changes', () => {
    fc.assert(
      fc.property(anyFile, (file) => {
        const { readings, carried } = run(rowsOf(file));
        const moved = (readings.at(-1)?.count ?? 0) - (readings[0]?.count ?? 0);
        expect(moved + carried).toBe(file.counts.reduce<number>((sum, count) => sum + (count ?? 0), 0));
        for (const [index, reading] of readings.entries()) {
          if (index === 0) continue;
          expect(reading.instantMs).toBeGreaterThan(present(readings[index - 1]).instantMs);
          expect(reading.count).toBeGreaterThanOrEqual(present(readings[index - 1]).count);
          if (reading.missing) expect(reading.count).toBe(present(readings[index - 1]).count);
        }
      }),
    );
  });

  test('a file in two parts cut at midnight, or again from any midnight, makes the readings of the whole', () => {
    fc.assert(
      fc.property(anyFile, fc.nat(10), (file, cut) => {
        const rows = rowsOf(file);
        const whole = run(rows);
        const perDay = 1440 / file.slotMinutes;
        const at = Math.min(rows.length, cut * perDay);
        const first = run(rows.slice(0, at));
        const second = run(rows.slice(at), first.left);
        const instants = (readings: readonly ChainReading[]) =>
          new Map(readings.map((reading) => [reading.instantMs, reading.count]));
        // The spring gap's carried energy cannot cross a file's end; cut elsewhere, all is the same.
        fc.pre(first.carried === 0);
        expect(instants([...first.readings, ...second.readings])).toEqual(instants(whole.readings));
        const again = run(rows.slice(at), whole.left);
        expect(again.differences).toEqual([]);
        for (const reading of again.readings) expect(whole.readings).toContainEqual(reading);
      }),
    );
  });
});
