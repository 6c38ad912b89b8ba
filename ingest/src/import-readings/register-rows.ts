// SPDX-License-Identifier: Apache-2.0
/** Register files: one reading of one register per row. */
import { importUnits, type RegisterFile } from '@wattledger/contracts/http/ingest';
import type { KnownMeters } from '../readings-intake/pushed-readings.ts';
import { oldestInstantMs } from '../readings-intake/pushed-readings.ts';
import { chooseMeter, columnAt, columnsOf } from './columns.ts';
import { readDecimal, type DecimalFormat } from './decimal-text.ts';
import type { FileRow } from './file-rows.ts';
import type { ImportRun } from './import-run.ts';
import type { RowReader } from './row-readers.ts';
import { readTime } from './time-text.ts';
import { zoneClock, type ZoneClock } from './zone-clock.ts';

interface RegisterSeries {
  readonly meterId: string;
  readonly serial: string;
  readonly register: string;
  lastMs: number;
  lastValue: number;
}

const wholeNumber = /^[+-]?\d{1,16}$/;

export class RegisterRows implements RowReader {
  readonly #format: RegisterFile;
  readonly #known: KnownMeters;
  readonly #run: ImportRun;
  readonly #decimal: DecimalFormat;
  readonly #clock: ZoneClock | null;
  readonly #nowMs: number;
  /** By name in the file and register; null: not imported, and said so once. */
  readonly #series = new Map<string, RegisterSeries | null>();
  #columns = { meter: -1, register: -1, time: -1, value: -1, width: 0 };

  constructor(format: RegisterFile, known: KnownMeters, run: ImportRun, nowMs: number) {
    this.#format = format;
    this.#known = known;
    this.#run = run;
    this.#nowMs = nowMs;
    this.#decimal = {
      places: importUnits[format.unit] - format.scaler,
      decimalSign: format.decimalSign,
      thousands: format.thousands,
    };
    this.#clock = format.timeFormat === 'local' ? zoneClock(format.zone ?? '') : null;
  }

  header({ fields, line }: FileRow): Promise<void> {
    const { meterColumn, meter, registerColumn, timeColumn, valueColumn } = this.#format;
    const columns = columnsOf(fields);
    if (typeof columns === 'string') this.#run.stop(line, 'columns', columns);
    const find = (name: string | null, role: string): number => {
      if (name === null) return -1;
      const index = columnAt(columns, name, role);
      return typeof index === 'string' ? this.#run.stop(line, 'columns', index) : index;
    };
    if ((meterColumn === null) === (meter === null))
      this.#run.stop(line, 'columns', 'say either which column names the meter, or whose file this is');
    this.#columns = {
      meter: find(meterColumn, 'meter'),
      register: find(registerColumn, 'register'),
      time: find(timeColumn, 'time'),
      value: find(valueColumn, 'value'),
      width: fields.length,
    };
    return Promise.resolve();
  }

  row({ fields, line }: FileRow): undefined {
    const { meter, register, time, value, width } = this.#columns;
    if (fields.length !== width) {
      this.#run.fault(line, 'row-shape', `the row has ${fields.length} fields, the header ${width}`);
      return;
    }
    const name = meter === -1 ? (this.#format.meter ?? '') : (fields[meter] ?? '').trim();
    const series = this.#seriesOf(name, register === -1 ? null : (fields[register] ?? '').trim(), line);
    if (series === null) return;
    const instantMs = this.#instantOf((fields[time] ?? '').trim(), series, line, name);
    if (instantMs === null) return;
    const read = readDecimal(fields[value] ?? '', this.#decimal);
    if (read.kind === 'missing') return;
    if (read.kind === 'fault') return this.#run.fault(line, 'number', read.message, name) as undefined;
    if (read.count < 0)
      return this.#run.fault(
        line,
        'negative',
        `"${fields[value] ?? ''}" is below zero: a register counts upwards`,
        name,
      ) as undefined;
    this.#run.figures.valuesRead += 1;
    if (instantMs === series.lastMs) {
      if (read.count === series.lastValue) this.#run.figures.repeated += 1;
      else
        this.#run.fault(
          line,
          'contradiction',
          'the row before says another value for the same instant',
          name,
        );
      return;
    }
    series.lastMs = instantMs;
    series.lastValue = read.count;
    this.#run.reading(series.meterId, series.register, this.#format.scaler, 0, instantMs, read.count);
  }

  end(): void {
    // Every row was a reading of its own.
  }

  #seriesOf(name: string, registerName: string | null, line: number): RegisterSeries | null {
    const key = registerName === null ? name : `${name}|${registerName}`;
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const choice = chooseMeter(name, { ...this.#format, exportRegister: null }, this.#known, registerName);
    if (choice.kind === 'meter') {
      const { meter, register } = choice;
      const series = { meterId: meter.id, serial: meter.serial, register, lastMs: NaN, lastValue: 0 };
      this.#series.set(key, series);
      this.#run.figures.meters.add(meter.id);
      return series;
    }
    this.#series.set(key, null);
    if (choice.kind === 'not-asked-for') this.#run.figures.notAskedFor.add(name);
    else this.#run.fault(line, choice.code, `${choice.message}; none of its rows is imported`, name);
    return null;
  }

  #instantOf(text: string, series: RegisterSeries, line: number, name: string): number | null {
    const instantMs = this.#readInstant(text, series);
    const fault =
      typeof instantMs === 'string'
        ? instantMs
        : instantMs < oldestInstantMs
          ? `"${text}" is before 2000-01-01: is it ${this.#format.timeFormat === 'epoch-milliseconds' ? 'seconds' : 'a time'}?`
          : instantMs > this.#nowMs + 86_400_000
            ? `"${text}" lies in the future: check the zone, and whether it is seconds or milliseconds`
            : null;
    if (fault === null) return instantMs as number;
    this.#run.fault(line, 'time', fault, name);
    return null;
  }

  #readInstant(text: string, series: RegisterSeries): number | string {
    const { timeFormat } = this.#format;
    if (timeFormat === 'epoch-seconds' || timeFormat === 'epoch-milliseconds') {
      if (!wholeNumber.test(text))
        return `"${text}" is no whole number of ${timeFormat === 'epoch-seconds' ? 'seconds' : 'milliseconds'}`;
      return Number(text) * (timeFormat === 'epoch-seconds' ? 1000 : 1);
    }
    const read = readTime(text, false);
    if (read.kind === 'fault') return read.message;
    if (read.kind === 'instant') return read.instantMs;
    if (this.#clock === null)
      return `"${text}" has no zone: end it with Z or an offset, or use timeFormat local with a zone`;
    const [first, second] = this.#clock.instantsOf(read.localMs);
    if (first === undefined)
      return `"${text}" does not exist in ${this.#clock.zone}: the clock is put forward over it`;
    // The hour that comes twice: the first time, unless the series is past it.
    return second !== undefined && series.lastMs >= first ? second : first;
  }
}
