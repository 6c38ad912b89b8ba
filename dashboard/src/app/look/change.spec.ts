// SPDX-License-Identifier: Apache-2.0
import { TestBed } from '@angular/core/testing';
import { startWords, testProviders } from '../../test-words.ts';
import { Change } from './change.ts';

async function textOf(share: number | null, against = ''): Promise<string> {
  const fixture = TestBed.createComponent(Change);
  fixture.componentRef.setInput('share', share);
  fixture.componentRef.setInput('against', against);
  await fixture.whenStable();
  return (fixture.nativeElement as HTMLElement).textContent!.replace(/\s+/g, ' ').trim();
}

test('a change says against what; where there is nothing to compare with, that is said instead', async () => {
  TestBed.configureTestingModule({ providers: testProviders });
  await startWords();
  expect(await textOf(0.042, 'than last month')).toBe('+4.2% than last month');
  expect(await textOf(null, 'than last month')).toBe('Nothing to compare with yet');
  expect(await textOf(null)).toBe('–');
});
