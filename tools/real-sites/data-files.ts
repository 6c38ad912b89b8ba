// SPDX-License-Identifier: Apache-2.0
/** Reading the small tables that come with the data. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Text of a file of the data folder; unpacked where its name ends in .gz. */
export function dataText(directory: string, path: string): string {
  const bytes = readFileSync(join(directory, path));
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').replace(/^\uFEFF/, '');
}

/** Fields of a line of CSV; quotes around a field are taken off. */
export function fieldsOf(line: string): string[] {
  const fields: string[] = [];
  for (const match of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    fields.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
  }
  return fields;
}

/** Rows of a CSV as objects by its header. */
export function tableOf(text: string): readonly Readonly<Record<string, string>>[] {
  const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const names = fieldsOf(header);
  return lines.map((line) =>
    Object.fromEntries(fieldsOf(line).map((field, index) => [names[index] ?? '', field])),
  );
}

/** A number written for people, such as 2,544; null when there is none. */
export function numberOrNull(text: string | undefined): number | null {
  const value = Number((text ?? '').replaceAll(',', ''));
  return text === undefined || text.trim() === '' || !Number.isFinite(value) ? null : value;
}

/** The different values of a column, in order of appearance, without taking the whole file apart. */
export function distinctFirstFields(text: string): readonly string[] {
  const seen = new Set<string>();
  let last = '';
  for (let at = text.indexOf('\n') + 1; at > 0 && at < text.length; at = text.indexOf('\n', at) + 1) {
    const name = text.slice(at, text.indexOf(',', at));
    if (name !== last) seen.add((last = name));
    if (!text.includes('\n', at)) break;
  }
  return [...seen];
}
