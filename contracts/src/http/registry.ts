// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP shapes of the registry: what exists and who may. Instants are whole milliseconds since the epoch (`…Ms`).
 * Bodies are strict: an unknown field is refused rather than silently ignored.
 *
 * Pages: lists that can grow take `limit` and `after` and answer `next` (null at the end). `after` is opaque: give
 * back what `next` said.
 */
export {
  pageLimitMax,
  pageQueryShape,
  searchQueryShape,
  projectParamsShape,
  type ProjectParams,
} from './registry/words.ts';
export * from './registry/session.ts';
export * from './registry/projects.ts';
export * from './registry/tree.ts';
export * from './registry/places.ts';
export * from './registry/gateways.ts';
export * from './registry/meters.ts';
export * from './registry/metering-points.ts';
export * from './registry/mountings.ts';
export * from './registry/tenants.ts';
export * from './registry/site-files.ts';
export * from './registry/staff.ts';
export * from './registry/api-keys.ts';
export * from './registry/actions.ts';
