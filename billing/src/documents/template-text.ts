// SPDX-License-Identifier: Apache-2.0
/**
 * A template is mustache over a part of HTML: names are filled in, lists repeated, nothing is computed and nothing can run.
 * What comes out is cleaned after the filling in, so that neither a template nor a tenant's name brings a script along.
 */
import mustache from 'mustache';
import { sanitize } from './sanitize.ts';

export const tags = [
  'div', 'section', 'header', 'footer', 'p', 'h1', 'h2', 'h3', 'span', 'strong', 'b', 'em', 'i', 'small', 'br', 'hr',
  'table', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'ul', 'ol', 'li', 'img',
] as const; // prettier-ignore

/** Pictures are not addresses but names: the company's logo and the document's code. */
export const pictures = ['logo', 'code'] as const;
export type Picture = (typeof pictures)[number];

/** Lists within lists: a list is never longer than an account has points, so two levels are bounded. */
const depthMax = 2;

interface Walked {
  readonly names: readonly string[];
  readonly faults: readonly string[];
}

/** Faults of a template that keep it from being used at all. */
export function faultsOfTemplate(html: string, fields: ReadonlySet<string>): readonly string[] {
  let tokens: unknown;
  try {
    tokens = mustache.parse(html);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  const { names, faults } = walk(tokens as readonly Token[], 0, []);
  const unknown = [...new Set(names)].filter((name) => name !== '.' && !fields.has(name));
  return [...faults, ...unknown.map((name) => `{{${name}}} is no field of documents`)];
}

type Token = readonly [kind: string, value: string, from: number, to: number, inner?: readonly Token[]];

function walk(tokens: readonly Token[], depth: number, open: readonly string[]): Walked {
  const names: string[] = [];
  const faults: string[] = [];
  for (const [kind, value, , , inner] of tokens) {
    if (kind === '>') faults.push(`{{> ${value}}} is left out: a template has no parts`);
    if (kind === 'name' || kind === '&' || kind === '#' || kind === '^') names.push(value);
    if (!Array.isArray(inner)) continue;
    if (depth >= depthMax + 1 || open.includes(value))
      faults.push(
        `{{#${value}}} lies too deep: at most ${depthMax + 1} sections within one another, each once`,
      );
    else {
      const below = walk(inner as readonly Token[], depth + 1, [...open, value]);
      names.push(...below.names);
      faults.push(...below.faults);
    }
  }
  return { names, faults };
}

/** Text of a template with its names filled in, and nothing in it that could run or load. */
export function fillTemplate(html: string, view: Readonly<Record<string, unknown>>): string {
  return cleanHtml(mustache.render(html, sealed(view)));
}

/** Without prototypes, so that {{constructor}} finds nothing. */
function sealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sealed);
  if (value === null || typeof value !== 'object') return value;
  return Object.assign(
    Object.create(null) as object,
    Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, sealed(inner)])),
  );
}

export function cleanHtml(html: string): string {
  return sanitize(html, {
    allowedTags: [...tags],
    allowedAttributes: { '*': ['class'], img: ['src', 'alt'], td: ['colspan'], th: ['colspan', 'scope'] },
    allowedSchemes: [],
    allowProtocolRelative: false,
    disallowedTagsMode: 'discard',
    parser: { lowerCaseTags: true },
    exclusiveFilter: (frame) =>
      frame.tag === 'img' && !pictures.some((picture) => picture === frame.attribs['src']),
  });
}

/** What cleaning takes away, in words, for who wrote the template. */
export function leftOut(html: string): readonly string[] {
  const faults = new Set<string>();
  for (const [, tag = ''] of html.matchAll(/<([a-z][a-z0-9-]*)/gi))
    if (!tags.some((allowed) => allowed === tag.toLowerCase()))
      faults.add(`<${tag.toLowerCase()}> is left out`);
  for (const [, name = ''] of html.matchAll(/\s(on[a-z]+|style|href|srcset)\s*=/gi))
    faults.add(`the attribute ${name.toLowerCase()} is left out`);
  for (const [, source = ''] of html.matchAll(/<img[^>]*\ssrc\s*=\s*["']?([^"'\s>]*)/gi))
    if (!pictures.some((picture) => picture === source))
      faults.add(`pictures are "logo" and "code", not "${source}"`);
  return [...faults];
}
