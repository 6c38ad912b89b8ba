// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: real metering data, imported by the documented commands, gives the independent reference figures. Method: the
 * product runs as a process, the command line imports the five data sets into it, and the figures are asked over HTTP.
 * What is compared is every row of the reference files, not a sample.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  ComparedAnswer,
  EnergyAnswer,
  LossSeriesAnswer,
  RankingAnswer,
} from '@wattledger/contracts/http/analytics';
import type { Tree } from '@wattledger/contracts/http/registry';
import type { Health } from '@wattledger/contracts/http/system';
import { signIn, type Api } from '../api.ts';
import { runCommand, startProduct, type StartedProduct } from '../product-process.ts';
import { baseUnitsOf, dataDirectory, haveRealData, reference, roundingBaseUnits } from './reference-files.ts';

const repository = join(import.meta.dirname, '..', '..', '..');
const formats = join(repository, 'tools', 'real-sites', 'formats');
const bdg2Sites = ['bear', 'cockatoo', 'fox', 'lamb', 'moose', 'mouse', 'panther', 'rat', 'robin', 'shrew'];

/** Site, file, description: one line of docs/operating/importing.md each. */
const imports: readonly (readonly [site: string, file: string, format: string])[] = [
  ['rsf2011', 'rsf2011/rsf_2011-01_09.csv', 'rsf2011'],
  ['ampds2', 'ampds2/Water_WHW_2012-04_2013-09.csv.gz', 'ampds2-water'],
  ['ampds2', 'ampds2/NaturalGas_FRG_2012-04_2013-09.csv.gz', 'ampds2-gas'],
  ['london-lcl', 'london_lcl/halfhourly_2013-01_2013-10.csv.gz', 'london-lcl'],
  ...bdg2Sites.map((site) => [`bdg2-${site}`, 'bdg2/electricity_wide.csv.gz', `bdg2-${site}`] as const),
  ['cambridge-london', 'cambridge/electricity.csv.gz', 'cambridge'],
  ['cambridge-utc', 'cambridge/electricity.csv.gz', 'cambridge'],
];

