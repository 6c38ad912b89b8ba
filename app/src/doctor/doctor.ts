// SPDX-License-Identifier: Apache-2.0
/** Asks every invariant of every service, one after the other: a check may read a lot. */
import type { DoctorReport } from '@wattledger/contracts/http/system';
import type { DoctorCheck } from '@wattledger/platform';

export async function askDoctor(
  checks: readonly DoctorCheck[],
  nowMs: number,
  onChecked: (result: DoctorReport['checks'][number]) => void = () => undefined,
): Promise<DoctorReport> {
  const results: DoctorReport['checks'] = [];
  for (const { name, check } of checks) {
    const result = await check().then(
      (answer) => ({ name, ...answer }),
      // A check that cannot be asked has not passed.
      (error: unknown) => ({
        name,
        ok: false,
        detail: `could not be asked: ${error instanceof Error ? error.message : String(error)}`,
      }),
    );
    results.push(result);
    onChecked(result);
  }
  return { ok: results.every((result) => result.ok), atMs: nowMs, checks: results };
}
