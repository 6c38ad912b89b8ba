// SPDX-License-Identifier: Apache-2.0
/**
 * What one run of an import gathers: readings on their way to the log, chains, faults, figures. Rows are told to it as
 * they are read; when enough has come it is stored in one transaction, while the next rows are read.
 */
import { topics, type ReadingBatch } from '@wattledger/contracts';
import type { FaultPolicy, ImportFault, ImportFaultCode } from '@wattledger/contracts/http/ingest';
import type { NewRecord, Parts, Transaction } from '@wattledger/platform';
import { writeChains, type ChainProgress } from './chains-store.ts';

export interface ImportFigures {
  bytesRead: number;
  rowsRead: number;
  valuesRead: number;
  readingsAppended: number;
  repeated: number;
  holes: number;
  faultsCount: number;
  firstMs: number | null;
  lastMs: number | null;
  readonly meters: Set<string>;
  readonly notAskedFor: Set<string>;
}

/** The first fault of a run that stops at faults, or one that no run can go on after. */
export class ImportStopped extends Error {
  readonly fault: ImportFault;
  constructor(fault: ImportFault) {
    super(fault.message);
    this.name = 'ImportStopped';
    this.fault = fault;
  }
}

export interface ImportRunOptions {
  readonly parts: Pick<Parts, 'database' | 'eventLog' | 'clock'>;
  readonly projectId: string;
  readonly onFault: FaultPolicy;
  /** Stores figures and new faults beside the readings. */
  readonly keep: (
    transaction: Transaction,
    figures: ImportFigures,
    faults: readonly ImportFault[],
  ) => Promise<void>;
  /** Told how many readings became durable. */
  readonly onStored: (readings: number) => void;
  /** Told after each store. */
  readonly onProgress?: (figures: ImportFigures) => void;
}

/** Readings of one store. Large enough to be fast, small enough to be lost without regret and held in memory. */
const readingsPerStore = 40_000;
/** Readings of one record: below a megabyte of JSON with the largest numbers. */
const readingsPerRecord = 20_000;
/** Faults of one job that are kept word by word; all are counted. */
export const faultsKeptMax = 10_000;

type Series = ReadingBatch['series'][number];

export class ImportRun {
  readonly figures: ImportFigures = {
    bytesRead: 0,
    rowsRead: 0,
    valuesRead: 0,
    readingsAppended: 0,
    repeated: 0,
    holes: 0,
    faultsCount: 0,
    firstMs: null,
    lastMs: null,
    meters: new Set(),
    notAskedFor: new Set(),
  };
  readonly #options: ImportRunOptions;
  #series = new Map<string, Map<string, Series>>();
  #readings = 0;
  #faults: ImportFault[] = [];
  #chains: (() => readonly ChainProgress[]) | null = null;
  #storing: Promise<void> = Promise.resolve();
  #failed: { readonly error: unknown } | null = null;

  constructor(options: ImportRunOptions) {
    this.#options = options;
  }

  /** Where the chains of this run stand is asked for at each store. */
  followChains(take: () => readonly ChainProgress[]): void {
    this.#chains = take;
  }

  reading(
    meterId: string,
    register: string,
    scaler: number,
    quality: 0 | 3,
    instantMs: number,
    value: number,
  ): void {
    let ofMeter = this.#series.get(meterId);
    if (ofMeter === undefined) this.#series.set(meterId, (ofMeter = new Map()));
    const key = quality === 0 ? register : `${register}|${quality}`;
    let series = ofMeter.get(key);
    if (series === undefined)
      ofMeter.set(key, (series = { register, scaler, quality, instants: [], values: [] }));
    series.instants.push(instantMs);
    series.values.push(value);
    this.#readings += 1;
    const { figures } = this;
    if (figures.firstMs === null || instantMs < figures.firstMs) figures.firstMs = instantMs;
    if (figures.lastMs === null || instantMs > figures.lastMs) figures.lastMs = instantMs;
  }

  /** @throws ImportStopped when the run stops at faults */
  fault(line: number, code: ImportFaultCode, message: string, meter: string | null = null): void {
    this.figures.faultsCount += 1;
    const fault = { line, meter, code, message };
    if (this.figures.faultsCount <= faultsKeptMax) this.#faults.push(fault);
    if (this.#options.onFault === 'stop') throw new ImportStopped(fault);
  }

  /** A fault after which nothing can be read, whatever the policy. @throws ImportStopped */
  stop(line: number, code: ImportFaultCode, message: string): never {
    this.figures.faultsCount += 1;
    const fault = { line, meter: null, code, message };
    this.#faults.push(fault);
    throw new ImportStopped(fault);
  }

  get isFull(): boolean {
    return this.#readings >= readingsPerStore;
  }

  /** Begins to store what has come; waits only for the store before. */
  async store(): Promise<void> {
    await this.#storing;
    if (this.#failed !== null) throw this.#failed.error;
    const series = this.#series;
    const faults = this.#faults;
    const chains = this.#chains?.() ?? [];
    this.#series = new Map();
    this.#readings = 0;
    this.#faults = [];
    this.#storing = this.#write(series, chains, faults).catch((error: unknown) => {
      this.#failed = { error };
    });
  }

  /** Stores the rest and waits until all of it is durable. */
  async finish(): Promise<void> {
    await this.store();
    await this.#storing;
    if (this.#failed !== null) throw this.#failed.error;
  }

  async #write(
    byMeter: ReadonlyMap<string, ReadonlyMap<string, Series>>,
    chains: readonly ChainProgress[],
    faults: readonly ImportFault[],
  ): Promise<void> {
    const { parts, projectId, keep, onStored, onProgress } = this.#options;
    const receivedAt = parts.clock.nowMs();
    const records: NewRecord<ReadingBatch>[] = [];
    let readings = 0;
    for (const [meterId, series] of byMeter) {
      for (const part of partsOf([...series.values()])) {
        records.push({
          key: meterId,
          value: { kind: 'readings', meterId, projectId, source: 'import', receivedAt, series: part },
        });
      }
      for (const { instants } of series.values()) readings += instants.length;
    }
    await parts.database.transaction(async (transaction) => {
      await parts.eventLog.append(topics.meterLog, records, transaction);
      await writeChains(transaction, chains);
      const figures = { ...this.figures, readingsAppended: this.figures.readingsAppended + readings };
      await keep(transaction, figures, faults);
    });
    this.figures.readingsAppended += readings;
    onStored(readings);
    onProgress?.(this.figures);
  }
}

/** Cuts the series of one meter into records of a bounded size. */
function* partsOf(series: readonly Series[]): Generator<Series[]> {
  let part: Series[] = [];
  let size = 0;
  for (const one of series) {
    for (let from = 0; from < one.instants.length; from += readingsPerRecord) {
      const instants = one.instants.slice(from, from + readingsPerRecord);
      if (size > 0 && size + instants.length > readingsPerRecord) {
        yield part;
        part = [];
        size = 0;
      }
      part.push({ ...one, instants, values: one.values.slice(from, from + readingsPerRecord) });
      size += instants.length;
    }
  }
  if (part.length > 0) yield part;
}
