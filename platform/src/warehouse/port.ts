// SPDX-License-Identifier: Apache-2.0
/** ClickHouse: embedded (chDB) or a server, the same SQL. */
export type WarehouseValue = string | number | boolean | null | readonly (string | number)[];
export interface Warehouse {
  /** Rows as arrays in the order of `columns`. Durable when it answers. DateTime columns take whole seconds or 'YYYY-MM-DD hh:mm:ss'. */
  insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly WarehouseValue[])[],
  ): Promise<void>;
  /**
   * SQL with {name:Type} parameters only. Int64/UInt64 come back as numbers (values are kept within ±2^53).
   * `settings` are ClickHouse query settings.
   */
  query<Row>(
    sql: string,
    parameters?: Readonly<Record<string, unknown>>,
    settings?: Readonly<Record<string, string | number>>,
  ): Promise<readonly Row[]>;
  command(sql: string, parameters?: Readonly<Record<string, unknown>>): Promise<void>;
  close(): Promise<void>;
}
/** Like the database's: numbered .sql files, several statements split by lines that hold only `;`, placeholders :engine(…) and :on_cluster. */
export type MigrateWarehouse = (
  warehouse: Warehouse,
  options: { readonly name: string; readonly directory: URL },
) => Promise<void>;
