// SPDX-License-Identifier: Apache-2.0
/** A room is often called after its tenant ("L3-18 White Deer Bakery"): beside that name its number says all. Pure. */
export function placeBeside(place: string | null | undefined, name: string | null | undefined): string {
  if (place === null || place === undefined) return '';
  if (name === null || name === undefined || name === '' || !place.endsWith(name)) return place;
  return place.slice(0, -name.length).replace(/[\s·,，(（-]+$/u, '');
}
