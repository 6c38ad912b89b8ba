// SPDX-License-Identifier: Apache-2.0
/** What the places of a template are filled with, in the language of whoever is told. Pure. */
import type { AlarmKind, AlarmSeverity } from '@wattledger/contracts';
import { factNames, kindNames, severityNames, type Language } from './notice-words.ts';
import type { Filled } from './template.ts';

/** What a message is about. */
export interface NoticeMatter {
  readonly kind: AlarmKind | null;
  readonly severity: AlarmSeverity | null;
  readonly subjectName: string;
  readonly projectName: string;
  readonly placeName: string | null;
  readonly tenantName: string | null;
  readonly currency: string;
  readonly zone: string;
  readonly atMs: number;
  readonly facts: Readonly<Record<string, string>>;
}

const locales: Readonly<Record<Language, string>> = { en: 'en-GB', zh: 'zh-CN' };
const factsMax = 8;

export function fillNotice(matter: NoticeMatter, language: Language): Filled {
  const { kind, severity, facts } = matter;
  return {
    alarm: kind === null ? '' : kindNames[language][kind],
    severity: severity === null ? '' : severityNames[language][severity],
    subject: matter.subjectName,
    project: matter.projectName,
    place: matter.placeName ?? '–',
    tenant: matter.tenantName ?? '–',
    time: timeText(matter.atMs, matter.zone, language),
    facts: factsText(facts, language),
    balance: moneyText(facts['balanceMicros'], matter.currency, language),
    count: '',
    list: '',
  };
}

export function timeText(atMs: number, zone: string, language: Language): string {
  return new Intl.DateTimeFormat(locales[language], {
    timeZone: zone,
    dateStyle: 'medium',
    timeStyle: 'short',
    hourCycle: 'h23',
  }).format(atMs);
}

function factsText(facts: NoticeMatter['facts'], language: Language): string {
  const names = factNames[language];
  return Object.entries(facts)
    .filter(([name]) => Object.hasOwn(names, name))
    .slice(0, factsMax)
    .map(([name, value]) => `${names[name] ?? name}: ${value}`)
    .join(language === 'zh' ? ';' : '; ');
}

/** Micro-units as money: digits are moved as text, so that no amount is rounded through a float. */
function moneyText(micros: string | undefined, currency: string, language: Language): string {
  if (micros === undefined || !/^-?\d{1,30}$/.test(micros)) return '–';
  const cents = BigInt(micros) / 10_000n;
  const sign = BigInt(micros) < 0n ? '-' : '';
  const whole = cents < 0n ? -cents : cents;
  const decimal =
    `${sign}${whole / 100n}.${String(whole % 100n).padStart(2, '0')}` as Intl.StringNumericLiteral;
  return new Intl.NumberFormat(locales[language], { style: 'currency', currency }).format(decimal);
}
