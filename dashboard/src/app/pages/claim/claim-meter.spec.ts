// SPDX-License-Identifier: Apache-2.0
import { TestBed, type ComponentFixture } from '@angular/core/testing';
import type { RegisterMapSummary } from '@wattledger/contracts/http/ingest';
import { startWords, testProviders } from '../../../test-words.ts';
import { pointOf, type MeterDraft } from './claim-draft.ts';
import { ClaimMeter, type ClaimChoices } from './claim-meter.ts';

const map = (modelId: string, news: object = {}): RegisterMapSummary =>
  ({
    modelId,
    vendor: 'Acrel',
    model: modelId,
    circuits: null,
    registers: [],
    ...news,
  }) as unknown as RegisterMapSummary;
const choices: ClaimChoices = {
  maps: [map('one'), map('cabinet', { circuits: { max: 3, namedAs: 'circuit1.energy.total' } })],
  places: [],
  tenants: [],
  parents: [],
  free: [],
};
const meter: MeterDraft = {
  key: 0,
  serial: 'A1',
  modelName: 'ADL300',
  modelId: 'one',
  address: '1',
  points: [pointOf('A1')],
};

async function shown(inputs: object = {}): Promise<ComponentFixture<ClaimMeter>> {
  const fixture = TestBed.createComponent(ClaimMeter);
  for (const [name, value] of Object.entries({ meter, number: 1, choices, faults: [], ...inputs }))
    fixture.componentRef.setInput(name, value);
  await fixture.whenStable();
  return fixture;
}
const elementOf = (fixture: ComponentFixture<ClaimMeter>): HTMLElement =>
  fixture.nativeElement as HTMLElement;

beforeEach(async () => {
  TestBed.configureTestingModule({ providers: testProviders });
  await startWords();
});

test('a fault stands at the field it is about, and is announced', async () => {
  const element = elementOf(
    await shown({
      faults: [
        { path: 'serial', message: 'on another gateway' },
        { path: 'mountings.0.meteringPoint.code', message: 'code is taken' },
      ],
    }),
  );
  expect([...element.querySelectorAll('[role=alert]')].map((alert) => alert.textContent?.trim())).toEqual([
    'on another gateway',
    'code is taken',
  ]);
  const invalid = [...element.querySelectorAll<HTMLInputElement>('[aria-invalid=true]')];
  expect(invalid.map(({ value }) => value)).toEqual(['A1', 'A1']);
});

test('a cabinet offers its next circuit until all are there; a plain meter does not', async () => {
  expect(elementOf(await shown()).textContent).not.toContain('Add the next circuit');
  const fixture = await shown({ meter: { ...meter, modelId: 'cabinet' } });
  const more = (): HTMLButtonElement | undefined =>
    [...elementOf(fixture).querySelectorAll('button')].find((button) =>
      button.textContent?.includes('Add the next circuit'),
    );
  for (let circuits = 2; circuits <= 3; circuits += 1) {
    more()?.click();
    await fixture.whenStable();
    expect(fixture.componentInstance.meter().points).toHaveLength(circuits);
  }
  expect(more()).toBeUndefined();
});

test('where it counts is chosen by name: new, existing, or nowhere yet', async () => {
  const fixture = await shown();
  const element = elementOf(fixture);
  const choose = async (name: string): Promise<void> => {
    [...element.querySelectorAll('button')].find((button) => button.textContent?.trim() === name)?.click();
    await fixture.whenStable();
  };
  expect(element.textContent).toContain('Fed from');
  await choose('Existing one');
  expect(fixture.componentInstance.meter().points[0]?.mode).toBe('existing');
  expect(element.textContent).not.toContain('Fed from');
  await choose('Nowhere yet');
  expect(element.textContent).not.toContain('Multiplier');
});
