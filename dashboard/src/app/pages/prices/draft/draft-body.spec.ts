// SPDX-License-Identifier: Apache-2.0
import { flatCalendar, type TariffCalendar } from '@wattledger/contracts';
import { priceTermsShape, type PriceVersion } from '@wattledger/contracts/http/billing';
import { renameProfile, withoutProfile } from './calendar-edit.ts';
import { decimalText, parseDecimal } from './decimal-text.ts';
import { checkDraft } from './draft-body.ts';
import { draftFrom, newAdjustment, newDemand, newFixed, type VersionDraft } from './version-draft.ts';

const weekday = ['work', 'work', 'work', 'work', 'work', 'rest', 'rest'];
const calendar: TariffCalendar = {
  id: 'c',
  name: 'C',
  dayProfiles: {
    work: [
      { fromMinute: 0, period: 'valley' },
      { fromMinute: 480, period: 'peak' },
    ],
    rest: [{ fromMinute: 0, period: 'valley' }],
  },
  seasons: [
    { name: 'winter', fromMonthDay: '10-01', weekday },
    { name: 'summer', fromMonthDay: '04-01', weekday },
  ],
  specialDays: { '2026-10-01': 'rest' },
};
const context = { projectCalendar: calendar, slotMinutes: 30 as const };
const empty = draftFrom(null, { at: '2026-11-20T00:00', medium: 'electricity', projectCalendar: calendar });
const typed = (change: Partial<VersionDraft> = {}): VersionDraft => ({
  ...empty,
  tiers: [{ above: '', all: { peak: '1.2', valley: '-0,05' }, seasons: {} }],
  ...change,
});
const faults = (change: Partial<VersionDraft>) => [...checkDraft(typed(change), context).faults];

describe('a draft as typed', () => {
  it('reads decimals with a point or a comma, never thousands', () => {
    expect(
      ['0.538', '0,538', '-0.1903', ' 12 ', '1.', '.5', '1,234.5', 'x', '0.1234567'].map((text) =>
        parseDecimal(text),
      ),
    ).toEqual([538_000, 538_000, -190_300, 12_000_000, 1_000_000, null, null, null, null]);
    expect([538_000, -190_300, 12_000_000, 0].map(decimalText)).toEqual(['0.538', '-0.1903', '12', '0']);
  });

  it('becomes the body of a version of rates alone', () => {
    expect(checkDraft(typed(), context).body).toEqual({
      rates: { peak: 1_200_000, valley: -50_000 },
      terms: {
        seasonRates: {},
        tiers: null,
        priceSeriesId: null,
        demand: [],
        fixed: [],
        minimumMonthMicros: 0,
        adjustments: [],
      },
    });
  });

  it('brings tiers in base units, shares in parts per million, rebates as what they take off', () => {
    const { body } = checkDraft(
      typed({
        energy: 'tiers',
        tiers: [...typed().tiers, { above: '2760', all: { peak: '1.3', valley: '0.6' }, seasons: {} }],
        adjustments: [{ ...newAdjustment, name: 'Prepaid', component: 'rebate', value: '2' }],
      }),
      context,
    );
    expect(body?.terms.tiers?.steps[0]?.above).toBe(2_760_000);
    expect(body?.terms.adjustments?.[0]?.value).toBe(-20_000);
  });

  it('names each field that is wrong', () => {
    const tier = (above: string) => ({ ...typed().tiers[0]!, above });
    expect(faults({ tiers: [] })).toEqual([
      ['tier.0.all.valley', 'needed'],
      ['tier.0.all.peak', 'needed'],
    ]);
    expect(faults({ energy: 'tiers', tiers: [tier(''), tier('20'), tier('10')] })).toEqual([
      ['tier.2.above', 'rises'],
    ]);
    expect(faults({ energy: 'series' })).toEqual([['series', 'needed']]);
    expect(
      faults({
        demand: [{ ...newDemand, name: 'kW', rate: '-1' }],
        fixed: [{ ...newFixed, name: 'kW', amount: '1' }],
        adjustments: [{ ...newAdjustment, name: 'VAT', value: '5', of: ['surcharge'] }],
      }),
    ).toEqual([
      ['demand.0.rate', 'number'],
      ['fixed.0.name', 'name-taken'],
      ['adjustment.0.of', 'of-earlier'],
    ]);
    const off = {
      ...calendar,
      dayProfiles: {
        ...calendar.dayProfiles,
        rest: [
          { fromMinute: 0, period: 'valley' as const },
          { fromMinute: 495, period: 'peak' as const },
        ],
      },
    };
    expect(faults({ calendarKind: 'own', own: off })).toEqual([['calendar.dayProfiles.rest.1', 'span']]);
  });

  it('shows a version as it stands, and saves the same again', () => {
    const terms = priceTermsShape.parse({
      seasonRates: { winter: { peak: 3, valley: 2 }, summer: { peak: 5, valley: 4 } },
      demand: [
        {
          name: 'kW',
          period: null,
          window: 'sliding',
          windowMinutes: 15,
          rateMicros: 7,
          seasonRatesMicros: { winter: 7, summer: 8 },
        },
      ],
      fixed: [{ name: 'Rent', per: 'day', basis: 'kw', amountMicros: 9 }],
      minimumMonthMicros: 10,
      adjustments: [
        { name: 'Fund', component: 'surcharge', basis: 'unit', value: 11 },
        { name: 'Less', component: 'rebate', basis: 'share', value: -12, of: ['energy', 'surcharge'] },
      ],
    });
    const version = {
      rates: {},
      terms,
      calendar: { ...calendar, name: 'Its own' },
    } as unknown as PriceVersion;
    const draft = draftFrom(version, {
      at: '2026-11-20T00:00',
      medium: 'electricity',
      projectCalendar: calendar,
    });
    expect(draft.calendarKind).toBe('own');
    expect(checkDraft(draft, context).body).toEqual({ rates: {}, terms, calendar: version.calendar });
  });

  it('gives water one price all day', () => {
    const water = draftFrom(null, { at: '', medium: 'water', projectCalendar: calendar });
    expect(water.calendarKind).toBe('flat');
    const body = checkDraft(
      { ...water, tiers: [{ above: '', all: { flat: '3.2' }, seasons: {} }] },
      context,
    ).body;
    expect(body).toMatchObject({ rates: { flat: 3_200_000 }, calendar: flatCalendar });
  });
});

describe('changes of a calendar', () => {
  it('rename a kind of day everywhere', () => {
    const renamed = renameProfile(calendar, 'rest', 'quiet');
    expect(renamed.seasons[0]?.weekday[6]).toBe('quiet');
    expect(renamed.specialDays).toEqual({ '2026-10-01': 'quiet' });
    expect(renameProfile(calendar, 'rest', 'work')).toBe(calendar);
  });
  it('remove a kind of day: its days become those of another', () => {
    const left = withoutProfile(calendar, 'rest');
    expect(Object.keys(left.dayProfiles)).toEqual(['work']);
    expect(left.seasons[0]?.weekday).toEqual(new Array(7).fill('work'));
    expect(withoutProfile(left, 'work')).toBe(left);
  });
});
