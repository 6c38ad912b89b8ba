// SPDX-License-Identifier: Apache-2.0
/** Days of a list of holidays: an iCalendar file (events of whole days, repetitions written out) or a CSV file. Pure. */
import { parse } from 'csv-parse/sync';
import ICAL from 'ical.js';
import type { ProtectedDay, ReadDaysAnswer, ReadDaysBody } from '@wattledger/contracts/http/billing';

/** Days of one list at most; a calendar holds no more. */
const daysMax = 2000;
/** Repetitions of one event looked at: a daily one over five years. */
const repetitionsMax = 2000;

type Fault = ReadDaysAnswer['faults'][number];

export function readDays({ format, text, fromDay, toDay }: ReadDaysBody): ReadDaysAnswer {
  const faults: Fault[] = [];
  const found = format === 'ics' ? daysOfIcs(text, toDay, faults) : daysOfCsv(text, faults);
  const days = new Map<string, ProtectedDay>();
  // One day once; the first name it has.
  for (const { day, name } of found) {
    if (day < fromDay || day > toDay || days.has(day)) continue;
    if (days.size === daysMax) {
      faults.push({ where: day, message: `a calendar holds at most ${daysMax} days` });
      break;
    }
    days.set(day, { day, name: name.slice(0, 200) });
  }
  return { days: [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1)), faults };
}

function daysOfIcs(text: string, toDay: string, faults: Fault[]): readonly ProtectedDay[] {
  let events: ICAL.Component[];
  try {
    events = new ICAL.Component(ICAL.parse(text) as unknown[]).getAllSubcomponents('vevent');
  } catch (error) {
    faults.push({ where: 'file', message: error instanceof Error ? error.message : 'no iCalendar file' });
    return [];
  }
  return events.flatMap((component) => {
    const event = new ICAL.Event(component);
    const name = event.summary?.trim() || 'Holiday';
    try {
      return daysOfEvent(event, name, toDay);
    } catch (error) {
      faults.push({ where: name, message: error instanceof Error ? error.message : 'no event with a date' });
      return [];
    }
  });
}

/** Every day an event touches; the end of an event of whole days is exclusive, as the format has it. */
function daysOfEvent(event: ICAL.Event, name: string, toDay: string): readonly ProtectedDay[] {
  const days: ProtectedDay[] = [];
  const last = ICAL.Time.fromDateString(toDay);
  const add = (start: ICAL.Time, end: ICAL.Time): void => {
    const day = dateOf(start);
    // An event with a time of day protects the days it touches; one that ends at midnight not the next.
    const until = dateOf(end);
    const exclusive = end.isDate || (end.hour === 0 && end.minute === 0 && end.second === 0);
    for (let step = 0; step < daysMax; step += 1) {
      if (day.compare(until) > 0 || (exclusive && step > 0 && day.compare(until) >= 0)) break;
      days.push({ day: day.toString(), name });
      day.adjust(1, 0, 0, 0);
    }
  };
  if (!event.isRecurring()) {
    add(event.startDate, event.endDate);
    return days;
  }
  const repetitions = event.iterator();
  let found = false;
  for (let count = 0; count < repetitionsMax; count += 1) {
    const next = repetitions.next() as ICAL.Time | null | undefined;
    if (next === null || next === undefined || dateOf(next).compare(last) > 0) break;
    const { startDate, endDate } = event.getOccurrenceDetails(next);
    add(startDate, endDate);
    found = true;
  }
  // The library gives none for a repetition of one.
  if (!found && dateOf(event.startDate).compare(last) <= 0) add(event.startDate, event.endDate);
  return days;
}

const dateOf = (time: ICAL.Time): ICAL.Time =>
  new ICAL.Time(
    { year: time.year, month: time.month, day: time.day, isDate: true },
    ICAL.Timezone.localTimezone,
  );

/** Lines "2027-02-05;Spring Festival" with comma or semicolon; a first line without a day is a heading. */
function daysOfCsv(text: string, faults: Fault[]): readonly ProtectedDay[] {
  let records: string[][];
  try {
    records = parse(text, {
      delimiter: [';', ','],
      bom: true,
      trim: true,
      relaxColumnCount: true,
      skipEmptyLines: true,
    });
  } catch (error) {
    faults.push({ where: 'file', message: error instanceof Error ? error.message : 'no CSV file' });
    return [];
  }
  return records.flatMap((record, index) => {
    const [written = '', name = ''] = record;
    const day = dayOfText(written);
    if (day !== null) return [{ day, name: name === '' ? day : name }];
    if (index > 0)
      faults.push({ where: `line ${index + 1}`, message: `"${written}" is no day: write 2027-02-05` });
    return [];
  });
}

/** 2027-02-05, 2027/2/5 or 20270205; other orders are ambiguous and refused. */
function dayOfText(written: string): string | null {
  const match =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(written) ?? /^(\d{4})(\d\d)(\d\d)$/.exec(written);
  if (match === null) return null;
  const day = `${match[1]}-${(match[2] ?? '').padStart(2, '0')}-${(match[3] ?? '').padStart(2, '0')}`;
  return new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) === day ? day : null;
}
