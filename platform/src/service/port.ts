// SPDX-License-Identifier: Apache-2.0
import type { Database } from '../database/port.ts';
import type { Warehouse } from '../warehouse/port.ts';
import type { EventLog } from '../event-log/port.ts';
import type { ActionLog, Route } from '../http/port.ts';
import type { Logger } from 'pino';
import type { Registry as MetricsRegistry } from 'prom-client';

export interface Clock {
  nowMs(): number;
}

/** What every service is made of; built once per process in `wire.ts`. */
export interface Parts {
  readonly database: Database;
  readonly warehouse: Warehouse;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly actionLog: ActionLog;
}

/** One invariant, asked of the stores. */
export interface DoctorCheck {
  /** e.g. "ledger: Σ of all entries is zero". */
  readonly name: string;
  /**
   * It compares what different steps of the pipeline made of the same readings: a difference says nothing while a step
   * has work waiting, as in a system that was stopped or killed in the middle.
   */
  readonly acrossSteps?: boolean;
  check(): Promise<{ readonly ok: boolean; readonly detail: string }>;
}

/** A service: what each package gives to the composition root. */
export interface Service {
  readonly name: 'registry' | 'ingest' | 'stream' | 'billing' | 'analytics';
  /** Tables of the database and the warehouse; runs before any service starts. */
  migrate(): Promise<void>;
  readonly routes: readonly Route[];
  /** Consumers and timers begin. */
  start(): Promise<void>;
  /** Ends after work in hand; idempotent. */
  stop(): Promise<void>;
  readonly doctorChecks: readonly DoctorCheck[];
  /** Facts for /api/health: state of the part, counters. */
  health(): Promise<{
    readonly state: 'ok' | 'degraded' | 'failed';
    readonly facts: Readonly<Record<string, string | number | null>>;
  }>;
}
