// SPDX-License-Identifier: Apache-2.0
/** What the registry must know of a meter's model to claim one: register maps live in ingest and are handed in. */
import type { Medium, Quantity } from '@wattledger/contracts';

export interface MeterModel {
  readonly medium: Medium;
  /** Has a supply control switch that we can drive. */
  readonly switchable: boolean;
  /** The register that is mounted when nobody says otherwise. */
  readonly mainRegister: string | null;
  /** Null: the model has no such register. */
  register(name: string): { readonly quantity: Quantity | null; readonly registerMax: number | null } | null;
}

/** Null: no map of that name is known. */
export type MeterModels = (modelId: string) => MeterModel | null;
