// SPDX-License-Identifier: Apache-2.0
/** A document as a page for the browser's printer: one copy a sheet, no script, pictures inside. Pure. */
import encodeQr from 'qr';
import type { DocumentFacts, DocumentPaper, TemplateText } from '@wattledger/contracts/http/billing';
import { readCss, writeCss } from './css-subset.ts';
import { documentView, type Showing } from './document-view.ts';
import { fillTemplate } from './template-text.ts';

export interface Rendering {
  readonly facts: DocumentFacts;
  readonly text: TemplateText;
  readonly paper: DocumentPaper;
  /** As a data: address; null: none. */
  readonly logo: string | null;
  /** One showing is one copy. */
  readonly showings: readonly Showing[];
}

const pageRules: Readonly<Record<DocumentPaper, string>> = {
  A4: '@page { size: A4; margin: 14mm }',
  A5: '@page { size: A5; margin: 9mm }',
  'roll-80': '@page { size: 80mm 260mm; margin: 3mm }',
};
/** What both renderers take for granted; the PDF has the same in numbers. */
const groundRules = `html { background: #fff }
body { margin: 0; color: #000; font: 10pt/1.35 "Noto Sans SC", "Noto Sans", sans-serif }
.wl-copy { break-after: page; padding: 0 }
.wl-copy:last-child { break-after: auto }
.wl-copy p, .wl-copy h1, .wl-copy h2, .wl-copy h3 { margin: 0; font-size: inherit }
.wl-copy table { width: 100%; border-collapse: collapse; table-layout: fixed }
.wl-copy th, .wl-copy td { padding: 2pt; vertical-align: top; overflow-wrap: anywhere; font-size: inherit }
.wl-copy img.logo { width: 100%; max-height: 16mm; object-fit: contain; object-position: left }
.wl-copy img.code { width: 20mm; height: 20mm }
@media screen { body { padding: 8mm } .wl-copy { margin: 0 auto 8mm; max-width: 182mm; border-bottom: 1px dashed #aaa; padding-bottom: 8mm } .roll-80 .wl-copy { max-width: 74mm } }
.roll-80 .wl-copy { font-size: 8pt }
.wl-copy img.logo { max-width: 43mm }
.roll-80 .wl-copy img.code { width: 16mm; height: 16mm }`;

export const qrSvg = (text: string): string => encodeQr(text, 'svg', { ecc: 'medium', border: 2 });
export const qrText = (showing: Showing): string => showing.verifyAddress;

/** The cleaned body of one copy; pictures still stand by their names. */
export const copyHtml = ({ facts, text }: Pick<Rendering, 'facts' | 'text'>, showing: Showing): string =>
  fillTemplate(text.html, documentView(facts, showing));

export function renderHtml(rendering: Rendering): string {
  const { paper, text, logo, showings, facts } = rendering;
  const copies = showings.map((showing) => {
    const code = `data:image/svg+xml;base64,${Buffer.from(qrSvg(qrText(showing))).toString('base64')}`;
    // Cleaning has left no other attribute of a picture than src, alt and class.
    return copyHtml(rendering, showing).replaceAll(
      /<img\b[^>]*?src="(logo|code)"[^>]*?>/g,
      (_whole, name: string) => {
        if (name === 'code') return showing.preview ? '' : `<img class="code" src="${code}" alt="">`;
        return logo === null ? '' : `<img class="logo" src="${logo}" alt="">`;
      },
    );
  });
  const css = writeCss(readCss(text.css).rules, '.wl-copy');
  return `<!doctype html><html lang="${showings[0]?.language ?? 'en'}"><head><meta charset="utf-8"><title>${escape(`${facts.kind}-${facts.number}`)}</title><style>${pageRules[paper]}\n${groundRules}\n${css}</style></head><body class="${paper}">${copies.map((copy) => `<article class="wl-copy">${copy}</article>`).join('')}</body></html>`;
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
