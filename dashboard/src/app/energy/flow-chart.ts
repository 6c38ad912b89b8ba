// SPDX-License-Identifier: Apache-2.0
/** The energy flow as a Sankey diagram. Pure: words, formats and colours are handed in. */
import type { EnergyFlowAnswer, FlowLink, FlowNode } from '@wattledger/contracts/http/analytics';
import { chartBase, tooltipHtml, type Options } from '../chart/axes.ts';
import type { Palette } from '../chart/palette.ts';
import { formatScaled, formatShare, type Scale } from '../format/quantity-format.ts';
import { acyclicLinks } from './acyclic-links.ts';

export interface FlowDrawing {
  readonly answer: EnergyFlowAnswer;
  readonly scale: Scale;
  readonly palette: Palette;
  readonly locale: string;
  readonly nameOf: (node: FlowNode) => string;
  /** Small diagrams: no labels of thin ends, no room to the right. */
  readonly small: boolean;
  /** Drawn from top to bottom, for phones. */
  readonly upright: boolean;
  /** Pixels along which the nodes of a column are laid. */
  readonly length: number;
  readonly words: { readonly ofAll: string; readonly ofSource: string; readonly drill: string };
}

const uprightLabelWidth = 72;

/** ECharts hands back what a shape was made from. */
interface Picked {
  readonly dataType?: string;
  readonly data?: { readonly name?: string; readonly source?: string; readonly target?: string };
}

/** The node of the answer that a click or a tooltip is about; a link stands for where it leads. */
export function pickedNode(answer: EnergyFlowAnswer, picked: unknown): FlowNode | undefined {
  const { data, dataType } = picked as Picked;
  const id = dataType === 'edge' ? data?.target : data?.name;
  return answer.nodes.find((node) => node.id === id);
}

export function flowChart(input: FlowDrawing): Options {
  const { answer, palette, scale, locale, small, upright } = input;
  const links = acyclicLinks(answer.links.filter((link) => link.consumption > 0));
  const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
  const linked = new Set(links.flatMap((link) => [link.source, link.target]));
  const written = (value: number): string => `${formatScaled(value, scale, locale)} ${scale.unit}`;
  return {
    ...chartBase(palette),
    // Drawn at once: it would be unrolled from the left anew with every change of size.
    animation: false,
    tooltip: {
      ...(chartBase(palette)['tooltip'] as Options),
      trigger: 'item',
      formatter: (picked: Picked) => flowTooltip(input, nodes, picked, written),
    },
    series: [
      {
        type: 'sankey',
        orient: upright ? 'vertical' : 'horizontal',
        // Upright, a label stands centred under its node and needs half its width beside the outermost.
        left: upright ? uprightLabelWidth / 2 : 4,
        right: upright ? uprightLabelWidth / 2 : small ? 130 : 210,
        top: upright ? 24 : 8,
        bottom: upright ? 60 : 8,
        nodeWidth: small ? 10 : 14,
        nodeGap: gapOf(answer.nodes, input.length),
        nodeAlign: 'left',
        layoutIterations: 48,
        draggable: false,
        labelLayout: { hideOverlap: true },
        emphasis: { focus: 'trajectory', lineStyle: { opacity: 0.65 } },
        data: answer.nodes
          .filter((node) => linked.has(node.id))
          .map((node) => ({
            name: node.id,
            value: node.consumption,
            itemStyle: nodeStyle(node, palette),
            label: { show: !small || (node.share ?? 0) > 0.015 },
            cursor: node.drillable || node.meteringPointId !== null ? 'pointer' : 'default',
          })),
        links: links.map((link) => ({
          source: link.source,
          target: link.target,
          value: link.consumption,
          lineStyle: linkStyle(link, nodes, palette),
        })),
        label: {
          color: palette.ink,
          fontFamily: palette.font,
          fontSize: 12,
          // Labels nearer to each other than a line hide the smaller of the two.
          lineHeight: 15,
          width: upright ? uprightLabelWidth : small ? 120 : 200,
          overflow: 'truncate',
          position: upright ? 'bottom' : 'right',
          formatter: ({ name }: { readonly name: string }) => {
            const node = nodes.get(name);
            if (node === undefined) return '';
            return small || upright
              ? input.nameOf(node)
              : `{value|${formatScaled(node.consumption, scale, locale)}} ${input.nameOf(node)}`;
          },
          rich: {
            value: {
              color: palette.ink3,
              fontSize: 11.5,
              fontFamily: palette.font,
              padding: [0, 3, 0, 0],
              lineHeight: 15,
            },
          },
        },
      },
    ],
  };
}

