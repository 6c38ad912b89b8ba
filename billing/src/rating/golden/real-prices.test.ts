// SPDX-License-Identifier: Apache-2.0
/**
 * Real tables of prices over real consumption. E-19 of Pacific Gas & Electric (2020) and TOU-8 D of Southern California
 * Edison (2022) over the hours of 179 buildings (Building Data Genome 2) in 2017, against a calculation that shares nothing
 * with the product: it walks the rows of the file with integers, knows no zones, slots, calendars or versions. Its sums over
 * all meters were also worked out by a third program (exact fractions, Python) and stand here.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { flatCalendar, slotsOfLocalDay, type TariffCalendar, type TouPeriod } from '@wattledger/contracts';
import type { Rates } from '@wattledger/contracts/http/billing';
import { pointsOfCsv } from '../../prices/price-series-rows.ts';
import { rateMonths, versionOf, type DaySlots, type RatedMonth } from './rate-months.ts';
import { bodyOfTable, dataFolder, haveData, readTable, type HourTable } from './tariff-files.ts';

const describeReal = haveData('tariffs') && haveData('bdg2') ? describe : describe.skip;
const unzip = (file: string): string => gunzipSync(readFileSync(`${dataFolder}${file}`)).toString('utf8');

/** Site → zone, as docs/operating/importing.md has them. */
const zones: Readonly<Record<string, string>> = {
  Bear: 'America/Los_Angeles',
  Cockatoo: 'America/New_York',
  Fox: 'America/Phoenix',
  Lamb: 'Europe/London',
  Moose: 'America/Toronto',
  Mouse: 'Europe/London',
  Panther: 'America/New_York',
  Rat: 'America/New_York',
  Robin: 'Europe/London',
  Shrew: 'Europe/London',
};
/** Values at an hour that the clock leaves out, which no slot can hold. */
const impossible = (site: string, stamp: string): boolean =>
  (zones[site] === 'Europe/London' && stamp === '2017-03-26 01:00:00') ||
  (site === 'Moose' && stamp === '2017-03-12 02:00:00');

interface MeterHours {
  readonly meter: string;
  readonly site: string;
  /** Local stamp and whole Wh. */
  readonly hours: (readonly [stamp: string, wh: bigint])[];
}

function metersOf2017(): readonly MeterHours[] {
  const [head = '', ...rows] = unzip('bdg2/electricity_wide.csv.gz').trim().split(/\r?\n/);
  const meters = head
    .split(',')
    .slice(1)
    .map((meter): MeterHours => ({ meter, site: meter.split('_')[0] ?? '', hours: [] }));
  for (const row of rows) {
    if (!row.startsWith('2017')) continue;
    const [stamp = '', ...cells] = row.split(',');
    for (const [index, cell] of cells.entries()) {
      const meter = meters[index];
      if (cell === '' || meter === undefined || impossible(meter.site, stamp)) continue;
      meter.hours.push([stamp, wholeWh(cell)]);
    }
  }
  return meters;
}

/** Decimal kWh as whole Wh, half away from zero. */
function wholeWh(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  const thousandths = BigInt(whole + fraction.padEnd(3, '0').slice(0, 3));
  return thousandths + ((fraction[3] ?? '0') >= '5' ? 1n : 0n);
}

interface NaiveMonth {
  readonly energy: bigint[];
  readonly peaks: bigint[];
  highest: bigint;
  energyMicros: bigint;
  totalMicros: bigint;
}

const microsOf = (amount: number): bigint => BigInt(Math.round(amount * 1_000_000));
const perThousand = (product: bigint): bigint => (product + 500n) / 1000n;

