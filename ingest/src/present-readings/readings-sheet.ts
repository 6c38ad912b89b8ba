// SPDX-License-Identifier: Apache-2.0
/** Present readings as a sheet: one row per register in use. Pure. */
import { DateTime } from 'luxon';
import type { MeteringPointSnapshot, PlaceSnapshot } from '@wattledger/contracts';
import type { MeterState, RegisterState } from '@wattledger/contracts/http/ingest';
import { sheetTitles, type SheetLanguage } from './sheet-titles.ts';
import type { Sheet, SheetCell } from './write-sheet.ts';

export interface PointReading {
  readonly point: Pick<MeteringPointSnapshot, 'code' | 'name' | 'medium'>;
  readonly places: readonly Pick<PlaceSnapshot, 'name'>[];
  readonly tenantName: string | null;
  readonly gatewayCode: string | null;
  /** Register that counts for this point; null: the meter's first. */
  readonly register: string | null;
  readonly state: MeterState | null;
}

const parameters = [
  ['voltage.l1', '0.0'],
  ['voltage.l2', '0.0'],
  ['voltage.l3', '0.0'],
  ['current.l1', '0.00'],
  ['current.l2', '0.00'],
  ['current.l3', '0.00'],
  ['power.active.total', '0.000'],
  ['pf.total', '0.000'],
  ['frequency', '0.00'],
] as const;
const rates = ['tip', 'peak', 'flat', 'valley'] as const;

const columnsOf = (language: SheetLanguage): Sheet['columns'] => {
  const title = (key: keyof (typeof sheetTitles)['en']): string => sheetTitles[language][key];
  return [
    { title: title('place'), width: 28 },
    { title: title('point'), width: 26 },
    { title: title('code'), width: 16 },
    { title: title('tenant'), width: 24 },
    { title: title('medium'), width: 12 },
    { title: title('serial'), width: 18 },
    { title: title('model'), width: 20 },
    { title: title('gateway'), width: 14 },
    { title: title('unit'), width: 8 },
    { title: title('online'), width: 10 },
    { title: title('relay'), width: 12 },
    { title: title('register'), width: 24 },
    { title: title('reading'), width: 16, format: '#,##0.00' },
    { title: title('measure'), width: 8 },
    { title: title('readAt'), width: 20, format: 'yyyy-mm-dd hh:mm:ss' },
    ...rates.map((rate) => ({ title: title(rate), width: 14, format: '#,##0.00' })),
    ...parameters.map(([name, format]) => ({ title: title(name), width: 12, format })),
    { title: title('fault'), width: 36 },
  ];
};

export function readingsSheet(
  readings: readonly PointReading[],
  { zone, language }: { readonly zone: string; readonly language: SheetLanguage },
): Sheet {
  return {
    name: sheetTitles[language].sheet,
    columns: columnsOf(language),
    rows: readings.map((reading) => rowOf(reading, zone, language)),
  };
}

function rowOf(reading: PointReading, zone: string, language: SheetLanguage): readonly SheetCell[] {
  const { point, state } = reading;
  const titles = sheetTitles[language];
  const shown =
    state?.registers.find((register) => register.register === reading.register) ?? state?.registers[0];
  const rateOf = (rate: string): SheetCell =>
    valueOf(state?.registers.find(({ register }) => register === `energy.active.${rate}`));
  return [
    reading.places.map((place) => place.name).join(' / '),
    point.name,
    point.code,
    reading.tenantName,
    titles[point.medium],
    state?.serial ?? null,
    state?.modelId ?? null,
    reading.gatewayCode,
    state?.unitId ?? null,
    state?.online === undefined || state.online === null ? null : titles[state.online ? 'yes' : 'no'],
    state === null || state.relay === 'unknown' ? null : titles[state.relay],
    shown?.register ?? null,
    valueOf(shown),
    shown === undefined ? null : unitOf(shown),
    localTime(shown?.instantMs ?? state?.lastReadingMs ?? null, zone),
    ...rates.map(rateOf),
    ...parameters.map(([name]) => state?.parameters[name] ?? null),
    state?.lastFault?.text ?? null,
  ];
}

/** Base units are thousandths of what people read: Wh of kWh, litres of cubic metres. */
function valueOf(register: RegisterState | undefined): number | null {
  return register === undefined ? null : (register.value * 10 ** register.scaler) / 1000;
}

const unitOf = ({ unit }: RegisterState): string => (unit === 'l' || unit === 'dm3' ? 'm³' : `k${unit}`);

/** The wall clock of the place, in a date that a sheet shows without a zone. */
function localTime(instantMs: number | null, zone: string): Date | null {
  if (instantMs === null) return null;
  const local = DateTime.fromMillis(instantMs, { zone });
  return new Date(instantMs + local.offset * 60_000);
}
