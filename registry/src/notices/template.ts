// SPDX-License-Identifier: Apache-2.0
/** Templates of messages, pure: which places a text names, filling them, and the same as HTML that nothing can break out of. */
import {
  noticePlaceholders,
  type NoticePlaceholder,
  type TemplateBody,
} from '@wattledger/contracts/http/notices';

export type Filled = Readonly<Record<NoticePlaceholder, string>>;

const place = /\{([^{}\s]*)\}/g;
const known = new Set<string>(noticePlaceholders);

/** Places a text names that no message can fill. */
export function unknownPlaces(text: string): readonly string[] {
  return [...new Set([...text.matchAll(place)].map((match) => match[1] ?? ''))].filter(
    (name) => !known.has(name),
  );
}

/** What is filled in is not looked at again: a tenant called "{balance}" stays called that. */
export function fillTemplate(template: TemplateBody, filled: Filled): TemplateBody {
  const fill = (text: string): string =>
    text.replaceAll(place, (whole, name: string) =>
      known.has(name) ? filled[name as NoticePlaceholder] : whole,
    );
  return {
    // A subject is one line: a line break in it would begin another header of the message.
    subject: oneLine(fill(template.subject)).slice(0, 300),
    body: fill(template.body)
      .replaceAll(/[^\S\n]+\n/g, '\n')
      .trim(),
  };
}

export const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The whole text is escaped after it is filled: neither a template nor a name can carry markup. */
export function htmlOf(text: string): string {
  const escaped = text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? '');
  return `<p>${escaped.replaceAll(/\r?\n/g, '<br>')}</p>`;
}
