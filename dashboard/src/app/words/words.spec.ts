// SPDX-License-Identifier: Apache-2.0
/** Both languages are whole, every word asked for exists, none is kept for nothing, and no template speaks by itself. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TmplAstBoundText, TmplAstElement, TmplAstText, TmplAstTextAttribute } from '@angular/compiler';
import { parseTemplate, tmplAstVisitAll, TmplAstRecursiveVisitor } from '@angular/compiler';
import * as ts from 'typescript';
import {
  alarmKinds,
  alarmSeverities,
  alarmThresholds,
  relayStates,
  rights,
  roles,
  supplyActions,
  touPeriods,
  media,
  pointRoles,
  subItems,
  readingSources,
  qualities,
} from '@wattledger/contracts';
import { noteKinds, suspicionKinds, grains, comparisonKinds } from '@wattledger/contracts/http/analytics';
import {
  accountRecordKinds,
  balanceStages,
  chargeCauses,
  decisionActions,
  obstacleKinds,
  openingColumns,
  openingFaultCodes,
  paymentMeans,
  postingKinds,
  priceVersionStates,
  supplyGateNames,
  supplyModes,
  unpricedReasons,
} from '@wattledger/contracts/http/billing';
import { pollFaultKinds } from '@wattledger/contracts/http/ingest';
import {
  alarmEventKinds,
  alarmStates,
  noticeChannels,
  noticeEvents,
  noticeStates,
} from '@wattledger/contracts/http/alarms';
import { noticePlaceholders } from '@wattledger/contracts/http/notices';
import { mountingChangeKinds } from '@wattledger/contracts/http/registry';
import { confidences, evidenceCodes, explanationKinds } from '@wattledger/contracts/http/segment-proposals';
import { heldReasons } from '@wattledger/contracts/http/stream';
import { languageFor, languages } from './languages.ts';

const source = join(import.meta.dirname, '..', '..');
const words = (tag: string): Record<string, string> =>
  JSON.parse(readFileSync(join(source, 'i18n', `${tag}.json`), 'utf8')) as Record<string, string>;
const english = words('en');

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}
const sources = filesUnder(join(source, 'app')).filter(
  (path) => /\.(ts|html)$/.test(path) && !path.endsWith('.spec.ts'),
);
const texts = sources.map((path) => readFileSync(path, 'utf8'));

/** Templates of all components, inline or in files. */
function templates(): { readonly path: string; readonly template: string }[] {
  return sources
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => {
      const found: { path: string; template: string }[] = [];
      const visit = (node: ts.Node): void => {
        if (
          ts.isPropertyAssignment(node) &&
          ts.isIdentifier(node.name) &&
          ts.isStringLiteralLike(node.initializer)
        ) {
          if (node.name.text === 'template') found.push({ path, template: node.initializer.text });
          if (node.name.text === 'templateUrl') {
            const file = join(dirname(path), node.initializer.text);
            found.push({ path: file, template: readFileSync(file, 'utf8') });
          }
        }
        ts.forEachChild(node, visit);
      };
      visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true));
      return found;
    });
}

const spoken = /\p{L}{2,}/u;
const speakingAttributes = new Set(['aria-label', 'placeholder', 'title', 'alt']);

/** Text of a template that a reader would see and that is not taken from the words. */
class LiteralText extends TmplAstRecursiveVisitor {
  readonly found: string[] = [];
  override visitText(text: TmplAstText): void {
    if (spoken.test(text.value)) this.found.push(text.value.trim());
  }
  override visitBoundText(text: TmplAstBoundText): void {
    const parts = (text.value as unknown as { ast?: { strings?: readonly string[] } }).ast?.strings ?? [];
    for (const part of parts) if (spoken.test(part)) this.found.push(part.trim());
  }
  override visitElement(element: TmplAstElement): void {
    super.visitElement(element);
    for (const attribute of element.attributes) this.attribute(attribute);
  }
  private attribute(attribute: TmplAstTextAttribute): void {
    if (speakingAttributes.has(attribute.name) && spoken.test(attribute.value))
      this.found.push(`${attribute.name}="${attribute.value}"`);
  }
}

