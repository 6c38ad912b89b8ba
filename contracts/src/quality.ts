// SPDX-License-Identifier: Apache-2.0
/** Quality of a reading or a slot. The numeric code is what the warehouse and the log carry. */
export const qualityCodes = { measured: 0, estimated: 1, edited: 2, missing: 3 } as const;
export type Quality = keyof typeof qualityCodes;
export type QualityCode = (typeof qualityCodes)[Quality];
export const qualities = Object.keys(qualityCodes) as readonly Quality[];
export function qualityOf(code: number): Quality {
  const quality = qualities[code];
  if (quality === undefined) throw new RangeError(`unknown quality code ${code}`);
  return quality;
}
