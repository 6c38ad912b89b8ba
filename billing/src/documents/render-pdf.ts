// SPDX-License-Identifier: Apache-2.0
/**
 * The same page as PDF: the cleaned HTML of each copy is read as a tree and laid out block by block, with the styles that the
 * browser honours. Nothing of a template reaches the PDF but text, tables and the two pictures.
 */
import { createRequire } from 'node:module';
import { DomUtils, ElementType, parseDocument } from 'htmlparser2';
import pdfmake from 'pdfmake';
import type { DocumentPaper } from '@wattledger/contracts/http/billing';
import { readCss, styleOf, type Style, type StyleRule } from './css-subset.ts';
import { readWoff } from './font-file.ts';
import { copyHtml, qrSvg, qrText, type Rendering } from './render-html.ts';

const require = createRequire(import.meta.url);
const fontFile = (weight: number): string =>
  require.resolve(`@fontsource/noto-sans-sc/files/noto-sans-sc-chinese-simplified-${weight}-normal.woff`);
// A document never makes the server read a file or fetch an address.
pdfmake.setLocalAccessPolicy(() => false);
pdfmake.setUrlAccessPolicy(() => false);

let fontsRead = false;
/** Two megabytes each, read at the first PDF. */
function readFonts(): void {
  if (fontsRead) return;
  for (const [name, weight] of [
    ['regular.ttf', 400],
    ['bold.ttf', 700],
  ] as const)
    pdfmake.virtualfs.writeFileSync(name, readWoff(fontFile(weight)));
  const [regular, bold] = ['regular.ttf', 'bold.ttf'];
  pdfmake.setFonts({ Noto: { normal: regular, bold, italics: regular, bolditalics: bold } });
  fontsRead = true;
}

const pointPerMm = 72 / 25.4;
const pages: Readonly<Record<DocumentPaper, object>> = {
  A4: { pageSize: 'A4', pageMargins: 14 * pointPerMm },
  A5: { pageSize: 'A5', pageMargins: 9 * pointPerMm },
  'roll-80': { pageSize: { width: 80 * pointPerMm, height: 'auto' }, pageMargins: 3 * pointPerMm },
};
const widthOf: Readonly<Record<DocumentPaper, number>> = {
  A4: (210 - 28) * pointPerMm,
  A5: (148 - 18) * pointPerMm,
  'roll-80': 74 * pointPerMm,
};

const inMm = (width: number, height: number): readonly number[] => [width * pointPerMm, height * pointPerMm];
const logoSize = { A4: inMm(43, 16), A5: inMm(30, 12), 'roll-80': inMm(17, 10) } as const;
const codeSize = { A4: inMm(20, 20), A5: inMm(20, 20), 'roll-80': inMm(16, 16) } as const;

type Block = Record<string, unknown>;
type Node = ReturnType<typeof parseDocument>['children'][number];
type Tag = Extract<Node, { attribs: unknown }>;
const isTag = (node: Node): node is Tag => 'attribs' in node;
const isText = (node: Node): node is Extract<Node, { data: string }> => node.type === ElementType.Text;
interface Laying {
  readonly paper: DocumentPaper;
  readonly rules: readonly StyleRule[];
  readonly logo: string | null;
  readonly code: string | null;
}

export async function renderPdf(rendering: Rendering): Promise<Buffer> {
  readFonts();
  const { paper, showings, text, facts } = rendering;
  const { rules } = readCss(text.css);
  const content = showings.map((showing, index): Block => {
    const laying = {
      paper,
      rules,
      logo: rendering.logo,
      code: showing.preview ? null : qrSvg(qrText(showing)),
    };
    const blocks = blocksOf(parseDocument(copyHtml(rendering, showing)).children, laying, {});
    // A roll is one long sheet: copies are cut apart.
    const cut = paper === 'roll-80' && index > 0 ? [cutLine(widthOf[paper])] : [];
    return {
      stack: [...cut, ...blocks],
      ...(paper !== 'roll-80' && index > 0 ? { pageBreak: 'before' } : {}),
    };
  });
  const definition = {
    ...pages[paper],
    content,
    defaultStyle: { font: 'Noto', fontSize: paper === 'roll-80' ? 8 : 10, lineHeight: 1.1 },
    info: {
      title: `${facts.kind} ${facts.number}`,
      creationDate: new Date(facts.issuedAtMs),
      producer: 'Wattledger',
    },
  };
  return await pdfmake.createPdf(definition).getBuffer();
}

