// SPDX-License-Identifier: Apache-2.0
/**
 * The real data sets, imported with the descriptions that docs/operating/importing.md gives, against reference figures
 * worked out by somebody else. Skipped where the data are not there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { boundsOfLocalDay, localDayOf } from '@wattledger/contracts';
import { importFormatShape, type ImportJob } from '@wattledger/contracts/http/ingest';
import { importProjectId, startImportBench, type ImportBench, type Point } from './import-fixture.ts';

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const formats = fileURLToPath(new URL('../../../tools/real-sites/formats/', import.meta.url));
const missing = ['ampds2', 'bdg2', 'cambridge', 'london_lcl', 'rsf2011'].filter(
  (folder) => !existsSync(`${data}${folder}`),
);
if (missing.length > 0)
  process.stderr.write(`skipped: imports of real data (${missing.join(', ')} not in ${data})\n`);
const describeReal = missing.length > 0 ? describe.skip : describe;

type Row = Readonly<Record<string, string>>;
function reference(path: string): readonly Row[] {
  const [header = '', ...lines] = readFileSync(`${data}${path}`, 'utf8').trim().split(/\r?\n/);
  const names = header.split(',');
  return lines.map((line) =>
    Object.fromEntries(line.split(',').map((field, index) => [names[index] ?? '', field])),
  );
}
const field = (row: Row, name: string): string => row[name] ?? '';

/** Decimal text as a whole number of 10^-places units, exact where the text has no more places than that. */
function counts(text: string, places: number): number {
  const [whole = '0', fraction = ''] = text.split('.');
  const digits = BigInt(`${whole}${fraction.padEnd(places + 12, '0').slice(0, places + 12)}`);
  const unit = 10n ** 12n;
  return Number((2n * digits + unit) / (2n * unit));
}

let bench: ImportBench;
const importReal = async (file: string, format: string): Promise<ImportJob> =>
  await bench.service.importReadings({
    file: `${data}${file}`,
    projectId: importProjectId,
    format: importFormatShape.parse(JSON.parse(readFileSync(`${formats}${format}.json`, 'utf8'))),
  });
const moved = (points: readonly Point[]): number => (points.at(-1)?.value ?? 0) - (points[0]?.value ?? 0);

/** What flowed in each local day or month: of spans that begin there. Every span of these files lies within one slot. */
function sums(points: readonly Point[], zone: string, characters: 7 | 10): Map<string, number> {
  const found = new Map<string, number>();
  let key = '';
  let untilMs = -Infinity;
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    if (before === undefined || point.missing) continue;
    // Points are in order: the day is asked for once.
    if (before.instantMs >= untilMs) {
      const day = localDayOf(zone, before.instantMs);
      untilMs = boundsOfLocalDay(zone, day).endMs;
      key = day.slice(0, characters);
    }
    found.set(key, (found.get(key) ?? 0) + point.value - before.value);
  }
  return found;
}