/** The independent calculation: months of one meter, straight from the table. */
function naiveMonths({ hours }: MeterHours, table: HourTable): ReadonlyMap<string, NaiveMonth> {
  const months = new Map<string, NaiveMonth>();
  for (const [stamp, wh] of hours) {
    const date = new Date(`${stamp.slice(0, 10)}T00:00:00Z`);
    const season = table.seasons.find(({ months: of }) => of.includes(date.getUTCMonth() + 1));
    const rest = date.getUTCDay() === 0 || date.getUTCDay() === 6;
    const period = (rest ? season?.weekend : season?.weekday)?.[Number(stamp.slice(11, 13))] ?? -1;
    const key = stamp.slice(0, 7);
    let month = months.get(key);
    if (month === undefined) {
      month = { energy: [0n, 0n, 0n], peaks: [0n, 0n, 0n], highest: 0n, energyMicros: 0n, totalMicros: 0n };
      months.set(key, month);
    }
    month.energy[period] = (month.energy[period] ?? 0n) + wh;
    if (wh > (month.peaks[period] ?? 0n)) month.peaks[period] = wh;
    if (wh > month.highest) month.highest = wh;
    month.energyMicros += perThousand(wh * microsOf(season?.energy_per_kwh[period] ?? NaN));
  }
  for (const [key, month] of months) {
    const season = table.seasons.find(({ months: of }) => of.includes(Number(key.slice(5))));
    month.totalMicros =
      month.energyMicros + perThousand(month.highest * microsOf(season?.demand_any_time_per_kw ?? NaN));
    for (const [period, peak] of month.peaks.entries())
      month.totalMicros += perThousand(peak * microsOf(season?.demand_per_kw[period] ?? NaN));
  }
  return months;
}

/** The file's local hours as slots of local days, over the clock changes of the site. */
function slotsOf({ site, hours }: MeterHours): DaySlots {
  const zone = zones[site] ?? '';
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' });
  const days = new Map<string, (number | null)[]>();
  const places = new Map<string, ReadonlyMap<number, number>>();
  for (const [stamp, wh] of hours) {
    const day = stamp.slice(0, 10);
    let slots = days.get(day);
    if (slots === undefined) {
      const { firstSlotMs, slotCount } = slotsOfLocalDay(zone, day, 60);
      days.set(day, (slots = new Array<null>(slotCount).fill(null)));
      const hourOf = (slot: number): number => Number(clock.format(firstSlotMs + slot * 3_600_000));
      const inOrder = Array.from({ length: slotCount }, (_, slot) => [hourOf(slot), slot] as const);
      places.set(day, new Map(inOrder));
    }
    const place = places.get(day)?.get(Number(stamp.slice(11, 13)));
    if (place === undefined) throw new Error(`${site} has no hour ${stamp}`);
    slots[place] = Number(wh);
  }
  return days;
}

const demandOf = (month: RatedMonth | undefined, item: string): number => {
  const working = month?.items.find((candidate) => candidate.item === item)?.working;
  return working?.kind === 'demand' ? (working.peaks[0]?.demandW ?? 0) : 0;
};

describeReal('Californian prices over the Building Data Genome of 2017', () => {
  test.each([
    ['pge-e19-2020-05-01.json', 39_414_517_883_291n],
    ['sce-tou8-d-2022-06-01.json', 37_248_522_885_435n],
  ])('%s: energy, demand and money of every meter and month, to the last micro', (file, totalMicros) => {
    const table = readTable<HourTable>(file);
    const version = versionOf(bodyOfTable(table));
    const found = { meters: 0, meterMonths: 0, energyWh: 0n, totalMicros: 0n };
    for (const meter of metersOf2017()) {
      const expected = naiveMonths(meter, table);
      const rated = rateMonths(version, slotsOf(meter), { zone: zones[meter.site] ?? '', slotMinutes: 60 });
      expect([...rated.keys()]).toEqual([...expected.keys()]);
      found.meters += expected.size > 0 ? 1 : 0;
      for (const [key, month] of expected) {
        const ours = rated.get(key);
        const label = `${meter.meter} ${key}`;
        const period = (name: string): number => ours?.byPeriod.get(name)?.consumption ?? 0;
        expect([label, period('valley'), period('flat'), period('peak')]).toEqual([
          label,
          ...month.energy.map(Number),
        ]);
        // Items of amount 0 are not listed: their peaks are compared where something is asked for them.
        const season = table.seasons.find(({ months }) => months.includes(Number(key.slice(5))));
        const asked = month.peaks.map((peak, place) =>
          (season?.demand_per_kw[place] ?? 0) > 0 ? Number(peak) : 0,
        );
        expect([
          label,
          demandOf(ours, 'Maximum demand'),
          demandOf(ours, 'Maximum valley demand'),
          demandOf(ours, 'Maximum flat demand'),
          demandOf(ours, 'Maximum peak demand'),
        ]).toEqual([label, Number(month.highest), ...asked]);
        expect([label, ours?.energyMicros, ours?.totalMicros]).toEqual([
          label,
          Number(month.energyMicros),
          Number(month.totalMicros),
        ]);
        found.meterMonths += 1;
        found.energyWh += month.energy.reduce((sum, wh) => sum + wh, 0n);
        found.totalMicros += month.totalMicros;
      }
    }
    expect(found).toEqual({ meters: 177, meterMonths: 1587, energyWh: 204_875_839_124n, totalMicros });
  });
});

