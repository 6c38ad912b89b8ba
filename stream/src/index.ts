// SPDX-License-Identifier: Apache-2.0
export { createStreamService, type StreamService } from './stream-service.ts';
export { streamGroup } from './meter-log/meter-log-service.ts';
export type { RebuildOptions, RebuildResult } from './rebuild/rebuild-service.ts';
