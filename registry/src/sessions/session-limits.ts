// SPDX-License-Identifier: Apache-2.0
const minute = 60_000;
const hour = 60 * minute;

export interface SessionLimits {
  /** Without a request for this long a session ends. */
  readonly idleMs: number;
  /** A session ends after this long whatever happens. */
  readonly lifeMs: number;
  /** Attempts are counted in windows of this length. */
  readonly windowMs: number;
  readonly loginAttemptsMax: number;
  readonly addressAttemptsMax: number;
  readonly sessionsPerPersonMax: number;
}
export const sessionLimits: SessionLimits = {
  idleMs: 8 * hour,
  lifeMs: 7 * 24 * hour,
  windowMs: 15 * minute,
  loginAttemptsMax: 10,
  addressAttemptsMax: 60,
  sessionsPerPersonMax: 20,
};