const describePrices = haveData('tariffs') ? describe : describe.skip;

describePrices('Zhejiang: annual tiers at 2760 and 4800 kWh', () => {
  interface Tier {
    readonly upto_kwh_per_year: number | null;
    readonly single: number;
    readonly peak: number;
    readonly valley: number;
  }
  const read = () => readTable<{ readonly tiers: readonly Tier[] }>('cn-zhejiang-residential.json').tiers;
  const yuan = (amount: number): number => Math.round(amount * 1_000_000);
  const tiered = (calendar: TariffCalendar, ratesOf: (tier: Tier) => Rates) => {
    const tiers = read();
    const [first, ...others] = tiers.map(ratesOf);
    return versionOf({
      calendar,
      rates: first ?? {},
      terms: {
        tiers: {
          span: 'year',
          steps: others.map((rates, tier) => ({
            above: (tiers[tier]?.upto_kwh_per_year ?? NaN) * 1000,
            rates,
          })),
        },
      },
    });
  };
  /** Every hour of the year alike; slots of 60 minutes. */
  const year = (wh: number, nightWh = wh): DaySlots =>
    new Map(
      Array.from({ length: 365 }, (_, day) => [
        new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10),
        Array.from({ length: 24 }, (_, hour) => (hour >= 8 && hour < 22 ? wh : nightWh)),
      ]),
    );
  const shanghai = { zone: 'Asia/Shanghai', slotMinutes: 60 } as const;
  const sum = (months: ReadonlyMap<string, RatedMonth>): number =>
    [...months.values()].reduce((total, month) => total + month.energyMicros, 0);

  test('single price: 2760 × 0.538 + 2040 × 0.588 + 3960 × 0.838 for 8760 kWh', () => {
    const version = tiered(flatCalendar, ({ single }) => ({ flat: yuan(single) }));
    expect(sum(rateMonths(version, year(1000), shanghai))).toBe(
      2760 * yuan(0.538) + 2040 * yuan(0.588) + 3960 * yuan(0.838),
    );
    // A household of 2190 kWh stays in the first tier; the next year begins at 0 again.
    expect(sum(rateMonths(version, year(250), shanghai))).toBe(2190 * yuan(0.538));
  });

  test('peak and valley: both count towards the tiers, each has its price in them', () => {
    const calendar: TariffCalendar = {
      ...flatCalendar,
      id: 'zj',
      dayProfiles: {
        all: [
          { fromMinute: 0, period: 'valley' },
          { fromMinute: 480, period: 'peak' },
          { fromMinute: 1320, period: 'valley' },
        ],
      },
    };
    const version = tiered(calendar, ({ peak, valley }) => ({ peak: yuan(peak), valley: yuan(valley) }));
    const used = year(800, 300);
    // By hand: an hour at a time, in whole Wh, split at the boundaries.
    const boundaries = [2_760_000, 4_800_000, Infinity];
    let [position, expected] = [0, 0];
    for (const slots of used.values()) {
      for (const [hour, wh] of slots.entries()) {
        for (let left = wh ?? 0; left > 0;) {
          const tier = boundaries.findIndex((end) => position < end);
          const part = Math.min(left, (boundaries[tier] ?? 0) - position);
          const price = read()[tier];
          expected +=
            part * Math.round(((hour >= 8 && hour < 22 ? price?.peak : price?.valley) ?? NaN) * 1000);
          position += part;
          left -= part;
        }
      }
    }
    expect(sum(rateMonths(version, used, shanghai))).toBe(expected);
  });
});

