// SPDX-License-Identifier: Apache-2.0
import { TestBed } from '@angular/core/testing';
import { gatewayTransportKinds } from '@wattledger/contracts';
import { startWords, testProviders } from '../../test-words.ts';
import { emptyTransport } from './transport-draft.ts';
import { TransportFields } from './transport-fields.ts';
import { transportKinds } from './transport-words.ts';

beforeEach(async () => {
  TestBed.configureTestingModule({ providers: testProviders });
  await startWords();
});

test('no kind is forgotten', () => {
  expect([...transportKinds].sort()).toEqual([...gatewayTransportKinds].sort());
});

test('every kind has its own fields, each with a name', async () => {
  const names: string[] = [];
  for (const kind of transportKinds) {
    const fixture = TestBed.createComponent(TransportFields);
    fixture.componentRef.setInput('draft', { ...emptyTransport, kind });
    await fixture.whenStable();
    const fields = [...(fixture.nativeElement as HTMLElement).querySelectorAll('label.field')];
    for (const field of fields) expect(field.querySelector('.label')?.textContent?.trim()).not.toBe('');
    names.push(fields.map((field) => field.querySelector('.label')?.textContent?.trim()).join(' '));
  }
  // The two that we open by address ask for the same.
  expect(new Set(names).size).toBe(transportKinds.length - 1);
});

test('what is typed reaches the draft; a serial known from the label is fixed', async () => {
  const fixture = TestBed.createComponent(TransportFields);
  fixture.componentRef.setInput('draft', { ...emptyTransport, kind: 'mqtt', calledName: '2024' });
  fixture.componentRef.setInput('calledNameFixed', true);
  await fixture.whenStable();
  const inputs = [...(fixture.nativeElement as HTMLElement).querySelectorAll('input')];
  expect(inputs.map((input) => [input.value, input.disabled])).toEqual([
    ['2024', true],
    ['', false],
  ]);
  inputs[1]!.value = 'pk9';
  inputs[1]!.dispatchEvent(new Event('input'));
  expect(fixture.componentInstance.draft()).toMatchObject({ productKey: 'pk9', calledName: '2024' });
});
