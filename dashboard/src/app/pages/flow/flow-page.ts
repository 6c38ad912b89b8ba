// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import type { ECElementEvent } from 'echarts/core';
import { AnalyticsApi } from '../../api/analytics-api.ts';
import { ask } from '../../api/question.ts';
import { ChartCard } from '../../chart/chart-card.ts';
import { numberCell, textCell, type DataTable } from '../../chart/data-table.ts';
import { Palettes } from '../../chart/palette.ts';
import { AnswerNotes } from '../../energy/answer-notes.ts';
import { flowChart, pickedNode } from '../../energy/flow-chart.ts';
import { FlowNames } from '../../energy/flow-names.ts';
import { MediumSwitch } from '../../energy/medium-switch.ts';
import { Formats } from '../../format/formats.ts';
import { consumptionScale } from '../../format/quantity-format.ts';
import { Icon } from '../../look/icon.ts';
import { Screen } from '../../look/screen.ts';
import { PeriodPicker } from '../../selection/period-picker.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

const endings = ['sub-item', 'place', 'tenant', 'none'] as const;
const nodesMax = 90;
/** A phone is four labels wide; the rest is one click further down, and in the table. */
const nodesMaxNarrow = 12;
const heightMin = 520;
const heightPerNode = 13;

/** From the supply through mains and areas to the end uses; click to look inside. */
@Component({
  selector: 'wl-flow-page',
  imports: [AnswerNotes, ChartCard, Icon, MediumSwitch, PeriodPicker, RouterLink],
  templateUrl: './flow-page.html',
  styleUrl: './flow-page.css',
})
export class FlowPage {
  private readonly analytics = inject(AnalyticsApi);
  private readonly palettes = inject(Palettes);
  private readonly words = inject(Words);
  private readonly router = inject(Router);
  private readonly flowNames = inject(FlowNames);
  private readonly screen = inject(Screen);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  protected readonly endings = endings;
  protected readonly ends = computed(() => this.selection.choice('ends', endings, 'sub-item'));
  protected readonly root = computed(() => this.selection.text('root'));

  protected readonly flow = ask({
    params: () => {
      const projectId = this.site.projectId();
      if (projectId === null) return undefined;
      const { from, to } = this.selection.period();
      return {
        projectId,
        query: {
          from,
          to,
          medium: this.selection.medium(),
          root: this.root(),
          ends: this.ends(),
          nodesMax: this.screen.narrow() ? nodesMaxNarrow : nodesMax,
        },
      };
    },
    load: ({ projectId, query }, abort) => this.analytics.energyFlow(projectId, query, abort),
    subject: ({ projectId, query }) => `${projectId}|${query.medium}`,
  });
  protected readonly scale = computed(() =>
    consumptionScale(this.selection.medium(), this.flow.value()?.nodes.map((node) => node.consumption) ?? []),
  );
  /** As high as the fullest column asks for. */
  protected readonly height = computed(() => {
    const inColumn = new Map<number, number>();
    for (const node of this.flow.value()?.nodes ?? [])
      inColumn.set(node.depth, (inColumn.get(node.depth) ?? 0) + 1);
    return Math.max(heightMin, Math.max(0, ...inColumn.values()) * heightPerNode);
  });
  protected readonly options = computed(() => {
    const answer = this.flow.value();
    if (answer === undefined) return null;
    return flowChart({
      answer,
      scale: this.scale(),
      palette: this.palettes.palette(),
      locale: this.words.locale(),
      nameOf: this.flowNames.nameOf,
      small: false,
      upright: this.screen.narrow(),
      length: this.height(),
      words: {
        ofAll: this.t('flow.of-all'),
        ofSource: this.t('flow.of-source'),
        drill: this.t('flow.drill'),
      },
    });
  });
  protected readonly table = computed<DataTable | null>(() => {
    const answer = this.flow.value();
    if (answer === undefined) return null;
    const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
    const scale = this.scale();
    const cellOf = (id: string) => {
      const node = nodes.get(id);
      if (node === undefined) return textCell(id);
      const cell = textCell(this.flowNames.nameOf(node));
      return node.drillable && node.meteringPointId !== null
        ? {
            ...cell,
            link: ['/p', this.site.projectId() ?? '', 'flow'],
            query: { ...this.selection.query(), root: node.meteringPointId },
          }
        : cell;
    };
    return {
      caption: this.t('page.flow'),
      columns: [
        { label: this.t('flow.from') },
        { label: this.t('flow.to') },
        { label: scale.unit, numeric: true },
        { label: this.t('energy.share'), numeric: true },
      ],
      rows: answer.links.map((link) => [
        cellOf(link.source),
        cellOf(link.target),
        numberCell(this.formats.scaled(link.consumption, scale), link.consumption / scale.divisor),
        numberCell(this.formats.share(link.share), link.share),
      ]),
    };
  });
  protected readonly label = computed(() => {
    const answer = this.flow.value();
    const loss =
      answer?.nodes.filter((node) => node.kind === 'loss').reduce((sum, node) => sum + node.consumption, 0) ??
      0;
    return `${this.t('flow.label')} ${this.t('flow.loss')}: ${this.formats.consumption(loss, this.selection.medium())}`;
  });

  protected open(event: ECElementEvent): void {
    const answer = this.flow.value();
    const node = answer === undefined ? undefined : pickedNode(answer, event);
    if (node === undefined) return;
    if (node.kind === 'folded') {
      // What was folded away belongs to the node it hangs on.
      const parent = answer?.links.find((link) => link.target === node.id)?.source;
      const point = answer?.nodes.find((candidate) => candidate.id === parent)?.meteringPointId;
      if (point !== undefined && point !== null && point !== this.root())
        this.selection.patch({ root: point });
      else this.selection.patch({ ends: 'none' });
    } else if (node.drillable && node.meteringPointId !== null && node.meteringPointId !== this.root())
      this.selection.patch({ root: node.meteringPointId });
    else if (node.meteringPointId !== null) {
      void this.router.navigate(['/p', this.site.projectId(), 'points', node.meteringPointId], {
        queryParams: this.selection.carried(),
      });
    }
  }
}
