// SPDX-License-Identifier: Apache-2.0
/** Times as people's files spell them. Pure. */
import type { LocalMs } from './zone-clock.ts';

export type TimeRead =
  /** What a wall clock shows. */
  | { readonly kind: 'local'; readonly localMs: LocalMs }
  /** The text carried its own offset. */
  | { readonly kind: 'instant'; readonly instantMs: number }
  | { readonly kind: 'fault'; readonly message: string };

const dayMs = 86_400_000;
/** 2011-01-01 01:00, 2011/1/1T1:00:30.5, with Z or an offset; 24:00 is the end of the day. */
const yearFirst =
  /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;
/** 01/31/2011 01:00, 31.1.2011 1:00, with AM or PM. */
const yearLast =
  /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*([AaPp][Mm])?$/;

/** @param dayFirst whether 3/4/2011 is the third of April */
export function readTime(text: string, dayFirst: boolean): TimeRead {
  const iso = yearFirst.exec(text);
  if (iso !== null) {
    const local = localOf(
      text,
      number(iso[1]),
      number(iso[2]),
      number(iso[3]),
      iso[4],
      iso[5],
      iso[6],
      iso[7],
    );
    if (typeof local === 'string') return { kind: 'fault', message: local };
    if (iso[8] === undefined) return { kind: 'local', localMs: local };
    const offset = offsetMs(iso[8]);
    return offset === null
      ? { kind: 'fault', message: `"${text}": there is no offset ${iso[8]}` }
      : { kind: 'instant', instantMs: local - offset };
  }
  const other = yearLast.exec(text);
  if (other === null) return { kind: 'fault', message: `"${text}" is no date and time` };
  const [first, second] = [number(other[1]), number(other[2])];
  const [month, day] = dayFirst ? [second, first] : [first, second];
  if (month > 12 && day <= 12) {
    return {
      kind: 'fault',
      message: `"${text}" has month ${month}: is the ${dayFirst ? 'month' : 'day'} written first? (option dayFirst)`,
    };
  }
  const hour = hourOf(other[4], other[8]);
  if (hour === null) return { kind: 'fault', message: `"${text}" is no time of day` };
  const local = localOf(text, number(other[3]), month, day, hour, other[5], other[6], other[7]);
  return typeof local === 'string' ? { kind: 'fault', message: local } : { kind: 'local', localMs: local };
}

function number(text: string | undefined): number {
  return text === undefined ? 0 : Number(text);
}

function hourOf(text: string | undefined, half: string | undefined): string | undefined | null {
  if (half === undefined || text === undefined) return text;
  const hour = Number(text);
  if (hour < 1 || hour > 12) return null;
  return String((hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0));
}

function offsetMs(text: string): number | null {
  if (text === 'Z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(-2));
  if (hours > 14 || minutes > 59) return null;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function localOf(
  text: string,
  year: number,
  month: number,
  day: number,
  hourText: string | undefined,
  minuteText: string | undefined,
  secondText: string | undefined,
  fractionText: string | undefined,
): LocalMs | string {
  const [hour, minute, second] = [number(hourText), number(minuteText), number(secondText)];
  const fraction = fractionText === undefined ? 0 : Number(fractionText.padEnd(3, '0').slice(0, 3));
  const dayStart = Date.UTC(year, month - 1, day);
  const date = new Date(dayStart);
  if (year < 1900 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day)
    return `"${text}": there is no such day`;
  const inDay = ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
  if (minute > 59 || second > 59 || inDay > dayMs) return `"${text}": there is no such time of day`;
  return dayStart + inDay;
}
