// SPDX-License-Identifier: Apache-2.0
/** What a stopped product has in its stores, in words that do not depend on random ids or on when things happened. */
import { openProcess } from '@wattledger/app';

/** Table name → row key → contents. */
export type Tables = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Opens the stores of a stopped product and reads everything derived from readings. */
export async function readTables(dataDirectory: string): Promise<Tables> {
  const { lifecycle, system } = await openProcess('audit', dataDirectory);
  const { database, warehouse } = system.parts;
  try {
    const slots = await warehouse.query<Pair>(
      `SELECT concat(s.metering_point_id, ' ', s.quantity, ' ', toString(s.slot_start)) AS key, concat(toString(sum(s.consumption)), ' ', toString(max(s.quality))) AS content
       FROM slots AS s FINAL GROUP BY s.metering_point_id, s.quantity, s.slot_start`,
    );
    const days = await warehouse.query<Pair>(
      `SELECT concat(d.metering_point_id, ' ', d.quantity, ' ', toString(d.local_day), ' ', d.period) AS key,
              concat(toString(d.consumption), ' ', toString(d.slots_measured), ' ', toString(d.slots_estimated), ' ', toString(d.slots_missing), ' ', toString(d.peak_consumption)) AS content
       FROM days AS d FINAL`,
    );
    const losses = await warehouse.query<Pair>(
      `SELECT concat(l.metering_point_id, ' ', toString(l.local_day)) AS key, concat(toString(l.input), ' ', toString(l.children), ' ', toString(l.slots_compared)) AS content
       FROM loss_days AS l FINAL`,
    );
    const readings = await warehouse.query<Pair>(
      `SELECT concat(r.meter_id, ' ', r.register, ' ', toString(r.instant)) AS key, concat(toString(r.value), ' ', toString(r.verdict)) AS content FROM readings AS r FINAL`,
    );
    const charges = await database.query<Pair>(
      `SELECT concat_ws(' ', c.metering_point_id, c.segment_id, c.local_day) AS key, concat_ws(' ', c.consumption, c.amount_micros, c.unpriced_consumption) AS content
       FROM billing.charge_days c`,
    );
    const chargedSlots = await database.query<Pair>(
      `SELECT concat_ws(' ', s.metering_point_id, s.segment_id, s.local_day) AS key, concat_ws(' ', s.consumption, s.quality, s.amount_micros) AS content FROM billing.slot_days s`,
    );
    const balances = await database.query<Pair>(
      `SELECT a.tenant_id AS key, concat_ws(' ', l.balance_micros, a.stage) AS content
       FROM billing.accounts a JOIN billing.ledger_accounts l ON l.owner_id = a.account_id AND l.kind = 'tenant-balance'`,
    );
    const table = (rows: readonly Pair[]): Readonly<Record<string, string>> =>
      Object.fromEntries(rows.map(({ key, content }) => [key, content]));
    return {
      readings: table(readings),
      slots: table(slots),
      days: table(days),
      losses: table(losses),
      charges: table(charges.rows),
      chargedSlots: table(chargedSlots.rows),
      balances: table(balances.rows),
    };
  } finally {
    await lifecycle.stop();
  }
}

interface Pair {
  readonly key: string;
  readonly content: string;
}

/** Every row in which two sets of tables differ; empty = equal. */
export function differences(expected: Tables, found: Tables): readonly string[] {
  const faults: string[] = [];
  for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const [left, right] = [expected[name] ?? {}, found[name] ?? {}];
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      if (left[key] !== right[key])
        faults.push(`${name} ${key}: ${left[key] ?? '(none)'} ≠ ${right[key] ?? '(none)'}`);
    }
  }
  return faults;
}
