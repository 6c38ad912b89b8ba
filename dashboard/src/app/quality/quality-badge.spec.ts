// SPDX-License-Identifier: Apache-2.0
import { TestBed } from '@angular/core/testing';
import { startWords, testProviders } from '../../test-words.ts';
import { Words } from '../words/words.ts';
import { QualityBadge } from './quality-badge.ts';

const asOf = {
  asOfMs: Date.parse('2020-01-02T03:04:00Z'),
  slotsMeasured: 90,
  slotsEstimated: 6,
  slotsEdited: 0,
  slotsMissing: 4,
  points: 3,
  pointsStale: 1,
};

async function badge(inputs: Record<string, unknown>) {
  TestBed.configureTestingModule({ providers: testProviders });
  await startWords();
  const fixture = TestBed.createComponent(QualityBadge);
  for (const [name, value] of Object.entries(inputs)) fixture.componentRef.setInput(name, value);
  await fixture.whenStable();
  return { fixture, element: fixture.nativeElement as HTMLElement };
}

test('says as of when, how much was measured and what is silent, in words', async () => {
  const { element } = await badge({ asOf, zone: 'Asia/Shanghai' });
  const button = element.querySelector('button')!;
  expect(button.textContent).toContain('2 Jan, 11:04');
  expect(button.textContent).toContain('90.0% measured');
  expect(button.textContent).toContain('1 silent');
  expect(button.className).toContain('stale');
});

test('a span that is over is not late, however old its newest reading', async () => {
  const { element } = await badge({
    asOf: { ...asOf, slotsEstimated: 0, slotsMissing: 0, pointsStale: 0 },
    running: false,
  });
  expect(element.querySelector('button')!.className).toContain('fresh');
  expect(element.textContent).not.toContain('measured');
});

test('nothing is claimed where nothing was asked', async () => {
  const { element } = await badge({ asOf: null });
  expect(element.querySelector('button')).toBeNull();
});

test('speaks the language chosen, without a reload', async () => {
  const { element, fixture } = await badge({ asOf, zone: 'Asia/Shanghai' });
  await TestBed.inject(Words).choose('zh');
  await fixture.whenStable();
  expect(element.textContent).toContain('截至');
  expect(element.textContent).toContain('实测');
});