const cutLine = (width: number): Block => ({
  canvas: [{ type: 'line', x1: 0, y1: 0, x2: width, y2: 0, dash: { length: 3 }, lineColor: '#888888' }],
  margin: [0, 12, 0, 12],
});

const blockTags = new Set([
  'div',
  'section',
  'header',
  'footer',
  'p',
  'h1',
  'h2',
  'h3',
  'table',
  'ul',
  'ol',
  'hr',
]);
const isBlock = (node: Node): boolean => isTag(node) && (blockTags.has(node.name) || node.name === 'img');

/** Runs of inline nodes become paragraphs between the blocks. */
function blocksOf(nodes: readonly Node[], laying: Laying, inherited: Style): Block[] {
  const blocks: Block[] = [];
  let run: Node[] = [];
  const flush = (): void => {
    const inlines = inlinesOf(run, laying, inherited);
    if (inlines.some(({ text }) => text !== ' '))
      blocks.push({ text: inlines, ...blockStyle(inherited, false) });
    run = [];
  };
  for (const node of nodes) {
    if (!isBlock(node)) run.push(node);
    else {
      flush();
      blocks.push(...blockOf(node, laying, inherited));
    }
  }
  flush();
  return blocks;
}

const ownStyle = (node: Node, { rules }: Laying): Style =>
  isTag(node) ? styleOf(rules, node.name, (node.attribs['class'] ?? '').split(/\s+/)) : {};

/** What children take over, as in a browser. */
const inheritedNames = ['text-align', 'font-size', 'font-weight', 'font-style', 'color'];
const handedDown = (inherited: Style, own: Style): Style => ({
  ...inherited,
  ...Object.fromEntries(Object.entries(own).filter(([name]) => inheritedNames.includes(name))),
});

function blockOf(node: Node, laying: Laying, inherited: Style): Block[] {
  if (!isTag(node)) return [];
  const own = ownStyle(node, laying);
  const heading = /^h[123]$/.test(node.name) ? { 'font-weight': 'bold' } : {};
  const style = handedDown(handedDown(inherited, heading), own);
  if (node.name === 'img') return pictureOf(node.attribs['src'] ?? '', laying, style);
  if (node.name === 'hr')
    return [lined({ text: '', margin: [0, 2, 0, 2] }, { 'border-top': '0.5pt solid #888888' })];
  if (node.name === 'table') return [lined(tableOf(node, laying, style), own)];
  if (node.name === 'ul' || node.name === 'ol') {
    const items = DomUtils.getChildren(node).filter(isTag);
    return [
      {
        [node.name]: items.map((item) => ({ stack: blocksOf(item.children, laying, style) })),
        ...margins(own),
      },
    ];
  }
  return [lined({ stack: blocksOf(node.children, laying, style), ...fill(own) }, own)];
}

function pictureOf(source: string, { logo, code, paper }: Laying, style: Style): Block[] {
  const alignment = style['text-align'];
  const aligned = alignment === undefined ? {} : { alignment };
  if (source === 'code') return code === null ? [] : [{ svg: code, fit: codeSize[paper], ...aligned }];
  if (logo === null) return [];
  const fit = logoSize[paper];
  const svg = /^data:image\/svg\+xml;base64,(.*)$/.exec(logo)?.[1];
  return [
    svg === undefined
      ? { image: logo, fit, ...aligned }
      : { svg: Buffer.from(svg, 'base64').toString(), fit, ...aligned },
  ];
}

/** Lines above and below a block, and its margins. */
function lined(block: Block, own: Style): Block {
  const [above, below] = [borderOf(own['border-top']), borderOf(own['border-bottom'])];
  if (above === null && below === null) return { ...block, ...margins(own) };
  return {
    table: { widths: ['*'], body: [[{ ...block, margin: [0, 2, 0, 2] }]] },
    layout: {
      hLineWidth: (row: number) => (row === 0 ? (above?.width ?? 0) : (below?.width ?? 0)),
      hLineColor: (row: number) => (row === 0 ? above?.colour : below?.colour) ?? '#000000',
      vLineWidth: () => 0,
      paddingLeft: () => 0,
      paddingRight: () => 0,
      paddingTop: () => 0,
      paddingBottom: () => 0,
    },
    ...margins(own),
  };
}

