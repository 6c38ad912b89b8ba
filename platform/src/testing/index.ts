// SPDX-License-Identifier: Apache-2.0
export { startTestParts, type RecordedAction, type TestParts, type TestPartsOptions } from './test-parts.ts';
export { createTestDatabase, testCluster } from './test-postgres.ts';
export { createTestWarehouse, startFront, type RunningFront } from './test-warehouse.ts';
export { createTestClock, type TestClock } from '../clock/clock.ts';
export {
  serveRoutes,
  testAdministrator,
  type TestAnswer,
  type TestHttp,
  type TestHttpOptions,
} from './test-http.ts';
