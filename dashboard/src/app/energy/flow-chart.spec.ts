// SPDX-License-Identifier: Apache-2.0
import type { EnergyFlowAnswer, FlowNode } from '@wattledger/contracts/http/analytics';
import type { Palette } from '../chart/palette.ts';
import { flowChart, pickedNode } from './flow-chart.ts';

const node = (id: string, kind: FlowNode['kind'], depth: number, consumption: number): FlowNode => ({
  id,
  kind,
  meteringPointId: kind === 'point' || kind === 'supply' ? id : null,
  subjectId: null,
  name: kind === 'loss' ? null : id,
  depth,
  consumption,
  share: consumption / 100,
  foldedPoints: 0,
  drillable: id === 'feeder',
});
const answer = {
  nodes: [
    node('main', 'supply', 0, 100),
    node('feeder', 'point', 1, 96),
    node('loss:main', 'loss', 1, 4),
    node('unlinked', 'point', 1, 0),
  ],
  links: [
    { source: 'main', target: 'feeder', consumption: 96, kind: 'flow', share: 0.96 },
    { source: 'main', target: 'loss:main', consumption: 4, kind: 'loss', share: 0.04 },
    { source: 'feeder', target: 'main', consumption: 1, kind: 'flow', share: 0.01 },
  ],
} as unknown as EnergyFlowAnswer;
const palette: Palette = {
  ink: 'i',
  ink2: 'i',
  ink3: 'i',
  line: 'l',
  surface: 's',
  overlay: 'o',
  leaf: 'l',
  blossom: 'b',
  series: ['1', '2', '3', '4', '5', '6', '7', '8'],
  before: 'g',
  loss: 'red',
  missing: 'm',
  notice: 'n',
  tou: { tip: 't', peak: 'p', flat: 'f', valley: 'v', 'deep-valley': 'd' },
  heat: ['0', '1', '2', '3', '4'],
  font: 'f',
};
const drawing = {
  answer,
  scale: { unit: 'kWh', divisor: 1, digits: 1 },
  palette,
  locale: 'en-GB',
  nameOf: (flow: FlowNode) => flow.name ?? 'Loss',
  small: false,
  upright: false,
  length: 500,
  words: { ofAll: 'Energy', ofSource: 'Of', drill: 'Click' },
};

interface Drawn {
  readonly series: readonly {
    readonly data: readonly { readonly name: string; readonly itemStyle: { readonly color: string } }[];
    readonly links: readonly unknown[];
  }[];
  readonly tooltip: { readonly formatter: (picked: unknown) => string };
}

test('loss is drawn in its own colour, circles and nodes without flow are left out', () => {
  const drawn = flowChart(drawing) as unknown as Drawn;
  expect(drawn.series[0]?.data.map((entry) => entry.name)).toEqual(['main', 'feeder', 'loss:main']);
  expect(drawn.series[0]?.data[2]?.itemStyle.color).toBe('red');
  expect(drawn.series[0]?.links).toHaveLength(2);
});

test('a tooltip of a link tells its share of all and of where it comes from', () => {
  const { tooltip } = flowChart(drawing) as unknown as Drawn;
  const html = tooltip.formatter({ dataType: 'edge', data: { source: 'main', target: 'feeder' } });
  expect(html).toContain('main → feeder');
  expect(html).toContain('96.0 kWh');
  expect(html).toContain('96.0%');
  expect(html).toContain('Click');
});

test('a click on a link means where it leads', () => {
  expect(pickedNode(answer, { dataType: 'edge', data: { source: 'main', target: 'feeder' } })?.id).toBe(
    'feeder',
  );
  expect(pickedNode(answer, { dataType: 'node', data: { name: 'loss:main' } })?.kind).toBe('loss');
  expect(pickedNode(answer, { data: { name: 'gone' } })).toBeUndefined();
});