function tableOf(table: Tag, laying: Laying, inherited: Style): Block {
  const rows = DomUtils.getElementsByTagName('tr', table, true);
  const styled = rows.map((row) => {
    const rowStyle = ownStyle(row, laying);
    const cells = DomUtils.getChildren(row).filter(isTag);
    return cells.flatMap((cell) => cellOf(cell, laying, handedDown(inherited, rowStyle)));
  });
  const columns = Math.max(1, ...styled.map((row) => row.length));
  const body = styled.map((row) => [
    ...row,
    ...Array.from({ length: columns - row.length }, () => ({ text: '' })),
  ]);
  const first = rows[0] === undefined ? [] : DomUtils.getChildren(rows[0]).filter(isTag);
  const widths = Array.from({ length: columns }, (_, at) => {
    const width = first[at] === undefined ? undefined : ownStyle(first[at], laying)['width'];
    return width === undefined ? '*' : width.endsWith('%') ? width : points(width);
  });
  const layout = {
    hLineWidth: () => 0,
    vLineWidth: () => 0,
    paddingLeft: () => 2,
    paddingRight: () => 2,
    paddingTop: () => 2,
    paddingBottom: () => 2,
  };
  return {
    table: { widths, body: body.length === 0 ? [[{ text: '' }]] : body, dontBreakRows: true },
    layout,
  };
}

function cellOf(cell: Node, laying: Laying, inherited: Style): Block[] {
  if (!isTag(cell)) return [];
  const own = ownStyle(cell, laying);
  const strong = cell.name === 'th' ? { 'font-weight': 'bold' } : {};
  const style = handedDown(handedDown(inherited, strong), own);
  const span = Math.max(1, Math.min(20, Number(cell.attribs['colspan'] ?? 1) || 1));
  const block = {
    stack: blocksOf(cell.children, laying, style),
    ...fill(own),
    ...(span > 1 ? { colSpan: span } : {}),
  };
  return [block, ...Array.from({ length: span - 1 }, () => ({ text: '' }))];
}

interface Inline {
  readonly text: string;
  readonly [name: string]: unknown;
}
function inlinesOf(nodes: readonly Node[], laying: Laying, inherited: Style): Inline[] {
  return nodes.flatMap((node): Inline[] => {
    if (isText(node)) {
      const text = node.data.replaceAll(/[ \t\r\n]+/g, ' ');
      return text === '' ? [] : [{ text, ...textStyle(inherited) }];
    }
    if (!isTag(node)) return [];
    if (node.name === 'br') return [{ text: '\n' }];
    const marks: Style = {
      ...(node.name === 'strong' || node.name === 'b' ? { 'font-weight': 'bold' } : {}),
      ...(node.name === 'em' || node.name === 'i' ? { 'font-style': 'italic' } : {}),
    };
    return inlinesOf(node.children, laying, handedDown(handedDown(inherited, marks), ownStyle(node, laying)));
  });
}

function points(value: string): number {
  const number = Number.parseFloat(value);
  return value.endsWith('mm') ? number * pointPerMm : value.endsWith('px') ? number * 0.75 : number;
}
function borderOf(value: string | undefined): { readonly width: number; readonly colour: string } | null {
  const found = value === undefined ? null : /^([\d.]+(?:pt|px)) (?:solid|dashed) (#\w+)$/.exec(value);
  return found === null ? null : { width: points(found[1] ?? '0'), colour: found[2] ?? '#000000' };
}
const margins = (own: Style): Block => ({
  margin: [0, points(own['margin-top'] ?? '0'), 0, points(own['margin-bottom'] ?? '0')],
});
const fill = (own: Style): Block =>
  own['background-color'] === undefined ? {} : { fillColor: own['background-color'] };
function textStyle(style: Style): Block {
  const weight = style['font-weight'];
  return {
    ...(style['font-size'] === undefined ? {} : { fontSize: points(style['font-size']) }),
    ...(weight === 'bold' || weight === '700' ? { bold: true } : {}),
    ...(style['font-style'] === 'italic' ? { italics: true } : {}),
    ...(style['color'] === undefined ? {} : { color: style['color'] }),
  };
}
const blockStyle = (style: Style, withMargins: boolean): Block => ({
  ...(style['text-align'] === undefined ? {} : { alignment: style['text-align'] }),
  ...(withMargins ? margins(style) : {}),
});
