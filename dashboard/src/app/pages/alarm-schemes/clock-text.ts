// SPDX-License-Identifier: Apache-2.0
/** Minutes of a day as `hh:mm`, the way a time box writes them; the end of the day is its beginning. */
export function clockText(minute: number | undefined): string {
  if (minute === undefined) return '';
  const within = minute % 1440;
  return `${String(Math.floor(within / 60)).padStart(2, '0')}:${String(within % 60).padStart(2, '0')}`;
}

export function minuteOf(text: string): number | null {
  const match = /^(\d{2}):(\d{2})/.exec(text);
  return match === null ? null : Number(match[1]) * 60 + Number(match[2]);
}
