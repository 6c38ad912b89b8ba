// SPDX-License-Identifier: Apache-2.0
/** What meters report: relay states from polls, and outcomes of commands. */
import { topics, type CommandOutcome, type Telemetry } from '@wattledger/contracts';
import type { Consumer, RecordBatch, Transaction } from '@wattledger/platform';
import { accountStates } from '../balance/account-states.ts';
import { announce, noAnnouncements } from '../balance/announcements.ts';
import { lookAtSupply } from '../balance/follow-balances.ts';
import type { BillingParts } from '../parts.ts';
import {
  accountsOfMeters,
  hurryRelays,
  writeOutcomes,
  writeReports,
  type ReportedRelay,
} from './relays-store.ts';

export const telemetryGroup = 'billing-telemetry';
export const outcomesGroup = 'billing-command-outcomes';
const recordsMax = 1000;

/** The newest report of each meter; a silent meter keeps what it last said. */
function reportsOf(
  heard: readonly {
    readonly meterId: string;
    readonly projectId: string;
    readonly relay: string;
    readonly atMs: number;
  }[],
): readonly ReportedRelay[] {
  const newest = new Map<string, ReportedRelay>();
  for (const { meterId, projectId, relay, atMs } of heard) {
    if (relay !== 'closed' && relay !== 'open') continue;
    if ((newest.get(meterId)?.atMs ?? -Infinity) <= atMs)
      newest.set(meterId, { meterId, projectId, relay, atMs });
  }
  return [...newest.values()];
}

/** Events for live screens, and a new look at the accounts whose meters said something new. */
async function tell(
  parts: BillingParts,
  transaction: Transaction,
  accountIds: readonly string[],
): Promise<void> {
  if (accountIds.length === 0) return;
  const announcements = noAnnouncements();
  const at = parts.clock.nowMs();
  for (const state of (await accountStates(transaction, accountIds)).values()) {
    announcements.accountEvents.push({ ...state, at, cause: 'relay' });
  }
  await announce(parts.eventLog, transaction, announcements);
}

export interface RelayConsumers {
  readonly start: () => Promise<readonly Consumer[]>;
  readonly handleTelemetry: (batch: Pick<RecordBatch<Telemetry>, 'records' | 'commit'>) => Promise<void>;
  readonly handleOutcomes: (batch: Pick<RecordBatch<CommandOutcome>, 'records' | 'commit'>) => Promise<void>;
}

/** Somebody else who follows what meters report, in the same transactions. */
export interface RelayListener {
  hearTelemetry(transaction: Transaction, heard: readonly Telemetry[]): Promise<void>;
  hearOutcomes(transaction: Transaction, outcomes: readonly CommandOutcome[]): Promise<void>;
}

export function createRelayConsumers(parts: BillingParts, listener: RelayListener): RelayConsumers {
  const { database, eventLog, clock } = parts;
  /** Meters that were last seen offline: the first poll that succeeds again hurries what they missed. */
  const offline = new Set<string>();

  async function handleTelemetry(batch: Pick<RecordBatch<Telemetry>, 'records' | 'commit'>): Promise<void> {
    const values = batch.records.map((record) => record.value);
    const reports = reportsOf(values.map((value) => ({ ...value, atMs: value.at })));
    const online = new Map(values.map((value) => [value.meterId, value.online]));
    const returned = [...online]
      .filter(([meterId, isOnline]) => isOnline && offline.has(meterId))
      .map(([meterId]) => meterId);
    const touched = await database.transaction(async (transaction) => {
      const accounts = await changedAccounts(transaction, reports, returned);
      if (accounts.length > 0) await lookAtSupply(transaction, accounts, 'timer', clock.nowMs());
      await writeReports(transaction, reports, { unchangedToo: false });
      if (returned.length > 0) await hurryRelays(transaction, returned, clock.nowMs());
      await listener.hearTelemetry(transaction, values);
      await tell(parts, transaction, accounts);
      await batch.commit(transaction);
      return accounts.length > 0;
    });
    for (const [meterId, isOnline] of online) {
      if (isOnline) offline.delete(meterId);
      else offline.add(meterId);
    }
    if (touched) parts.wake.supply();
  }

  async function handleOutcomes(
    batch: Pick<RecordBatch<CommandOutcome>, 'records' | 'commit'>,
  ): Promise<void> {
    const heard = batch.records.map((record) => record.value);
    const outcomes = heard.filter((outcome) => outcome.kind === 'switch-supply');
    const reports = reportsOf(
      outcomes.map((outcome) => ({ ...outcome, relay: outcome.reportedRelay, atMs: outcome.at })),
    );
    await database.transaction(async (transaction) => {
      const accounts = await accountsOfMeters(transaction, [
        ...new Set(outcomes.map((outcome) => outcome.meterId)),
      ]);
      await lookAtSupply(transaction, accounts, 'timer', clock.nowMs());
      await writeReports(transaction, reports, { unchangedToo: true });
      await writeOutcomes(transaction, outcomes);
      await listener.hearOutcomes(transaction, heard);
      await tell(parts, transaction, accounts);
      await batch.commit(transaction);
    });
    parts.wake.supply();
  }

  return {
    handleTelemetry,
    handleOutcomes,
    start: async () => [
      await eventLog.consume({
        group: telemetryGroup,
        topic: topics.telemetry,
        recordsMax,
        handle: handleTelemetry,
      }),
      await eventLog.consume({
        group: outcomesGroup,
        topic: topics.commandOutcomes,
        recordsMax,
        handle: handleOutcomes,
      }),
    ],
  };
}

/** Accounts whose meters report something else than is known, or have come back; held before the meters' rows. */
async function changedAccounts(
  transaction: Transaction,
  reports: readonly ReportedRelay[],
  returned: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await transaction.query<{ account_id: string }>(
    `SELECT DISTINCT meter.account_id
       FROM billing.supply_meters AS meter
       LEFT JOIN unnest($1::text[], $2::text[]) AS heard (meter_id, relay) ON heard.meter_id = meter.meter_id
      WHERE meter.account_id IS NOT NULL
        AND (meter.reported <> heard.relay OR (meter.meter_id = ANY ($3::text[]) AND meter.mismatch_since_ms IS NOT NULL))`,
    [reports.map((report) => report.meterId), reports.map((report) => report.relay), returned],
  );
  return rows.map((row) => row.account_id);
}
