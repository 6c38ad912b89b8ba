// SPDX-License-Identifier: Apache-2.0
/** Interval files, long (a row per meter and interval) and wide (a column per meter): energy becomes cumulative counts. */
import { importUnits, type IntervalFile } from '@wattledger/contracts/http/ingest';
import type { KnownMeters } from '../readings-intake/pushed-readings.ts';
import type { ChainKey, ChainProgress, StoredChain } from './chains-store.ts';
import { chooseMeter, columnAt, columnsOf } from './columns.ts';
import { readDecimal, type DecimalFormat } from './decimal-text.ts';
import type { FileRow } from './file-rows.ts';
import type { ImportRun } from './import-run.ts';
import { IntervalChain } from './interval-chain.ts';
import { labelReader, type LabelRead, type Span } from './interval-labels.ts';
import type { RowReader } from './row-readers.ts';

export type ReadChain = (key: ChainKey, fromMs: number) => Promise<StoredChain | null>;

interface Direction {
  readonly register: string;
  chain: IntervalChain;
}
interface IntervalMeter {
  readonly name: string;
  readonly meterId: string;
  readonly consumed: Direction;
  /** Energy in the other direction; null: negative values are faults. */
  readonly exported: Direction | null;
  opened: boolean;
  lastEndMs: number;
  /** A series that cannot be continued: said once, its rows are passed over. */
  refused: boolean;
}

export class IntervalRows implements RowReader {
  readonly #format: IntervalFile;
  readonly #known: KnownMeters;
  readonly #run: ImportRun;
  readonly #readChain: ReadChain;
  readonly #decimal: DecimalFormat;
  readonly #label: (text: string) => LabelRead;
  readonly #nowMs: number;
  readonly #meters = new Map<string, IntervalMeter | null>();
  #time = -1;
  #width = 0;
  /** Long: the columns of name and value. Wide: the meters by column. */
  #long: { readonly meter: number; readonly value: number } | null = null;
  #wide: { readonly column: number; readonly meter: IntervalMeter }[] = [];

  constructor(format: IntervalFile, known: KnownMeters, run: ImportRun, nowMs: number, readChain: ReadChain) {
    this.#format = format;
    this.#known = known;
    this.#run = run;
    this.#nowMs = nowMs;
    this.#readChain = readChain;
    this.#decimal = {
      places: importUnits[format.unit] - format.scaler,
      decimalSign: format.decimalSign,
      thousands: format.thousands,
    };
    this.#label = labelReader(format);
    run.followChains(() => this.#takeProgress());
  }

  header({ fields, line }: FileRow): Promise<void> {
    const { layout, timeColumn, meterColumn, meter, valueColumn, skipColumns } = this.#format;
    const columns = columnsOf(fields);
    if (typeof columns === 'string') this.#run.stop(line, 'columns', columns);
    const find = (name: string, role: string): number => {
      const index = columnAt(columns, name, role);
      return typeof index === 'string' ? this.#run.stop(line, 'columns', index) : index;
    };
    this.#time = find(timeColumn, 'time');
    this.#width = fields.length;
    if (layout === 'long') {
      if (valueColumn === null)
        this.#run.stop(line, 'columns', 'a long file needs the name of its value column');
      if ((meterColumn === null) === (meter === null))
        this.#run.stop(line, 'columns', 'say either which column names the meter, or whose file this is');
      this.#long = {
        meter: meterColumn === null ? -1 : find(meterColumn, 'meter'),
        value: find(valueColumn, 'value'),
      };
      return Promise.resolve();
    }
    for (const name of skipColumns) find(name, 'list of skipped columns');
    for (const [name, column] of columns) {
      if (column === this.#time || skipColumns.includes(name)) continue;
      const one = this.#meterOf(name, line);
      if (one !== null) this.#wide.push({ column, meter: one });
    }
    if (this.#wide.length === 0)
      this.#run.stop(line, 'columns', 'no column of the file is a meter of the project');
    return Promise.resolve();
  }

  row(row: FileRow): Promise<void> | undefined {
    const { fields, line } = row;
    if (fields.length !== this.#width) {
      this.#run.fault(line, 'row-shape', `the row has ${fields.length} fields, the header ${this.#width}`);
      return;
    }
    const text = fields[this.#time] ?? '';
    const label = this.#label(text);
    if (label.kind === 'fault') {
      this.#run.fault(line, 'time', label.message);
      return;
    }
    if (label.span.startMs > this.#nowMs + 86_400_000) {
      this.#run.fault(
        line,
        'time',
        `"${text}" lies in the future: check the zone and the order of day and month`,
      );
      return;
    }
    if (this.#long !== null) {
      const meter = this.#meterOf(
        this.#long.meter === -1 ? (this.#format.meter ?? '') : (fields[this.#long.meter] ?? '').trim(),
        line,
      );
      return meter === null ? undefined : this.#value(meter, label, fields[this.#long.value] ?? '', line);
    }
    return this.#wideRow(fields, label, line, 0);
  }

