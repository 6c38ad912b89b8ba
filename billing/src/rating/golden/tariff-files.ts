// SPDX-License-Identifier: Apache-2.0
/** For tests: published tariff tables (hours by season and day type) as bodies of price versions. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TariffCalendar, TouPeriod } from '@wattledger/contracts';
import type { PriceTermsBody, Rates } from '@wattledger/contracts/http/billing';

export const dataFolder = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));

/** Whether the data are beside the clone; prints why not. @throws Error when WATTLEDGER_REQUIRE_ALL=1 */
export function haveData(folder: string): boolean {
  if (existsSync(`${dataFolder}${folder}`)) return true;
  const reason = `no ${folder} in ${dataFolder}`;
  if (process.env['WATTLEDGER_REQUIRE_ALL'] === '1') throw new Error(reason);
  process.stderr.write(`skipped: real prices (${reason})\n`);
  return false;
}

/** A table of Californian kind: rates and demand by period number, hours by season and day type. */
export interface HourTable {
  readonly id: string;
  readonly schedule: string;
  readonly seasons: readonly {
    readonly name: string;
    readonly months: readonly number[];
    readonly weekday: readonly number[];
    readonly weekend: readonly number[];
    readonly energy_per_kwh: readonly number[];
    readonly demand_per_kw: readonly number[];
    readonly demand_any_time_per_kw: number;
  }[];
}

export const readTable = <T>(file: string): T =>
  JSON.parse(readFileSync(`${dataFolder}tariffs/${file}`, 'utf8')) as T;

/** Period numbers of the tables, cheap to dear. */
const periodNames: readonly TouPeriod[] = ['valley', 'flat', 'peak'];
const micros = (amount: number): number => Math.round(amount * 1_000_000);

export function bodyOfTable(table: HourTable): {
  readonly calendar: TariffCalendar;
  readonly rates: Rates;
  readonly terms: PriceTermsBody;
} {
  const used = (season: HourTable['seasons'][number]): ReadonlySet<number> =>
    new Set([...season.weekday, ...season.weekend]);
  return {
    calendar: calendarOfTable(table),
    rates: {},
    terms: {
      seasonRates: Object.fromEntries(
        table.seasons.map((season) => [
          season.name,
          Object.fromEntries(
            [...used(season)].map((period) => [
              periodNames[period],
              micros(season.energy_per_kwh[period] ?? NaN),
            ]),
          ),
        ]),
      ),
      demand: [null, ...periodNames].map((period, place) => ({
        name: period === null ? 'Maximum demand' : `Maximum ${period} demand`,
        period,
        window: 'block' as const,
        windowMinutes: 15 as const,
        rateMicros: 0,
        seasonRatesMicros: Object.fromEntries(
          table.seasons.map((season) => [
            season.name,
            micros(
              period === null ? season.demand_any_time_per_kw : (season.demand_per_kw[place - 1] ?? NaN),
            ),
          ]),
        ),
      })),
    },
  };
}

function calendarOfTable(table: HourTable): TariffCalendar {
  const seasonOfMonth = new Map(
    table.seasons.flatMap((season) => season.months.map((month) => [month, season] as const)),
  );
  const months = Array.from({ length: 12 }, (_, month) => month + 1);
  return {
    id: table.id,
    name: table.schedule,
    dayProfiles: Object.fromEntries(
      table.seasons.flatMap((season) => [
        [`${season.name} weekday`, spansOf(season.weekday)],
        [`${season.name} weekend`, spansOf(season.weekend)],
      ]),
    ),
    seasons: months
      .filter((month) => month === 1 || seasonOfMonth.get(month)?.name !== seasonOfMonth.get(month - 1)?.name)
      .map((month) => {
        const name = seasonOfMonth.get(month)?.name ?? '';
        return {
          name,
          fromMonthDay: `${String(month).padStart(2, '0')}-01`,
          weekday: Array.from({ length: 7 }, (_, day) => `${name} ${day < 5 ? 'weekday' : 'weekend'}`),
        };
      }),
    specialDays: {},
  };
}

function spansOf(hours: readonly number[]): { fromMinute: number; period: TouPeriod }[] {
  return hours.flatMap((period, hour) =>
    hour > 0 && hours[hour - 1] === period
      ? []
      : [{ fromMinute: hour * 60, period: periodNames[period] ?? 'flat' }],
  );
}
