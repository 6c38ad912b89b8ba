// SPDX-License-Identifier: Apache-2.0
export { createStreamService, type StreamService } from './stream-service.ts';
