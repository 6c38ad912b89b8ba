// SPDX-License-Identifier: Apache-2.0
export interface QueryResult<Row> {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}
/** SQL with $1 … parameters only. int8 comes back as number when safe (asserted), numeric as text, timestamptz as Date. */
export interface Queryable {
  query<Row = Record<string, unknown>>(
    text: string,
    parameters?: readonly unknown[],
  ): Promise<QueryResult<Row>>;
}
export interface Transaction extends Queryable {
  readonly kind: 'transaction';
}
export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
}
export interface Database extends Queryable {
  /** Commits when fn resolves, rolls back when it throws; retries on deadlock and serialization failure (3 times). */
  transaction<T>(fn: (transaction: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Runs `handle` whenever the channel is notified; reconnects by itself and then calls once. */
  listen(channel: string, handle: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
/**
 * Applies numbered files `000001_name.sql` of a directory to a schema of that name, once each, in order, under an
 * advisory lock. A database that has a later number than the newest file stops the process: the binary is older.
 */
export type Migrate = (
  database: Database,
  options: { readonly schema: string; readonly directory: URL },
) => Promise<void>;
