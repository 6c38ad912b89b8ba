// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '@jest/globals';
import { createLogger } from './logger.ts';

test('secrets do not reach a line, at any depth we log', () => {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    name: 'test',
    destination: { write: (line) => void lines.push(line) },
  });
  logger.info(
    {
      password: 'hunter2',
      user: { token: 'hunter2' },
      request: {
        headers: { cookie: 'hunter2', authorization: 'hunter2', 'x-api-key': 'hunter2', accept: 'text/html' },
      },
    },
    'signed in',
  );
  logger.debug('not at this level');
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('hunter2');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'info',
    name: 'test',
    msg: 'signed in',
    request: { headers: { accept: 'text/html' } },
  });
});