test('every language has the same words, none empty, with the same places to fill', () => {
  const places = (text: string): string[] =>
    [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((match) => match[1]!).sort();
  for (const { tag } of languages) {
    const translated = words(tag);
    expect(Object.keys(translated)).toEqual(Object.keys(english));
    for (const [key, text] of Object.entries(translated)) {
      expect({ key, empty: text.trim() === '' }).toEqual({ key, empty: false });
      expect({ key, places: places(text) }).toEqual({ key, places: places(english[key]!) });
    }
  }
});

test('each file of words is a language that can be chosen', () => {
  expect(readdirSync(join(source, 'i18n')).sort()).toEqual(languages.map(({ tag }) => `${tag}.json`).sort());
});

test('Chinese is Chinese: a text equal to the English one is a unit, a sign or a name', () => {
  const chinese = words('zh');
  const same = Object.keys(english).filter(
    (key) => english[key] === chinese[key] && spoken.test(english[key]!),
  );
  expect(same.filter((key) => !/^unit\.|^palette\.keys$|^provider\./.test(key))).toEqual([]);
});

test('every word that the code asks for is there, and every word there is asked for', () => {
  const exact = new Set<string>();
  const prefixes = new Set<string>();
  for (const text of texts) {
    for (const match of text.matchAll(/['"`]([a-z0-9-]+(?:\.[a-zA-Z0-9:-]+)+)['"`]/g)) exact.add(match[1]!);
    for (const match of text.matchAll(/['"`]([a-z0-9-]+(?:\.[a-z0-9-]+)*\.)(?:['"`]\s*\+|\$\{)/g))
      prefixes.add(match[1]!);
    for (const match of text.matchAll(/\bcounted\(\s*'([^']+)'/g)) prefixes.add(`${match[1]!}.`);
  }
  const asked = [...texts.join('\n').matchAll(/\bt\(\s*'([^']+)'\s*[,)]/g)].map((match) => match[1]!);
  expect(asked.filter((key) => english[key] === undefined)).toEqual([]);
  for (const prefix of prefixes)
    expect({
      prefix,
      known: Object.keys(english).some((key) => key.startsWith(prefix)) || !isWords(prefix),
    }).toEqual({ prefix, known: true });
  const idle = Object.keys(english).filter(
    (key) => !exact.has(key) && ![...prefixes].some((prefix) => key.startsWith(prefix)),
  );
  expect(idle).toEqual([]);
});

/** Other texts with dots: file endings, storage keys. */
function isWords(prefix: string): boolean {
  return Object.keys(english).some((key) => key.split('.')[0] === prefix.split('.')[0]);
}

test.each([
  ['tou', touPeriods],
  ['medium', media],
  ['point-role', pointRoles],
  ['sub-item', subItems],
  ['role', roles],
  ['right', rights],
  ['relay', relayStates],
  ['supply-action', supplyActions],
  ['quality', qualities],
  ['reading-source', readingSources],
  ['alarm-kind', alarmKinds],
  ['alarm-state', alarmStates],
  ['alarm-event', alarmEventKinds],
  ['severity', alarmSeverities],
  ['notice-channel', noticeChannels],
  ['notice-event', noticeEvents],
  ['notice-state', noticeStates],
  ['placeholder', noticePlaceholders],
  ['threshold', Object.values(alarmThresholds).flatMap((named) => Object.keys(named))],
  [
    'unit.threshold',
    Object.values(alarmThresholds).flatMap((named) => Object.values(named).map(({ unit }) => unit)),
  ],
  ['note', noteKinds],
  ['suspicion', suspicionKinds],
  ['grain', grains],
  ['compare', comparisonKinds],
  ['stage', balanceStages],
  ['charge-cause', chargeCauses],
  ['obstacle', obstacleKinds],
  ['opening-column', openingColumns],
  ['opening-fault', openingFaultCodes],
  ['record-kind', accountRecordKinds],
  ['decision', decisionActions],
  ['means', paymentMeans],
  ['posting', postingKinds],
  ['price-state', priceVersionStates],
  ['gate', supplyGateNames],
  ['supply-mode', supplyModes],
  ['unpriced', unpricedReasons],
  ['poll-fault', pollFaultKinds],
  ['held-reason', heldReasons],
  ['proposal-kind', explanationKinds],
  ['proposal-effect', explanationKinds],
  ['proposal-evidence', evidenceCodes],
  ['confidence', confidences],
  ['mounting-change', mountingChangeKinds],
  ['action.mounting', mountingChangeKinds],
] as const)('all of %s have a word', (family, members: readonly string[]) => {
  expect(members.filter((member) => english[`${family}.${member}`] === undefined)).toEqual([]);
});

function literalText(template: string, path: string): readonly string[] {
  const parsed = parseTemplate(template, path);
  expect(parsed.errors ?? []).toEqual([]);
  const visitor = new LiteralText();
  tmplAstVisitAll(visitor, parsed.nodes);
  return visitor.found;
}

test('no template holds text of its own', () => {
  // The check sees what it is to see: in text, beside a binding, in an attribute, inside a block.
  expect(literalText('<p>Hello</p>', '')).toEqual(['Hello']);
  expect(literalText('<p>{{ x }} kWh</p>', '')).toEqual(['kWh']);
  expect(
    literalText('@if (a) { <b title="Close"></b> } @else { <ng-template><i>余额</i></ng-template> }', ''),
  ).toEqual(['title="Close"', '余额']);
  const all = templates();
  expect(all.length).toBeGreaterThan(40);
  expect(
    all.flatMap(({ path, template }) =>
      literalText(template, path).map((text) => `${path.slice(source.length)}: ${text}`),
    ),
  ).toEqual([]);
});

test('the first language of the reader that we speak', () => {
  expect(languageFor(['zh-TW', 'en'])).toBe('zh');
  expect(languageFor(['fr-CA', 'EN-us'])).toBe('en');
  expect(languageFor(['tlh'])).toBe('en');
});
