// SPDX-License-Identifier: Apache-2.0
/**
 * The serial on the label of a gateway or meter, however the maker wrote it: bare, behind "SN:", in a web address, in
 * JSON. A label is read by a camera or typed by a person at a switchboard, so blanks and full-width signs are forgiven;
 * what is no serial is told as null rather than guessed.
 */

const labelCharactersMax = 2000;
export const serialCharactersMax = 64;
/** Names of the field, best first, in small letters without signs. */
const fieldNames = [
  'sn',
  'serial',
  'serialno',
  'serialnumber',
  'devicesn',
  'gatewaysn',
  'gwsn',
  'metersn',
  'deviceno',
  'deviceid',
  'meterno',
  '序列号',
  '设备编号',
  '设备号',
  '网关编号',
  '表号',
  'imei',
  'id',
] as const;
const serialPattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;
/** Deeper than this no maker nests the serial. */
const jsonDepthMax = 3;

/** @returns null when no serial can be told */
export function serialOfLabel(label: string): string | null {
  const text = label
    .slice(0, labelCharactersMax)
    // Full-width letters, digits and signs as Chinese keyboards write them.
    .normalize('NFKC')
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim();
  if (text === '') return null;
  return fromJson(text) ?? fromAddress(text) ?? fromFields(text) ?? fromPlain(text);
}

function fromJson(text: string): string | null {
  if (!text.startsWith('{')) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  return bestOf(leavesOf(parsed, jsonDepthMax));
}

function leavesOf(value: unknown, depth: number): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) =>
    typeof part === 'string' || typeof part === 'number'
      ? [[name, String(part)] as const]
      : leavesOf(part, depth - 1),
  );
}

function fromAddress(text: string): string | null {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return null;
  let address: URL;
  try {
    address = new URL(text.replaceAll(' ', ''));
  } catch {
    return null;
  }
  const [, inFragment = ''] = address.hash.split('?');
  const named = bestOf([...address.searchParams, ...new URLSearchParams(inFragment)]);
  if (named !== null) return named;
  // https://example.com/d/20241105010001: the last part of the path, where it can be nothing but a number.
  const last = address.pathname.split('/').findLast((part) => part !== '') ?? '';
  return serialLike(last) && /\d{6}/.test(last) ? last : null;
}

/** "SN:2109… IMEI:86…", "MODEL=ADW300;S/N=2109…". */
function fromFields(text: string): string | null {
  const fields = [
    ...text.matchAll(
      /([\p{L}/. _-]*[\p{L}.])\s*[:=]\s*([A-Za-z0-9._-]+(?: \d{1,6}(?=\s|$))*)(?=[\s;,|&]|$)/gu,
    ),
  ];
  return bestOf(fields.map(([, name = '', value = '']) => [lastWord(name), value] as const));
}

/** Before "S/N" or "Serial No." may stand the end of the field before. */
function lastWord(name: string): string {
  const plain = plainName(name);
  return (
    fieldNames.find((known) => plain.endsWith(known) && known.length > 2) ??
    name.trim().split(' ').at(-1) ??
    ''
  );
}

function fromPlain(text: string): string | null {
  const together = text.replaceAll(' ', '');
  // Digits in groups, as people read them aloud; two whole numbers are two numbers.
  if (/^\d{1,6}( \d{1,6})*$/.test(text) && serialLike(together)) return together;
  if (serialLike(text)) return text;
  // "ADW300 20241105010001": the one part that can be nothing but a number.
  const numbers = text.split(/[\s,;|]+/).filter((part) => serialLike(part) && /\d{8}/.test(part));
  return numbers.length === 1 ? (numbers[0] ?? null) : null;
}

function bestOf(fields: Iterable<readonly [string, string]>): string | null {
  let best: string | null = null;
  let bestRank: number = fieldNames.length;
  for (const [name, value] of fields) {
    const rank = (fieldNames as readonly string[]).indexOf(plainName(name));
    const serial = value.replaceAll(' ', '');
    if (rank !== -1 && rank < bestRank && serialLike(serial)) {
      best = serial;
      bestRank = rank;
    }
  }
  return best;
}

const plainName = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
const serialLike = (text: string): boolean =>
  text.length <= serialCharactersMax && serialPattern.test(text) && /\d/.test(text);
