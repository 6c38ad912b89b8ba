// SPDX-License-Identifier: Apache-2.0
/** What a caller says of one meter at one instant, whatever language it speaks. */
import type { RelayState } from '@wattledger/contracts';
import type { LocalMs } from '../import-readings/zone-clock.ts';

/** A register as it was told: in whole counts, or as a decimal text that becomes counts by the meter's register map. */
export type UploadedRegister =
  | { readonly kind: 'count'; readonly name: string; readonly count: number; readonly scaler: number }
  | {
      readonly kind: 'decimal';
      /** null: the register that is mounted when nobody says otherwise. */
      readonly name: string | null;
      readonly text: string;
      /** Power of ten from the text's unit to the base unit: 3 for kWh. */
      readonly unitPower: number;
      /** Of a cabinet: which user's register. */
      readonly circuit: number | null;
    };

/** Which of the caller's meters; both null: the caller itself is the meter. */
export interface UploadAddress {
  readonly unitId: number | null;
  readonly lineAddress: string | null;
}

/** When it was so: by a clock on the meter's wall, by an instant, or only known from its arrival (null). */
export type UploadTime =
  | { readonly kind: 'local'; readonly localMs: LocalMs }
  | { readonly kind: 'instant'; readonly instantMs: number }
  | null;

export interface MeterUpload {
  readonly address: UploadAddress;
  readonly time: UploadTime;
  readonly registers: readonly UploadedRegister[];
  readonly parameters: Readonly<Record<string, number>>;
  /** null: the upload does not say. */
  readonly relay: RelayState | null;
  /** The gateway says that the meter behind it does not answer. */
  readonly missing?: boolean;
}
