// SPDX-License-Identifier: Apache-2.0
import { axisLabel, fullLabel } from './bucket-label.ts';
import { tooltipHtml } from './axes.ts';

test('names from the data are text in a tooltip, never markup', () => {
  const html = tooltipHtml(
    '<img src=x onerror=alert(1)>',
    [{ colour: '#000', name: '"><script>', value: '1', note: '&' }],
    "it's",
  );
  expect(html).not.toMatch(/<img|<script/);
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
  expect(html).toContain('it&#39;s');
});

test('labels of buckets, short for axes and in full for tooltips', () => {
  expect(axisLabel('2026-03-01T08:30', 'slot', true, 'en-GB')).toBe('08:30');
  expect(axisLabel('2026-03-01T08:30', 'hour', false, 'en-GB')).toBe('1 Mar 08:30');
  expect(axisLabel('2026-03', 'month', false, 'en-GB')).toBe('Mar 2026');
  expect(axisLabel('2026', 'year', false, 'en-GB')).toBe('2026');
  expect(fullLabel('2026-03-01', 'day', 'en-GB')).toBe('Sun, 1 Mar 2026');
  expect(fullLabel('2026-03-01', 'day', 'zh-CN')).toContain('周日');
});
