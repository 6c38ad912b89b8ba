// SPDX-License-Identifier: Apache-2.0
/** The numbers that explain an item of a month, as answers carry them. */
export type { DemandPeak, ItemWorking } from '@wattledger/contracts/http/billing';
