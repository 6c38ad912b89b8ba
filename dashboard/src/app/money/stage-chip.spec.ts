// SPDX-License-Identifier: Apache-2.0
import { TestBed } from '@angular/core/testing';
import { balanceStages } from '@wattledger/contracts/http/billing';
import { startWords, testProviders } from '../../test-words.ts';
import { StageChip } from './stage-chip.ts';

test('each stage differs in word and in icon, not in colour alone', async () => {
  TestBed.configureTestingModule({ providers: testProviders });
  await startWords();
  const seen = await Promise.all(
    balanceStages.map(async (stage) => {
      const fixture = TestBed.createComponent(StageChip);
      fixture.componentRef.setInput('stage', stage);
      await fixture.whenStable();
      const element = fixture.nativeElement as HTMLElement;
      return { word: element.textContent?.trim(), icon: element.querySelector('path')?.getAttribute('d') };
    }),
  );
  expect(new Set(seen.map(({ word }) => word)).size).toBe(balanceStages.length);
  expect(new Set(seen.map(({ icon }) => icon)).size).toBe(balanceStages.length);
});
