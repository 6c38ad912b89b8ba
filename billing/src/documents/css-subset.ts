// SPDX-License-Identifier: Apache-2.0
/**
 * The part of CSS that a template may use. Browser and PDF honour the whole of it, so both look alike; what lies beyond is
 * named to who wrote it and left out. Selectors are a tag, a class or both; no address can be loaded from a style.
 */
import postcss, { type Rule } from 'postcss';

const length = /^-?\d{1,4}(\.\d{1,2})?(pt|px|mm)$|^0$/;
const share = /^\d{1,3}(\.\d{1,2})?%$/;
const colour = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i;
const border = /^(0|none|\d(\.\d{1,2})?(pt|px) (solid|dashed) #([0-9a-f]{3}|[0-9a-f]{6}))$/i;
const oneOf =
  (...values: readonly string[]) =>
  (value: string): boolean =>
    values.includes(value);
const like =
  (...patterns: readonly RegExp[]) =>
  (value: string): boolean =>
    patterns.some((pattern) => pattern.test(value));

const properties: Readonly<Record<string, (value: string) => boolean>> = {
  'text-align': oneOf('left', 'center', 'right'),
  'font-size': like(/^\d{1,2}(\.\d)?(pt|px)$/),
  'font-weight': oneOf('normal', 'bold', '400', '700'),
  'font-style': oneOf('normal', 'italic'),
  color: like(colour),
  'background-color': like(colour),
  'margin-top': like(length),
  'margin-bottom': like(length),
  'border-top': like(border),
  'border-bottom': like(border),
  width: like(length, share),
  height: like(length),
};
export const cssProperties: readonly string[] = Object.keys(properties);

export type Style = Readonly<Record<string, string>>;
export interface StyleRule {
  readonly tag: string | null;
  readonly className: string | null;
  readonly style: Style;
}
export interface StyleSheet {
  readonly rules: readonly StyleRule[];
  readonly faults: readonly string[];
}

const selector = /^([a-z][a-z0-9]*)?(?:\.([a-z][\w-]*))?$/i;
const rulesMax = 200;

export function readCss(css: string): StyleSheet {
  const rules: StyleRule[] = [];
  const faults: string[] = [];
  try {
    for (const node of postcss.parse(css).nodes) {
      if (node.type === 'rule') readRule(node, rules, faults);
      else if (node.type === 'atrule') faults.push(`@${node.name} is left out: only rules are honoured`);
    }
  } catch (error) {
    faults.push(`the style cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (rules.length > rulesMax) faults.push(`only the first ${rulesMax} rules are honoured`);
  return { rules: rules.slice(0, rulesMax), faults };
}

function readRule(rule: Rule, rules: StyleRule[], faults: string[]): void {
  const style: Record<string, string> = {};
  for (const declaration of rule.nodes) {
    if (declaration.type !== 'decl') continue;
    const value = declaration.value.trim().toLowerCase();
    if (properties[declaration.prop]?.(value) === true) style[declaration.prop] = value;
    else faults.push(`${rule.selector} { ${declaration.prop}: ${declaration.value} } is left out`);
  }
  for (const one of rule.selectors) {
    const found = selector.exec(one.trim());
    if (found === null || one.trim() === '')
      faults.push(`the selector "${one}" is left out: a tag, a class or both`);
    else rules.push({ tag: found[1]?.toLowerCase() ?? null, className: found[2] ?? null, style });
  }
}

/** What is written into the page: only what was understood, within one element. */
export const writeCss = (rules: readonly StyleRule[], within: string): string =>
  rules
    .map(({ tag, className, style }) => {
      const name = `${tag ?? ''}${className === null ? '' : `.${className}`}`;
      const declarations = Object.entries(style).map(([property, value]) => `${property}: ${value}`);
      return `${within} ${name} { ${declarations.join('; ')} }`;
    })
    .join('\n');

/** Later rules count before earlier ones, classes before tags, as in a browser. */
export function styleOf(rules: readonly StyleRule[], tag: string, classes: readonly string[]): Style {
  const matching = rules
    .filter(
      (rule) =>
        (rule.tag === null || rule.tag === tag) &&
        (rule.className === null || classes.includes(rule.className)),
    )
    .map((rule, order) => ({
      rule,
      order,
      weight: (rule.className === null ? 0 : 2) + (rule.tag === null ? 0 : 1),
    }))
    .sort((a, b) => a.weight - b.weight || a.order - b.order);
  return Object.assign({}, ...matching.map(({ rule }) => rule.style)) as Style;
}
