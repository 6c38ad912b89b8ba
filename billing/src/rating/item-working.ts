// SPDX-License-Identifier: Apache-2.0
/** The numbers that explain an item of a month. */
import type { LocalDay } from '@wattledger/contracts';
import type { ChargeComponent } from '@wattledger/contracts/http/billing';

export type ItemWorking =
  | {
      readonly kind: 'demand';
      /** The highest demand of each season that the version's days touch. */
      readonly peaks: readonly DemandPeak[];
      readonly daysInMonth: number;
    }
  | {
      readonly kind: 'fixed';
      readonly per: 'day' | 'month';
      /** Per day or month, and per kW where a contracted demand is given. */
      readonly amountMicros: number;
      readonly days: number;
      readonly daysInMonth: number;
      readonly contractedDemandW: number | null;
    }
  /** The minimum of the days held, and what energy, demand and fixed charges came to. */
  | { readonly kind: 'minimum'; readonly minimumMicros: number; readonly chargedMicros: number }
  | {
      readonly kind: 'share';
      readonly baseMicros: number;
      readonly sharePpm: number;
      readonly of: readonly ChargeComponent[];
    }
  | { readonly kind: 'unit'; readonly consumption: number; readonly rateMicros: number };

export interface DemandPeak {
  readonly season: string;
  readonly demandW: number;
  /** Start of the window, and the local day of its last slot; null where no window is complete. */
  readonly atMs: number | null;
  readonly localDay: LocalDay | null;
  /** Per kW and month. */
  readonly rateMicros: number;
  /** Days of the season that the version holds in the account's month. */
  readonly days: number;
}