/** Gaps may take a third of a column; more would leave nothing for the nodes themselves. */
function gapOf(nodes: readonly FlowNode[], length: number): number {
  const inColumn = new Map<number, number>();
  for (const node of nodes) inColumn.set(node.depth, (inColumn.get(node.depth) ?? 0) + 1);
  return Math.max(1, Math.min(12, length / 3 / Math.max(1, ...inColumn.values())));
}

function colourOf(node: FlowNode, palette: Palette): string {
  switch (node.kind) {
    case 'loss':
      return palette.loss;
    case 'rest':
    case 'folded':
      return palette.before;
    case 'generation':
    case 'export':
      return palette.blossom;
    case 'supply':
      return palette.series[0]!;
    default:
      // Colour by depth: neighbours in a column share it, and names tell them apart.
      return palette.series[[0, 2, 5, 4, 6][node.depth % 5]!]!;
  }
}

function nodeStyle(node: FlowNode, palette: Palette): Options {
  const colour = colourOf(node, palette);
  if (node.kind === 'loss') {
    return {
      color: colour,
      borderColor: colour,
      decal: {
        symbol: 'rect',
        rotation: 0.785,
        dashArrayX: [1, 0],
        dashArrayY: [2, 4],
        color: palette.surface,
      },
    };
  }
  return { color: colour, borderWidth: 0 };
}

function linkStyle(link: FlowLink, nodes: ReadonlyMap<string, FlowNode>, palette: Palette): Options {
  const target = nodes.get(link.target);
  const colour = target === undefined ? palette.before : colourOf(target, palette);
  return { color: colour, opacity: link.kind === 'loss' ? 0.4 : 0.28, curveness: 0.5 };
}

function flowTooltip(
  input: FlowDrawing,
  nodes: ReadonlyMap<string, FlowNode>,
  picked: Picked,
  written: (value: number) => string,
): string {
  const { answer, locale, words, palette } = input;
  const target = pickedNode(answer, picked);
  if (target === undefined) return '';
  const link =
    picked.dataType === 'edge'
      ? answer.links.find(
          (candidate) => candidate.source === picked.data?.source && candidate.target === picked.data?.target,
        )
      : undefined;
  const source = link === undefined ? undefined : nodes.get(link.source);
  const title =
    source === undefined ? input.nameOf(target) : `${input.nameOf(source)} → ${input.nameOf(target)}`;
  const rows = [
    {
      colour: colourOf(target, palette),
      name: words.ofAll,
      value: written(link?.consumption ?? target.consumption),
      note: formatShare(shareOfAll(answer, link?.consumption ?? target.consumption), locale),
    },
  ];
  if (link !== undefined && source !== undefined) {
    rows.push({
      colour: colourOf(source, palette),
      name: `${words.ofSource} ${input.nameOf(source)}`,
      value: '',
      note: formatShare(link.share, locale),
    });
  }
  return tooltipHtml(title, rows, target.drillable ? words.drill : undefined);
}

/** Of all that flows in at the top. */
function shareOfAll(answer: EnergyFlowAnswer, consumption: number): number | null {
  const targets = new Set(answer.links.map((link) => link.target));
  const inflow = answer.nodes
    .filter((node) => !targets.has(node.id))
    .reduce((sum, node) => sum + node.consumption, 0);
  return inflow === 0 ? null : consumption / inflow;
}
