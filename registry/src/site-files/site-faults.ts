// SPDX-License-Identifier: Apache-2.0
import type { SiteFault } from '@wattledger/contracts/http/registry';

/** Faults of a file, all of them counted and the first ones kept. */
export interface SiteFaults {
  add(sheet: string, row: number | null, column: string | null, message: string): void;
  readonly total: number;
  readonly listed: readonly SiteFault[];
}

export const siteFaultsListedMax = 1000;

export function createSiteFaults(): SiteFaults {
  const listed: SiteFault[] = [];
  let total = 0;
  return {
    add(sheet, row, column, message) {
      total += 1;
      if (listed.length < siteFaultsListedMax) listed.push({ sheet, row, column, message });
    },
    get total() {
      return total;
    },
    listed,
  };
}
