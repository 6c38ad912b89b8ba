// SPDX-License-Identifier: Apache-2.0
import { browserOf } from './browser-name.ts';

test.each([
  ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0', 'Edge · Windows'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1', 'Safari · iOS'],
  [
    'Mozilla/5.0 (Linux; Android 15) Chrome/142.0 Mobile Safari/537.36 MicroMessenger/8.0',
    'WeChat · Android',
  ],
  ['curl/8.0', 'curl/8.0'],
])('%s', (agent, name) => {
  expect(browserOf(agent)).toBe(name);
});
