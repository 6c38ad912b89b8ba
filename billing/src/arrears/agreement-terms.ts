// SPDX-License-Identifier: Apache-2.0
/** What an arrears agreement says about days. Pure. */
import type { Instalment } from '@wattledger/contracts/http/billing';

/** What should have been paid before a day and was not. */
export function overdueMicros(
  agreement: { readonly amountMicros: number; readonly restMicros: number },
  instalments: readonly Instalment[],
  today: string,
): number {
  const due = instalments
    .filter((instalment) => instalment.dueDay < today)
    .reduce((sum, instalment) => sum + instalment.amountMicros, 0);
  const paid = agreement.amountMicros - agreement.restMicros;
  return Math.min(agreement.restMicros, Math.max(0, due - paid));
}

const exists = (day: string): boolean => new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) === day;

/** Faults of instalments: real days, each later than the one before, together at most what is owed. */
export function faultsOfInstalments(
  instalments: readonly Instalment[],
  amountMicros: number,
): readonly { readonly path: string; readonly message: string }[] {
  const faults = instalments.flatMap(({ dueDay }, index) => {
    const path = `instalments.${index}.dueDay`;
    if (!exists(dueDay)) return [{ path, message: 'no day of the calendar' }];
    const before = instalments[index - 1];
    return before !== undefined && before.dueDay >= dueDay
      ? [{ path, message: 'not later than the one before' }]
      : [];
  });
  const sum = instalments.reduce((total, instalment) => total + instalment.amountMicros, 0);
  if (sum > amountMicros) faults.push({ path: 'instalments', message: 'together more than is owed' });
  return faults;
}
