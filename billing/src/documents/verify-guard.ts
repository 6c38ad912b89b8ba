// SPDX-License-Identifier: Apache-2.0
/** Whoever guesses codes is held up as whoever guesses passwords: so many questions per address and quarter of an hour. */
import { RequestError, type Queryable } from '@wattledger/platform';

const windowMs = 15 * 60_000;
export const attemptsMax = 60;

/** Addresses of one household: the first four groups of an IPv6 address. */
function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return plain.includes(':') ? `${plain.split(':').slice(0, 4).join(':').toLowerCase()}/64` : plain;
}

/** Also says how long, for the header Retry-After. */
export class VerifyLockedError extends RequestError {
  readonly retryAfterSeconds: number;
  constructor(remainingMs: number) {
    super({
      status: 429,
      code: 'verify-locked',
      message: 'Too many codes were checked from here.',
      hint: `Try again in ${Math.max(1, Math.ceil(remainingMs / 60_000))} minutes.`,
    });
    this.retryAfterSeconds = Math.max(1, Math.ceil(remainingMs / 1000));
  }
}

/** @throws VerifyLockedError 429 */
export async function countVerification(queryable: Queryable, address: string, nowMs: number): Promise<void> {
  const { rows } = await queryable.query<{ attempts: number; window_from_ms: number }>(
    `INSERT INTO billing.verify_attempts AS known (address_key, window_from_ms, attempts) VALUES ($1, $2, 1)
     ON CONFLICT (address_key) DO UPDATE
        SET attempts = CASE WHEN known.window_from_ms <= $2 - $3::bigint THEN 1 ELSE least(known.attempts + 1, $4 + 1) END,
            window_from_ms = CASE WHEN known.window_from_ms <= $2 - $3::bigint THEN $2 ELSE known.window_from_ms END
     RETURNING known.attempts, known.window_from_ms`,
    [addressKey(address), nowMs, windowMs, attemptsMax],
  );
  const [row] = rows;
  // Addresses of earlier windows are forgotten as new ones come.
  if (row?.attempts === 1)
    await queryable.query('DELETE FROM billing.verify_attempts AS known WHERE known.window_from_ms <= $1', [
      nowMs - windowMs,
    ]);
  if (row !== undefined && row.attempts > attemptsMax)
    throw new VerifyLockedError(row.window_from_ms + windowMs - nowMs);
}