  end(): void {
    for (const meter of this.#meters.values()) {
      for (const direction of [meter?.consumed, meter?.exported]) {
        if (meter === null || direction === null || direction === undefined || direction.chain.carried === 0)
          continue;
        const kept = direction.chain.carried;
        const message = `${kept} counts of ${direction.register} stand in the hour that the clock skips, and no interval follows that could take them`;
        this.#run.fault(0, 'no-following-interval', message, meter.name);
      }
    }
  }

  #wideRow(
    fields: readonly string[],
    label: Extract<LabelRead, { kind: 'span' }>,
    line: number,
    from: number,
  ): Promise<void> | undefined {
    for (let index = from; index < this.#wide.length; index += 1) {
      const wide = this.#wide[index];
      if (wide === undefined) break;
      const { column, meter } = wide;
      const waiting = this.#value(meter, label, fields[column] ?? '', line);
      if (waiting !== undefined) return waiting.then(() => this.#wideRow(fields, label, line, index + 1));
    }
    return undefined;
  }

  #value(
    meter: IntervalMeter,
    label: Extract<LabelRead, { kind: 'span' }>,
    text: string,
    line: number,
  ): Promise<void> | undefined {
    if (meter.refused) return undefined;
    const read = readDecimal(text, this.#decimal);
    if (read.kind === 'missing') return undefined;
    if (read.kind === 'fault') {
      this.#run.fault(line, 'number', read.message, meter.name);
      return undefined;
    }
    if (read.count < 0 && meter.exported === null) {
      this.#run.fault(
        line,
        'negative',
        `"${text.trim()}" is below zero (option negative: export, for energy in the other direction)`,
        meter.name,
      );
      return undefined;
    }
    this.#run.figures.valuesRead += 1;
    const span = label.second !== null && label.span.startMs < meter.lastEndMs ? label.second : label.span;
    if (meter.opened || span.endMs <= span.startMs) {
      this.#add(meter, span, read.count, line);
      return undefined;
    }
    return this.#open(meter, span, line).then(() => this.#add(meter, span, read.count, line));
  }

  /** The first interval with a length: now it is known where the file takes the series up. */
  async #open(meter: IntervalMeter, span: Span, line: number): Promise<void> {
    meter.opened = true;
    for (const direction of [meter.consumed, meter.exported]) {
      if (direction === null) continue;
      const known = await this.#readChain(
        { meterId: meter.meterId, register: direction.register },
        span.startMs,
      );
      if (known !== null && known.scaler !== this.#format.scaler) {
        meter.refused = true;
        this.#run.fault(
          line,
          'overlap',
          `earlier imports counted ${direction.register} at scaler ${known.scaler}: use the same (option scaler)`,
          meter.name,
        );
        return;
      }
      const carried = direction.chain.carried;
      direction.chain = new IntervalChain(known);
      if (carried > 0)
        direction.chain.add({ startMs: span.startMs, endMs: span.startMs, midnight: false }, carried);
    }
  }

  #add(meter: IntervalMeter, span: Span, count: number, line: number): void {
    if (meter.refused) return;
    this.#addTo(meter, meter.consumed, span, Math.max(count, 0), line, true);
    if (meter.exported !== null && !meter.refused)
      this.#addTo(meter, meter.exported, span, Math.max(-count, 0), line, false);
    meter.lastEndMs = Math.max(meter.lastEndMs, span.endMs);
  }

  /** @param tells false for the second direction of the same value: what concerns both is told once */
  #addTo(
    meter: IntervalMeter,
    { register, chain }: Direction,
    span: Span,
    count: number,
    line: number,
    tells: boolean,
  ): void {
    const added = chain.add(span, count);
    const { figures } = this.#run;
    switch (added.kind) {
      case 'carried':
        return;
      case 'repeated':
        if (tells) figures.repeated += 1;
        return;
      case 'contradiction':
        this.#run.fault(
          line,
          'contradiction',
          `another row says ${added.earlier} counts for the same interval, this one ${count}; the first is kept`,
          meter.name,
        );
        return;
      case 'out-of-order':
        if (tells)
          this.#run.fault(
            line,
            'out-of-order',
            `the interval begins before the last one ended (${new Date(added.afterMs).toISOString()}): sort the file by time`,
            meter.name,
          );
        return;
      case 'too-large':
        meter.refused = true;
        this.#run.fault(
          line,
          'too-large',
          'the sum of the series is beyond 2^53 counts: use a coarser resolution (option scaler)',
          meter.name,
        );
        return;
      case 'overlap':
        meter.refused = true;
        this.#run.fault(line, 'overlap', added.message, meter.name);
        return;
      case 'added':
        break;
    }
    if (added.hole && tells) figures.holes += 1;
    for (const { instantMs, count: value, missing } of added.readings) {
      this.#run.reading(meter.meterId, register, this.#format.scaler, missing ? 3 : 0, instantMs, value);
    }
    if (added.overlapDifference !== null) {
      const message = `before ${new Date(span.startMs).toISOString()} this file says ${added.overlapDifference} counts of ${register} more than what was imported earlier; the earlier stands, later intervals go on from it`;
      this.#run.fault(line, 'overlap', message, meter.name);
    }
  }

  #meterOf(name: string, line: number): IntervalMeter | null {
    const known = this.#meters.get(name);
    if (known !== undefined) return known;
    const meter = this.#makeMeter(name, line);
    this.#meters.set(name, meter);
    return meter;
  }

  #makeMeter(name: string, line: number): IntervalMeter | null {
    const splits = this.#format.negative === 'export';
    const { exportRegister } = this.#format;
    const choice = chooseMeter(
      name,
      { ...this.#format, exportRegister: splits ? exportRegister : null },
      this.#known,
      null,
    );
    if (choice.kind === 'not-asked-for') {
      this.#run.figures.notAskedFor.add(name);
      return null;
    }
    if (choice.kind === 'fault') {
      this.#meters.set(name, null);
      this.#run.fault(line, choice.code, `${choice.message}; none of its values is imported`, name);
      return null;
    }
    const { meter, register } = choice;
    // A meter without the other direction keeps its rule: a negative value there is a fault.
    const exported =
      splits && this.#known.mountedRegisters(meter.id).has(exportRegister)
        ? { register: exportRegister, chain: new IntervalChain(null) }
        : null;
    this.#run.figures.meters.add(meter.id);
    return {
      name,
      meterId: meter.id,
      consumed: { register, chain: new IntervalChain(null) },
      exported,
      opened: false,
      lastEndMs: -Infinity,
      refused: false,
    };
  }

  #takeProgress(): readonly ChainProgress[] {
    const progress: ChainProgress[] = [];
    for (const meter of this.#meters.values()) {
      for (const direction of [meter?.consumed, meter?.exported]) {
        if (meter === null || direction === null || direction === undefined) continue;
        const taken = direction.chain.takeProgress();
        if (taken !== null)
          progress.push({
            meterId: meter.meterId,
            register: direction.register,
            scaler: this.#format.scaler,
            ...taken,
          });
      }
    }
    return progress;
  }
}