describePrices('Octopus Agile: prices by the hour, 259 of them negative', () => {
  test('five years of half-hours at 500 Wh, to the last micro', () => {
    const csv = unzip('tariffs/octopus_agile_eastern_england_hourly_2019_2023.csv.gz');
    const { points, faults } = pointsOfCsv(csv, 60, 'UTC');
    expect({
      points: points.length,
      faults,
      negative: points.filter((point) => point.priceMicros < 0).length,
    }).toEqual({
      points: 43_824,
      faults: [],
      negative: 259,
    });
    const prices = new Map(points.map((point) => [point.startMs, point.priceMicros]));
    const version = versionOf({ calendar: flatCalendar, rates: {}, terms: { priceSeriesId: 'pse_agile' } });
    const series = { priceAt: (_id: string, ms: number) => prices.get(ms - (ms % 3_600_000)) ?? null };
    const days = new Map<string, number[]>();
    for (let ms = Date.UTC(2019, 0, 1); ms < Date.UTC(2024, 0, 1); ms += 86_400_000)
      days.set(new Date(ms).toISOString().slice(0, 10), new Array<number>(48).fill(501));
    const rated = [...rateMonths(version, days, { zone: 'UTC', slotMinutes: 30, series }).values()];
    // By hand: the text of the prices in ten-thousandths, two half-hours each.
    let expected = 0n;
    for (const row of csv.trim().split('\n').slice(1)) {
      const [sign, digits] = [row.includes(',-') ? -1n : 1n, (row.split(',')[1] ?? '').replace('-', '')];
      const [whole = '0', fraction = ''] = digits.trim().split('.');
      const price = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
      expected += 2n * sign * perThousand(501n * price);
    }
    expect(rated.reduce((sum, month) => sum + month.energyMicros, 0)).toBe(Number(expected));
    expect(rated.reduce((sum, month) => sum + month.unpriced, 0)).toBe(0);
  });
});

describePrices('Shanghai: multiples of the flat price by season and hour', () => {
  interface Hours {
    readonly peak: readonly number[];
    readonly flat: readonly number[];
    readonly valley: readonly number[];
  }
  interface Multiples {
    readonly peak: number;
    readonly valley: number;
  }
  interface ShanghaiTable {
    readonly hours_two_part: { readonly summer: Hours; readonly non_summer: Hours };
    readonly multipliers_two_part: { readonly summer_and_winter: Multiples; readonly other: Multiples };
  }
  const flatMicros = 712_300;

  test('a year of one kWh an hour', () => {
    const table = readTable<ShanghaiTable>('cn-shanghai-commercial-2022-12.json');
    const { summer_and_winter: dear, other } = table.multipliers_two_part;
    const hours = table.hours_two_part;
    const profile = (of: Hours) => {
      const name = (hour: number): TouPeriod =>
        of.peak.includes(hour) ? 'peak' : of.valley.includes(hour) ? 'valley' : 'flat';
      return Array.from({ length: 24 }, (_, hour) => hour)
        .filter((hour) => hour === 0 || name(hour) !== name(hour - 1))
        .map((hour) => ({ fromMinute: hour * 60, period: name(hour) }));
    };
    const season = (name: string, fromMonthDay: string, day: string) => ({
      name,
      fromMonthDay,
      weekday: new Array<string>(7).fill(day),
    });
    const ratesOf = (multiples: Multiples): Rates => ({
      peak: Math.round(flatMicros * multiples.peak),
      valley: Math.round(flatMicros * multiples.valley),
    });
    const version = versionOf({
      calendar: {
        id: 'sh',
        name: 'Shanghai',
        dayProfiles: { summer: profile(hours.summer), rest: profile(hours.non_summer) },
        seasons: [
          season('winter', '01-01', 'rest'),
          season('other', '02-01', 'rest'),
          season('summer', '07-01', 'summer'),
          season('other', '10-01', 'rest'),
          season('winter', '12-01', 'rest'),
        ],
        specialDays: {},
      },
      rates: { flat: flatMicros },
      terms: { seasonRates: { winter: ratesOf(dear), summer: ratesOf(dear), other: ratesOf(other) } },
    });
    const days = new Map(
      Array.from({ length: 365 }, (_, day) => [
        new Date(Date.UTC(2023, 0, 1 + day)).toISOString().slice(0, 10),
        new Array<number>(24).fill(1000),
      ]),
    );
    const rated = rateMonths(version, days, { zone: 'Asia/Shanghai', slotMinutes: 60 });
    // Days of the month × (peak hours × multiple + flat hours + valley hours × multiple), by the notice.
    for (const [month, found] of rated) {
      const number = Number(month.slice(5));
      const multiples = [7, 8, 9, 12, 1].includes(number) ? dear : other;
      const of = [7, 8, 9].includes(number) ? hours.summer : hours.non_summer;
      const ofDay =
        of.peak.length * Math.round(flatMicros * multiples.peak) +
        of.flat.length * flatMicros +
        of.valley.length * Math.round(flatMicros * multiples.valley);
      expect([month, found.energyMicros]).toEqual([
        month,
        new Date(Date.UTC(2023, number, 0)).getUTCDate() * ofDay,
      ]);
    }
  });
});
