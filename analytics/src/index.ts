// SPDX-License-Identifier: Apache-2.0
/** Questions over the warehouse. One factory; everything else is internal. */
export { createAnalyticsService, type AnalyticsOptions, type AnalyticsService } from './analytics-service.ts';
