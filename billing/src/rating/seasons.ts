// SPDX-License-Identifier: Apache-2.0
/** Seasons of a calendar: contracts has them, since a browser asks them too. */
export { periodsBySeason, seasonOfDay } from '@wattledger/contracts';
