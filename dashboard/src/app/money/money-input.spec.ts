// SPDX-License-Identifier: Apache-2.0
import { TestBed } from '@angular/core/testing';
import { startWords, testProviders } from '../../test-words.ts';
import { MoneyInput } from './money-input.ts';

async function input(inputs: Record<string, unknown> = {}) {
  TestBed.resetTestingModule().configureTestingModule({ providers: testProviders });
  await startWords();
  const fixture = TestBed.createComponent(MoneyInput);
  fixture.componentRef.setInput('label', 'Amount');
  for (const [name, value] of Object.entries(inputs)) fixture.componentRef.setInput(name, value);
  await fixture.whenStable();
  const element = fixture.nativeElement as HTMLElement;
  const box = element.querySelector('input')!;
  const type = async (text: string): Promise<void> => {
    box.value = text;
    box.dispatchEvent(new Event('input'));
    await fixture.whenStable();
  };
  return { fixture, element, box, type, component: fixture.componentInstance };
}

test('an amount becomes whole micros, and stays as it was typed', async () => {
  const { component, box, type } = await input();
  await type('200,50');
  expect(component.micros()).toBe(200_500_000);
  expect(box.value).toBe('200,50');
});

test('what is no amount is said at the field and gives no value', async () => {
  const { component, element, box, type } = await input();
  await type('twenty');
  expect(component.micros()).toBeNull();
  expect(box.getAttribute('aria-invalid')).toBe('true');
  expect(element.querySelector('.fault')?.id).toBe(box.getAttribute('aria-describedby'));
  await type('20');
  expect(element.querySelector('.fault')).toBeNull();
});

test('debts are refused where only money can be', async () => {
  const { component, type } = await input();
  await type('-5');
  expect(component.micros()).toBeNull();
  const allowed = await input({ negative: true });
  await allowed.type('-5');
  expect(allowed.component.micros()).toBe(-5_000_000);
});

test('a value set from outside replaces what was typed', async () => {
  const { fixture, box, type, component } = await input();
  await type('12');
  component.micros.set(500_000_000);
  await fixture.whenStable();
  expect(box.value).toBe('500');
});
