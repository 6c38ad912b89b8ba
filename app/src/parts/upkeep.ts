// SPDX-License-Identifier: Apache-2.0
import type { Parts } from '@wattledger/platform';

const trimEveryMs = 10 * 60_000;

/** Trims the event log on a timer; answers with what ends it. A failed trim is tried again at the next turn. */
export function startUpkeep({ eventLog, clock, logger }: Parts): () => Promise<void> {
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(() => eventLog.trim(clock.nowMs()))
      .catch((error: unknown) => {
        logger.warn({ err: error }, 'the event log could not be trimmed; trying again later');
      });
  }, trimEveryMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
