// SPDX-License-Identifier: Apache-2.0
/** Units as they are written; register maps use plain letters. */
export function unitText(unit: string | undefined): string {
  if (unit === undefined || unit === 'enum' || unit === 'bits') return '';
  return unit === 'degC' ? '°C' : unit === 'm3/h' ? 'm³/h' : unit;
}
