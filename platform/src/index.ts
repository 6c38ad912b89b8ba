// SPDX-License-Identifier: Apache-2.0
export * from './errors.ts';
export type * from './event-log/port.ts';
export type * from './database/port.ts';
export type * from './warehouse/port.ts';
export * from './http/port.ts';
export type * from './service/port.ts';
export { systemClock } from './clock/clock.ts';
export { createLogger, logLevels, type LogLevel } from './logger/logger.ts';
export { openDatabase, type DatabaseOptions } from './database/postgres-database.ts';
export {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './database/embedded-postgres.ts';
export {
  appliedSchemas,
  dropSchemas,
  fillDatabase,
  freezeDatabase,
  type AppliedSchema,
  type CopiedTable,
  type DatabaseSnapshot,
  type Sequence,
  type TableToFill,
} from './store-copy/database-copy.ts';
export {
  appliedWarehouse,
  dropWarehouseTables,
  fillWarehouseTable,
  prepareClones,
  type AppliedWarehouse,
  type WarehouseClones,
  type WarehouseTable,
} from './store-copy/warehouse-copy.ts';
export { migrate, withMigrationLock } from './database/migrate.ts';
export { openServerWarehouse, type ServerWarehouseOptions } from './warehouse/server-warehouse.ts';
export { openChdbWarehouse, type ChdbWarehouseOptions } from './warehouse/chdb-warehouse.ts';
export { migrateWarehouse } from './warehouse/migrate-warehouse.ts';
export { openPostgresEventLog, type PostgresEventLogOptions } from './event-log/postgres-event-log.ts';
export { PositionMovedError } from './event-log/positions.ts';
export {
  createSnapshotCopy,
  type SnapshotCopy,
  type SnapshotCopyOptions,
} from './snapshot-copy/snapshot-copy.ts';
export { defineRoute } from './http/define-route.ts';
export { createHttpApp, type HttpAppOptions } from './http/create-http-app.ts';
export { buildOpenApi, type OpenApiInfo } from './http/open-api.ts';
export { checkRoutes } from './http/check-routes.ts';
export { limitedBody } from './http/request-body.ts';
export { createMetrics, metricsRoute } from './metrics/metrics.ts';
export { ConfigError, describeConfig, readConfig, type Config, type KafkaConfig } from './config/config.ts';
export type { CallersConfig } from './config/callers-config.ts';
export { noChannels, type ChannelsConfig } from './config/channels-config.ts';
export { noPayments, type PaymentsConfig } from './config/payments-config.ts';
export { createLifecycle, type Lifecycle, type LifecycleOptions } from './lifecycle/lifecycle.ts';
export { openKafkaEventLog, type KafkaEventLogOptions } from './event-log/kafka-event-log.ts';