describeReal('real data', () => {
  beforeEach(async () => {
    bench = await startImportBench('real-files');
  }, 60_000);
  afterEach(async () => {
    await bench.stop();
  }, 60_000);

  test('bdg2: totals and local months of 179 buildings on ten clocks', async () => {
    const totals = reference('bdg2/reference/dev_totals.csv');
    await bench.know(totals.map((row) => field(row, 'meter')));
    let values = 0;
    const zones = new Map<string, string>();
    for (const name of readdirSync(formats).filter((file) => file.startsWith('bdg2-'))) {
      const job = await importReal('bdg2/electricity_wide.csv.gz', name.replace('.json', ''));
      expect({ name, state: job.state, faults: job.faultsCount }).toEqual({ name, state: 'done', faults: 0 });
      values += job.valuesRead;
      const { zone, onlyMeters } = JSON.parse(readFileSync(`${formats}${name}`, 'utf8')) as {
        zone: string;
        onlyMeters: string[];
      };
      zones.set(onlyMeters[0]?.replace('_*', '') ?? '', zone);
    }
    // Each value of the file, once.
    expect(values).toBe(2_658_362);
    const months = Map.groupBy(reference('bdg2/reference/dev_monthly.csv'), (row) => field(row, 'meter'));
    const pointsOf = await bench.allPoints();
    for (const row of totals) {
      const meter = field(row, 'meter');
      const points = pointsOf(meter);
      // What is left of float noise in the source is below a millionth per value.
      expect(Math.abs(moved(points) - counts(field(row, 'total_kwh'), 6))).toBeLessThanOrEqual(1);
      const ours = sums(points, zones.get(meter.split('_')[0] ?? '') ?? '', 7);
      for (const month of months.get(meter) ?? []) {
        const expected = counts(field(month, 'kwh'), 6);
        expect({
          meter,
          month: field(month, 'month'),
          off: Math.abs((ours.get(field(month, 'month')) ?? 0) - expected) <= 1,
        }).toEqual({ meter, month: field(month, 'month'), off: true });
      }
    }
  }, 300_000);

  test('cambridge: totals and months of 81 buildings, by UTC days and by London days', async () => {
    const totals = reference('cambridge/reference/elec_utc_totals.csv');
    await bench.know(totals.map((row) => field(row, 'meter')));
    expect(await importReal('cambridge/electricity.csv.gz', 'cambridge')).toMatchObject({
      state: 'done',
      valuesRead: 2_340_480,
      faultsCount: 0,
    });
    const pointsOf = await bench.allPoints();
    for (const [file, zone] of [
      ['utc', 'UTC'],
      ['local', 'Europe/London'],
    ] as const) {
      const months = Map.groupBy(reference(`cambridge/reference/elec_${file}_monthly.csv`), (row) =>
        field(row, 'meter'),
      );
      for (const row of totals) {
        const meter = field(row, 'meter');
        const points = pointsOf(meter);
        expect(moved(points)).toBe(counts(field(row, 'total_kwh'), 6));
        const ours = sums(points, zone, 7);
        for (const month of months.get(meter) ?? [])
          expect(ours.get(field(month, 'month')) ?? 0).toBe(counts(field(month, 'kwh'), 6));
      }
    }
  }, 300_000);

  test('london_lcl: totals and months of 75 households', async () => {
    const totals = reference('london_lcl/reference/dev_totals.csv');
    await bench.know(totals.map((row) => field(row, 'meter')));
    expect(await importReal('london_lcl/halfhourly_2013-01_2013-10.csv.gz', 'london-lcl')).toMatchObject({
      state: 'done',
      valuesRead: 1_049_199,
      faultsCount: 0,
    });
    const pointsOf = await bench.allPoints();
    const months = Map.groupBy(reference('london_lcl/reference/dev_monthly.csv'), (row) =>
      field(row, 'meter'),
    );
    for (const row of totals) {
      const points = pointsOf(field(row, 'meter'));
      expect(moved(points)).toBe(counts(field(row, 'total_kwh'), 7));
      const ours = sums(points, 'UTC', 7);
      for (const month of months.get(field(row, 'meter')) ?? [])
        expect(ours.get(field(month, 'month')) ?? 0).toBe(counts(field(month, 'kwh'), 7));
    }
  }, 300_000);

  test('rsf2011: uses, solar power and grid; days differ by the label of midnight only', async () => {
    const columns = [
      'Total Cooling',
      'Total Heating',
      'Total Mechanical',
      'Total Lighting',
      'Total Plug Loads',
      'Total Data Center',
      'Total Building',
      'PV',
      'Building Net',
    ].map((name) => `${name} (kW)`);
    await bench.know(columns, ['energy.import.total', 'energy.export.total']);
    expect(await importReal('rsf2011/rsf_2011-01_09.csv', 'rsf2011')).toMatchObject({
      state: 'done',
      rowsRead: 6_551,
      holes: 0,
      faultsCount: 0,
    });
    const rows = reference('rsf2011/rsf_2011-01_09.csv');
    /** Value of the row labelled midnight at the beginning of a day: the last hour of the day before. */
    const midnight = new Map(
      rows
        .filter((row) => / 0?0:00$/.test(field(row, 'Date and Time')))
        .map((row) => {
          const [month = 0, day = 0] = field(row, 'Date and Time')
            .split('/')
            .map((part) => Number.parseInt(part, 10));
          return [new Date(Date.UTC(2011, month - 1, day)).toISOString().slice(0, 10), row] as const;
        }),
    );
    const nextDay = (day: string): string =>
      new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
    const pointsOf = await bench.allPoints();
    for (const column of columns) {
      const taken = sums(pointsOf(column, 'energy.import.total'), 'America/Denver', 10);
      const given = sums(pointsOf(column, 'energy.export.total'), 'America/Denver', 10);
      for (const row of reference('rsf2011/reference/daily.csv')) {
        const day = field(row, 'day');
        const expected =
          Number(field(row, column)) -
          Number(midnight.get(day)?.[column] ?? 0) +
          Number(midnight.get(nextDay(day))?.[column] ?? 0);
        // The reference's last day is the one the file ends in.
        if (midnight.get(nextDay(day)) === undefined) continue;
        expect({ column, day, kWh: ((taken.get(day) ?? 0) - (given.get(day) ?? 0)) / 1e6 }).toEqual({
          column,
          day,
          kWh: expected,
        });
      }
    }
  }, 300_000);

  test('ampds2: registers of water and gas, day by day', async () => {
    await bench.know(['Water_WHW', 'NaturalGas_FRG'], ['volume.forward']);
    for (const [meter, format] of [
      ['Water_WHW', 'ampds2-water'],
      ['NaturalGas_FRG', 'ampds2-gas'],
    ] as const) {
      expect(await importReal(`ampds2/${meter}_2012-04_2013-09.csv.gz`, format)).toMatchObject({
        state: 'done',
        readingsAppended: 789_120,
        faultsCount: 0,
      });
      const points = await bench.pointsOf(meter);
      const total =
        reference('ampds2/reference/totals.csv').find((row) => field(row, 'meter') === meter) ?? {};
      expect(moved(points)).toBe(counts(field(total, 'total'), 3));
      const ours = sums(points, 'America/Vancouver', 10);
      for (const row of reference('ampds2/reference/daily.csv')) {
        if (field(row, 'meter') !== meter) continue;
        expect({ day: field(row, 'local_day'), ml: ours.get(field(row, 'local_day')) ?? 0 }).toEqual({
          day: field(row, 'local_day'),
          ml: counts(field(row, 'consumption'), 3),
        });
      }
    }
  }, 300_000);
});
