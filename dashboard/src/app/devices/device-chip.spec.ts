// SPDX-License-Identifier: Apache-2.0
import { TestBed } from '@angular/core/testing';
import { startWords, testProviders } from '../../test-words.ts';
import { DeviceChip } from './device-chip.ts';
import { deviceStates } from './device-state.ts';

test.each(['en', 'zh'])('each state differs in word and in icon, not in colour alone (%s)', async (tag) => {
  TestBed.configureTestingModule({ providers: testProviders });
  await startWords(tag);
  const seen = await Promise.all(
    deviceStates.map(async (state) => {
      const fixture = TestBed.createComponent(DeviceChip);
      fixture.componentRef.setInput('state', state);
      await fixture.whenStable();
      const element = fixture.nativeElement as HTMLElement;
      return { word: element.textContent?.trim(), icon: element.querySelector('path')?.getAttribute('d') };
    }),
  );
  expect(new Set(seen.map(({ word }) => word)).size).toBe(deviceStates.length);
  expect(new Set(seen.map(({ icon }) => icon)).size).toBe(deviceStates.length);
});
