// SPDX-License-Identifier: Apache-2.0
/** ClickHouse's text form of query parameters (the one its HTTP interface takes) and SQL string literals. */

function escapeText(text: string): string {
  return text.replace(/[\\\t\n\r'\0\b\f]/g, (character) => escapes[character] ?? character);
}
const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  "'": "\\'",
  '\0': '\\0',
  '\b': '\\b',
  '\f': '\\f',
};

/** 'text' as a literal of the SQL grammar. */
export function stringLiteral(text: string): string {
  return `'${escapeText(text)}'`;
}

/**
 * Value of a {name:Type} placeholder as the engine reads it. Strings are unquoted outside and quoted inside arrays.
 * @throws RangeError for a number that is not finite and for kinds of value that have no text form
 */
export function parameterText(value: unknown, nested = false): string {
  if (value === null || value === undefined) return nested ? 'NULL' : '\\N';
  if (typeof value === 'string') return nested ? stringLiteral(value) : escapeText(value);
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`${value} cannot be a query parameter`);
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => parameterText(item, true)).join(',')}]`;
  throw new RangeError(
    `a ${typeof value} cannot be a query parameter: pass text, numbers, booleans or arrays of them`,
  );
}

/** Names that go into SQL unquoted. @throws RangeError for anything else */
export function checkedName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$/.test(name))
    throw new RangeError(`"${name}" is no name of a table, column, parameter or setting`);
  return name;
}

/** `SET param_x = '…'; ` for each parameter: binds on this session without the engine-wide lock that chDB's own binding takes. */
export function setParameterStatements(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, text]) => `SET param_${checkedName(name)} = ${stringLiteral(text)}; `)
    .join('');
}
