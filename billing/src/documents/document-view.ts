// SPDX-License-Identifier: Apache-2.0
/** What a template may name: the facts of a document as texts of one language. Pure. */
import { decimalsOf } from './money-text.ts';
import { copyNames, kindTitles, meansNames, periodNames, words } from './document-words.ts';
import { moneyText } from './money-text.ts';
import { shownCode } from './verification-code.ts';
import type { DocumentCopy, DocumentFacts, DocumentLanguage } from '@wattledger/contracts/http/billing';

export interface Showing {
  readonly language: DocumentLanguage;
  readonly copy: DocumentCopy;
  readonly reprint: boolean;
  /** A preview says so across its head and shows no code that could be mistaken. */
  readonly preview: boolean;
  readonly code: string;
  readonly verifyAddress: string;
}

const locales: Readonly<Record<DocumentLanguage, string>> = { en: 'en-GB', zh: 'zh-CN' };
const unitOf = { electricity: 'kWh', water: 'm³', gas: 'm³' } as const;

export function documentView(facts: DocumentFacts, showing: Showing) {
  const { language } = showing;
  const locale = locales[language];
  const money = (micros: number): string => moneyText(micros, facts.currency, locale);
  /** An amount of nothing is no line. */
  const unlessZero = (micros: number | undefined): string =>
    micros === undefined || micros === 0 ? '' : money(micros);
  const instant = (atMs: number): string =>
    new Intl.DateTimeFormat(locale, { timeZone: facts.zone, dateStyle: 'medium', timeStyle: 'short' }).format(
      atMs,
    );
  return {
    title: kindTitles[language][facts.kind],
    words: words[language],
    copy: showing.preview ? words[language].preview : copyNames[language][showing.copy],
    reprint: showing.reprint ? words[language].reprint : '',
    number: String(facts.number).padStart(6, '0'),
    time: instant(facts.issuedAtMs),
    effective: instant(facts.effectiveAtMs),
    day: facts.localDay,
    project: facts.project,
    company: {
      ...facts.company,
      // Before a head was set, the site itself issues.
      name: facts.company.name === '' ? facts.project.name : facts.company.name,
    },
    tenant: facts.tenant ?? { code: '', name: '', phone: '' },
    rooms: facts.rooms.join(', '),
    hasPoints: facts.points.length > 0,
    points: facts.points.map((point) => ({
      code: point.code,
      name: point.name,
      meters: point.meters.join(', '),
      scheme: point.scheme,
      price: priceText(point, facts.currency, language),
      reading: readingText(point, locale),
      readAt: point.reading === null ? '' : instant(point.reading.instantMs),
    })),
    amount: money(facts.amountMicros),
    parts: {
      arrears: unlessZero(facts.parts?.arrearsMicros),
      emergency: unlessZero(facts.parts?.emergencyMicros),
      balance: unlessZero(facts.parts?.balanceMicros),
    },
    balanceAfter: facts.balanceAfterMicros === null ? '' : money(facts.balanceAfterMicros),
    means: facts.means === null ? '' : (meansNames[language][facts.means] ?? facts.means),
    reference: facts.reference ?? '',
    reason: facts.reason ?? '',
    concernsNumber: facts.concernsNumber === null ? '' : String(facts.concernsNumber).padStart(6, '0'),
    lines: facts.lines.map((line) => ({ label: line.label[language], amount: money(line.amountMicros) })),
    issuedBy: facts.issuedBy.name,
    code: showing.preview ? '' : shownCode(showing.code),
    verifyAddress: showing.verifyAddress,
    en: language === 'en',
    zh: language === 'zh',
  };
}
export type DocumentView = ReturnType<typeof documentView>;

function priceText(
  { rates, medium }: DocumentFacts['points'][number],
  currency: string,
  language: DocumentLanguage,
): string {
  const entries = Object.entries(rates);
  const unit = `${currency}/${unitOf[medium]}`;
  const digits = decimalsOf(currency) + 2;
  const rate = (micros: number): string =>
    new Intl.NumberFormat(locales[language], {
      minimumFractionDigits: digits,
      maximumFractionDigits: 6,
    }).format(micros / 1e6);
  const [first] = entries;
  if (first === undefined) return '';
  if (entries.every(([, micros]) => micros === first[1])) return `${rate(first[1])} ${unit}`;
  const named = entries.map(
    ([period, micros]) => `${periodNames[language][period] ?? period} ${rate(micros)}`,
  );
  return `${named.join(', ')} ${unit}`;
}

function readingText({ reading, medium }: DocumentFacts['points'][number], locale: string): string {
  if (reading === null) return '';
  // Base units are thousandths of what is shown; the register is shown as read, before the multiplier.
  const value = (reading.value * 10 ** reading.scaler) / 1000;
  const digits = Math.min(3, Math.max(0, 3 - reading.scaler));
  const shown = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const { multiplierNumerator: by, multiplierDenominator: per } = reading;
  return `${shown.format(value)} ${unitOf[medium]}${by === per ? '' : ` × ${by / per}`}`;
}