(haveRealData() ? describe : describe.skip)('real input', () => {
  let directory: string;
  let product: StartedProduct;
  let api: Api;

  async function command(...args: string[]): Promise<void> {
    const { code, output } = await runCommand([...args, '--data', join(directory, 'data')]);
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}:\n${output.slice(-4_000)}`);
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wattledger-real-'));
    execFileSync(process.execPath, [
      join(repository, 'tools', 'real-sites', 'make-sites.ts'),
      dataDirectory,
      directory,
    ]);
    product = await startProduct(join(directory, 'data'), ['--empty']);
    const password = /as admin with password (\S+)/.exec(product.output())?.[1] ?? '';
    api = await signIn(() => product.url, 'admin', password);
    for (const site of new Set(imports.map(([code]) => code)))
      await command('import-site', join(directory, `${site}.json`));
    for (const [site, file, format] of imports) {
      await command(
        'import-readings',
        join(dataDirectory, file),
        '--project',
        site,
        '--format',
        join(formats, `${format}.json`),
      );
    }
    await settled();
  }, 900_000);

  afterAll(async () => {
    await product.stop();
    await rm(directory, { recursive: true, force: true });
  }, 120_000);

  async function settled(): Promise<void> {
    for (let quiet = 0; quiet < 4; await sleep(500)) {
      const { pipeline, services } = await api.get<Health>('/api/health');
      const waiting = Number(services.find(({ name }) => name === 'stream')?.facts['daysWaiting'] ?? 0);
      quiet = pipeline.uncountedRecords + pipeline.unchargedRecords + waiting === 0 ? quiet + 1 : 0;
    }
  }

  const project = (code: string): string => `/api/projects/prj_${code}`;
  const energy = (code: string, query: string): Promise<EnergyAnswer> =>
    api.get(`${project(code)}/energy?${query}`);

  /** Known consumption by "meter label". */
  async function figures(code: string, query: string): Promise<Map<string, number>> {
    const { buckets, series } = await energy(code, `${query}&grouping=point`);
    const result = new Map<string, number>();
    for (const { subject, consumption } of series) {
      buckets.forEach(({ label }, index) => {
        const value = consumption[index];
        if (value !== null && value !== undefined) result.set(`${subject.code ?? ''} ${label}`, value);
      });
    }
    return result;
  }

  /** Every row of a reference against ours; a row we lack counts as a fault, and so does one that it lacks. */
  function compare(expected: ReadonlyMap<string, number>, found: ReadonlyMap<string, number>): void {
    const faults: string[] = [];
    for (const [key, value] of expected) {
      const ours = found.get(key);
      if (ours === undefined || Math.abs(ours - value) > roundingBaseUnits)
        faults.push(`${key}: ${String(value)} expected, ${String(ours)} found`);
    }
    for (const [key, value] of found)
      if (!expected.has(key) && value !== 0) faults.push(`${key}: ${String(value)} found, nothing expected`);
    expect(expected.size).toBeGreaterThan(0);
    expect(faults).toEqual([]);
  }

  async function together(codes: readonly string[], query: string): Promise<Map<string, number>> {
    const all = new Map<string, number>();
    for (const code of codes) for (const [key, value] of await figures(code, query)) all.set(key, value);
    return all;
  }

  const sets = [
    {
      name: 'bdg2',
      codes: bdg2Sites.map((site) => `bdg2-${site}`),
      files: 'bdg2/reference/dev',
      span: 'from=2016-01-01&to=2018-01-01',
    },
    {
      name: 'cambridge, London days',
      codes: ['cambridge-london'],
      files: 'cambridge/reference/elec_local',
      span: 'from=2019-01-01&to=2023-01-01',
    },
    {
      name: 'cambridge, UTC days',
      codes: ['cambridge-utc'],
      files: 'cambridge/reference/elec_utc',
      span: 'from=2019-01-01&to=2023-01-01',
    },
    {
      name: 'london_lcl',
      codes: ['london-lcl'],
      files: 'london_lcl/reference/dev',
      span: 'from=2013-01-01&to=2014-01-01',
    },
  ];

  describe.each(sets)('$name', ({ codes, files, span }) => {
    test('months', async () => {
      compare(
        new Map(
          reference(`${files}_monthly.csv`).map((row) => [
            `${row['meter'] ?? ''} ${row['month'] ?? ''}`,
            baseUnitsOf(row['kwh'] ?? ''),
          ]),
        ),
        await together(codes, `${span}&grain=month`),
      );
    }, 60_000);

    test('years', async () => {
      compare(
        new Map(
          reference(`${files}_yearly.csv`).map((row) => [
            `${row['meter'] ?? ''} ${row['year'] ?? ''}`,
            baseUnitsOf(row['kwh'] ?? ''),
          ]),
        ),
        await together(codes, `${span}&grain=year`),
      );
    }, 60_000);

    test('totals and the ten largest', async () => {
      const totals = new Map<string, number>();
      for (const code of codes) {
        const answer = await api.get<RankingAnswer>(`${project(code)}/ranking?${span}&by=point&limit=1000`);
        for (const { code: meter, figure } of answer.rows)
          if (figure.consumption !== null) totals.set(meter ?? '', figure.consumption);
      }
      compare(
        new Map(
          reference(`${files}_totals.csv`).map((row) => [
            row['meter'] ?? '',
            baseUnitsOf(row['total_kwh'] ?? ''),
          ]),
        ),
        totals,
      );
      const ten = [...totals]
        .sort(([, a], [, b]) => b - a)
        .slice(0, 10)
        .map(([meter]) => meter);
      expect(ten).toEqual(reference(`${files}_top10.csv`).map((row) => row['meter']));
    }, 60_000);
  });

  test.each(sets.filter(({ name }) => name !== 'london_lcl'))(
    '$name: every month against the year before',
    async ({ codes, files, span }) => {
      const found = new Map<
        string,
        { readonly now: number | null; readonly before: number | null; readonly share: number | null }
      >();
      for (const code of codes) {
        const answer = await api.get<ComparedAnswer>(
          `${project(code)}/year-on-year?${span}&grain=month&grouping=point`,
        );
        for (const { subject, figures: row } of answer.series) {
          answer.buckets.forEach(({ label }, index) => {
            const figure = row[index];
            if (figure !== undefined)
              found.set(`${subject.code ?? ''} ${label}`, {
                now: figure.consumption,
                before: figure.before,
                share: figure.changeShare,
              });
          });
        }
      }
      const faults: string[] = [];
      for (const row of reference(`${files}_yoy_monthly.csv`)) {
        const key = `${row['meter'] ?? ''} ${row['month'] ?? ''}`;
        const ours = found.get(key);
        const [now, before] = [baseUnitsOf(row['kwh'] ?? ''), baseUnitsOf(row['kwh_year_before'] ?? '')];
        const near = (value: number | null | undefined, expected: number): boolean =>
          Math.abs((value ?? 0) - expected) <= roundingBaseUnits;
        // Printed with four digits after the point; one base unit of either side moves it by so much.
        const shareSlack =
          before === 0
            ? Infinity
            : 1e-4 + (100 * (2 + (2 * Math.abs(now)) / Math.abs(before))) / Math.abs(before);
        const shareNear =
          row['pct'] === '' ||
          before === 0 ||
          Math.abs((ours?.share ?? 0) * 100 - Number(row['pct'])) <= shareSlack;
        if (!near(ours?.now, now) || !near(ours?.before, before) || !shareNear)
          faults.push(`${key}: ${JSON.stringify(row)} ≠ ${JSON.stringify(ours)}`);
      }
      expect(faults).toEqual([]);
    },
    60_000,
  );

  describe('rsf2011: parent and six uses', () => {
    const columns: Readonly<Record<string, string>> = {
      building: 'Total Building (kW)',
      cooling: 'Total Cooling (kW)',
      heating: 'Total Heating (kW)',
      mechanical: 'Total Mechanical (kW)',
      lighting: 'Total Lighting (kW)',
      'plug-loads': 'Total Plug Loads (kW)',
      'data-center': 'Total Data Center (kW)',
    };
    /** Points that take and points that give, of one signed column each. */
    const signedColumns: Readonly<Record<string, string>> = {
      pv: 'PV (kW)',
      'pv-own-use': 'PV (kW)',
      'grid-import': 'Building Net (kW)',
      'grid-export': 'Building Net (kW)',
    };
    const lossColumn = 'loss = Total Building - six uses';
    const uses = Object.keys(columns).filter((code) => code !== 'building');
    /** Every hour of every column by the label of the file, which is the end of the hour on the local clock. */
    const hours = new Map<string, Map<string, number>>();

    beforeAll(async () => {
      for (let month = 1; month <= 9; month += 1) {
        const [from, to] = [month, month + 1].map((number) => `2011-${String(number).padStart(2, '0')}-01`);
        const span = `from=${from ?? ''}&to=${to ?? ''}&grain=hour&grouping=point`;
        addHours(await energy('rsf2011', span), 1);
        // Solar power and the grid are one signed column each in the file, and two registers here.
        addHours(await energy('rsf2011', `${span}&direction=export`), -1);
      }
    }, 60_000);

    function addHours({ buckets, series }: EnergyAnswer, sign: 1 | -1): void {
      for (const { subject, consumption } of series) {
        const column = columns[subject.code ?? ''] ?? signedColumns[subject.code ?? ''];
        if (column === undefined) throw new Error(`no column for the point ${String(subject.code)}`);
        const along = hours.get(column) ?? new Map<string, number>();
        hours.set(column, along);
        buckets.forEach(({ label }, index) => {
          const end = new Date(Date.parse(`${label}:00Z`) + 3_600_000).toISOString().slice(0, 16);
          const value = consumption[index];
          if (value !== null && value !== undefined) along.set(end, (along.get(end) ?? 0) + sign * value);
        });
      }
    }

    /** Sums by the first characters of the label: a day has 10, a month 7. */
    function summed(along: ReadonlyMap<string, number>, digits: number): Map<string, number> {
      const sums = new Map<string, number>();
      for (const [label, value] of along)
        sums.set(label.slice(0, digits), (sums.get(label.slice(0, digits)) ?? 0) + value);
      return sums;
    }

    /** What the building took beyond its six uses, by the label of the hour. */
    function lossHours(): Map<string, number> {
      return new Map(
        [...(hours.get(columns['building'] ?? '') ?? [])].map(([label, value]) => [
          label,
          uses.reduce((rest, code) => rest - (hours.get(columns[code] ?? '')?.get(label) ?? 0), value),
        ]),
      );
    }

    // The written rule: the reference files a day by the label, which is the end of the hour, so that the hour before midnight
    // stands with the day that begins then. Ours stands with the day in which the energy flowed.
    test.each([
      ['daily', 'day', 10],
      ['monthly', 'month', 7],
    ] as const)(
      '%s: end uses, building, sun, grid and loss, by the label of the hour',
      (file, column, digits) => {
        const rows = reference(`rsf2011/reference/${file}.csv`);
        const faults: string[] = [];
        for (const name of [
          ...Object.values(columns),
          ...new Set(Object.values(signedColumns)),
          lossColumn,
        ]) {
          const ours = summed(name === lossColumn ? lossHours() : (hours.get(name) ?? new Map()), digits);
          for (const row of rows) {
            const found = ours.get(row[column] ?? '') ?? 0;
            const expected = baseUnitsOf(row[name] ?? '');
            if (found !== expected)
              faults.push(`${name} ${row[column] ?? ''}: ${expected} expected, ${found} found`);
          }
          expect([...ours.keys()].sort()).toEqual(rows.map((row) => row[column]));
        }
        expect(faults).toEqual([]);
      },
    );

    test('the largest hour of every column, and when, but for the hour that carries the filler row', () => {
      // The written rule: the row of 13 March, 3:00, has no time of its own and is added to the hour that follows.
      const carrier = '2011-03-13T04:00';
      expect(hours.get('Total Data Center (kW)')?.get(carrier)).toBe(102_000 + 104_000);
      for (const row of reference('rsf2011/reference/max_hour.csv')) {
        const along = [...(hours.get(row['column'] ?? '') ?? [])].filter(([label]) => label !== carrier);
        const largest = along.reduce((most, one) => (one[1] > most[1] ? one : most), along[0] ?? ['', NaN]);
        expect([row['column'], `${largest[0]}:00`, largest[1]]).toEqual([
          row['column'],
          row['timestamp'],
          baseUnitsOf(row['kw'] ?? ''),
        ]);
      }
    });

    test('the loss of every day, below zero as it is', async () => {
      const tree = await api.get<Tree>(`${project('rsf2011')}/tree`);
      const building = tree.points.find(({ code }) => code === 'building')?.id ?? '';
      const answer = await api.get<LossSeriesAnswer>(
        `${project('rsf2011')}/loss/${building}?from=2011-01-01&to=2011-10-01`,
      );
      const rows = reference('rsf2011/reference/daily.csv');
      const byLabel = lossHours();
      const midnight = (day: string): number => byLabel.get(`${day}T00:00`) ?? 0;
      const nextDay = (day: string): string =>
        new Date(Date.parse(`${day}T00:00Z`) + 86_400_000).toISOString().slice(0, 10);
      // The same rule: ours is the reference's day, less its hour labelled 0:00, plus that of the next day.
      expect(answer.days.map(({ localDay, loss }) => [localDay, loss])).toEqual(
        rows.map((row) => {
          const day = row['day'] ?? '';
          return [day, baseUnitsOf(row[lossColumn] ?? '') - midnight(day) + midnight(nextDay(day))];
        }),
      );
      const whole = rows.reduce((sum, row) => sum + baseUnitsOf(row[lossColumn] ?? ''), 0);
      expect(answer.parent.loss).toBe(whole);
      expect(whole).toBeLessThan(0);
    });
  });

  test.each([
    ['Water_WHW', 'water'],
    ['NaturalGas_FRG', 'gas'],
  ])(
    'ampds2 %s: every local day and month of a real register',
    async (meter, medium) => {
      for (const [grain, file, column] of [
        ['day', 'daily', 'local_day'],
        ['month', 'monthly', 'local_month'],
      ] as const) {
        const rows = reference(`ampds2/reference/${file}.csv`).filter((row) => row['meter'] === meter);
        const expected = new Map(
          rows.map((row) => [`${meter} ${row[column] ?? ''}`, baseUnitsOf(row['consumption'] ?? '', 1)]),
        );
        compare(
          expected,
          await figures('ampds2', `from=2012-04-01&to=2013-10-01&grain=${grain}&medium=${medium}`),
        );
      }
    },
    60_000,
  );

  test.each([
    ['Water_WHW', 'water'],
    ['NaturalGas_FRG', 'gas'],
  ])(
    'ampds2 %s: the whole, and its largest hour',
    async (meter, medium) => {
      const row = reference('ampds2/reference/totals.csv').find((one) => one['meter'] === meter) ?? {};
      const total = baseUnitsOf(row['total'] ?? '', 1);
      const years = await figures('ampds2', `from=2012-04-01&to=2013-10-01&grain=year&medium=${medium}`);
      const found = [...years.values()].reduce((sum, value) => sum + value, 0);
      expect(Math.abs(found - total)).toBeLessThanOrEqual(roundingBaseUnits);
      const largest = baseUnitsOf(row['max_hour'] ?? '', 1);
      const startLabel = `${(row['max_hour_start_local'] ?? '').slice(0, 13)}:00`;
      const hours = new Map<string, number>();
      for (const [from, to] of [
        ['2012-04-01', '2012-08-01'],
        ['2012-08-01', '2012-12-01'],
        ['2012-12-01', '2013-04-01'],
        ['2013-04-01', '2013-08-01'],
        ['2013-08-01', '2013-10-01'],
      ])
        for (const [key, value] of await figures(
          'ampds2',
          `from=${from}&to=${to}&grain=hour&medium=${medium}`,
        ))
          hours.set(key, value);
      expect(Math.abs((hours.get(`${meter} ${startLabel}`) ?? NaN) - largest)).toBeLessThanOrEqual(
        roundingBaseUnits,
      );
      expect(Math.max(...hours.values())).toBeLessThanOrEqual(largest + roundingBaseUnits);
    },
    60_000,
  );
});
