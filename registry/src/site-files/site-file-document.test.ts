// SPDX-License-Identifier: Apache-2.0
/** Goal: the document and the program name the same columns. Method: each line of the table of columns stands in it. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { sheetNames, siteColumns } from './site-tables.ts';

const document = readFileSync(new URL('../../../docs/operating/site-file.md', import.meta.url), 'utf8');

test.each(sheetNames)('docs/operating/site-file.md describes sheet %s as it is', (sheet) => {
  const section = document.split(`### ${sheet}\n`)[1]?.split('\n### ')[0] ?? '';
  const described = section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const columns = Object.entries(siteColumns[sheet]).map(
    ([column, { required, about }]: [string, { required: boolean; about: string }]) => [
      `\`${column}\``,
      required ? 'yes' : '',
      about,
    ],
  );
  expect(described).toEqual(columns);
});
