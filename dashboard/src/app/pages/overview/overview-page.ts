// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import type { ECElementEvent } from 'echarts/core';
import type { ProjectOverview } from '@wattledger/contracts/http/analytics';
import { AnalyticsApi } from '../../api/analytics-api.ts';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { ChartCard } from '../../chart/chart-card.ts';
import { numberCell, textCell, type DataTable } from '../../chart/data-table.ts';
import { Palettes } from '../../chart/palette.ts';
import { touRuns } from '../../chart/tou-runs.ts';
import { dayCurveChart } from '../../energy/day-curve-chart.ts';
import { flowChart, pickedNode } from '../../energy/flow-chart.ts';
import { FlowNames } from '../../energy/flow-names.ts';
import { MediumSwitch } from '../../energy/medium-switch.ts';
import { placeBeside } from '../../energy/place-beside.ts';
import { ShareList, type ShareRow } from '../../energy/share-list.ts';
import { Subjects } from '../../energy/subjects.ts';
import { Formats } from '../../format/formats.ts';
import { consumptionScale } from '../../format/quantity-format.ts';
import { keepFresh } from '../../live/keep-fresh.ts';
import { Change } from '../../look/change.ts';
import { FigureTile } from '../../look/figure-tile.ts';
import { Icon } from '../../look/icon.ts';
import { Screen } from '../../look/screen.ts';
import { TableBox } from '../../look/table-box.ts';
import { StageChip } from '../../money/stage-chip.ts';
import { QualityBadge } from '../../quality/quality-badge.ts';
import { addMonths } from '../../selection/period.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { BackFillBanner } from '../../system/back-fill-banner.ts';
import { Words } from '../../words/words.ts';

type Medium = ProjectOverview['media'][number];
const flowHeight = 340;
const flowNodesMax = 28;
/** A phone is four labels wide. */
const flowNodesMaxNarrow = 10;
const listMax = 8;
const attentionMax = 6;
const refreshMs = 20_000;

/** A project at the present moment. */
@Component({
  selector: 'wl-overview-page',
  imports: [
    Answer,
    BackFillBanner,
    Change,
    ChartCard,
    FigureTile,
    Icon,
    MediumSwitch,
    QualityBadge,
    RouterLink,
    ShareList,
    StageChip,
    TableBox,
  ],
  templateUrl: './overview-page.html',
  styleUrl: './overview-page.css',
})
export class OverviewPage {
  private readonly analytics = inject(AnalyticsApi);
  private readonly billing = inject(BillingApi);
  private readonly palettes = inject(Palettes);
  private readonly words = inject(Words);
  private readonly router = inject(Router);
  private readonly subjects = inject(Subjects);
  private readonly flowNames = inject(FlowNames);
  private readonly screen = inject(Screen);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly placeBeside = placeBeside;
  protected readonly t = this.words.t;

  protected readonly overview = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.analytics.overview(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly medium = computed<Medium | null>(
    () => this.overview.value()?.media.find((entry) => entry.medium === this.selection.medium()) ?? null,
  );
  private readonly month = computed(() => `${this.selection.today().slice(0, 7)}-01`);
  protected readonly flow = ask({
    params: () => {
      const projectId = this.site.projectId();
      if (projectId === null || this.selection.medium() !== 'electricity') return undefined;
      const nodesMax = this.screen.narrow() ? flowNodesMaxNarrow : flowNodesMax;
      return { projectId, from: this.month(), to: addMonths(this.month(), 1), nodesMax };
    },
    load: ({ projectId, ...query }, abort) => this.analytics.energyFlow(projectId, query, abort),
    subject: ({ projectId }) => projectId,
  });
  private readonly moneyParams = computed(() => {
    const projectId = this.site.projectId();
    return projectId !== null && this.site.may('account:read')
      ? { projectId, fromDay: this.month(), toDay: this.selection.today() }
      : undefined;
  });
  protected readonly income = ask({
    params: () => this.moneyParams(),
    load: ({ projectId, ...query }, abort) =>
      this.billing.income(projectId, { ...query, grain: 'month' }, abort),
    subject: ({ projectId }) => projectId,
  });
  protected readonly attention = ask({
    params: () => this.moneyParams()?.projectId,
    load: async (projectId, abort) => {
      const [arrears, low] = await Promise.all(
        ['arrears', 'alarm-2'].map((stage) =>
          this.billing.accounts(projectId, { stage, limit: attentionMax }, abort),
        ),
      );
      return [...(arrears?.accounts ?? []), ...(low?.accounts ?? [])]
        .sort((a, b) => a.balanceMicros - b.balanceMicros)
        .slice(0, attentionMax);
    },
    subject: (projectId) => projectId,
  });

  protected readonly monthScale = computed(() =>
    consumptionScale(this.selection.medium(), [this.medium()?.month.consumption ?? null]),
  );
  protected readonly curveScale = computed(() =>
    consumptionScale(this.selection.medium(), [
      ...(this.medium()?.curve.today ?? []),
      ...(this.medium()?.curve.yesterday ?? []),
    ]),
  );
  protected readonly curve = computed(() => {
    const medium = this.medium();
    if (medium === null) return null;
    const calendar = medium.medium === 'electricity' ? this.site.tree.value()?.project.calendar : undefined;
    const labels = medium.curve.localTime.map((time) => `${this.selection.today()}T${time.slice(-5)}`);
    return dayCurveChart({
      times: medium.curve.localTime.map((time) => time.slice(-5)),
      // The slot that is running would look like a fall to nothing.
      today: medium.curve.today.map((value, index) =>
        (medium.curve.startMs[index] ?? 0) < (this.overview.value()?.spans.today.untilMs ?? 0) ? value : null,
      ),
      before: medium.curve.yesterday,
      todayName: this.t('group.today'),
      beforeName: this.t('overview.yesterday'),
      runs: calendar === undefined ? [] : touRuns(calendar, labels),
      touOf: (period) => this.t(`tou.${period}`),
      scale: this.curveScale(),
      palette: this.palettes.palette(),
      locale: this.words.locale(),
    });
  });
  protected readonly curveTable = computed<DataTable | null>(() => {
    const medium = this.medium();
    if (medium === null) return null;
    const scale = this.curveScale();
    const cell = (value: number | null | undefined) =>
      numberCell(this.formats.scaled(value, scale), value == null ? null : value / scale.divisor);
    return {
      caption: this.t('overview.curve'),
      columns: [
        { label: this.t('energy.time') },
        { label: `${this.t('group.today')} (${scale.unit})`, numeric: true },
        { label: `${this.t('overview.yesterday')} (${scale.unit})`, numeric: true },
      ],
      rows: medium.curve.localTime.map((time, index) => [
        textCell(time),
        cell(medium.curve.today[index]),
        cell(medium.curve.yesterday[index]),
      ]),
    };
  });
  protected readonly curveLabel = computed(
    () =>
      `${this.t('overview.curve')}. ${this.t('group.today')}: ${this.formats.consumption(this.medium()?.today.consumption, this.selection.medium())}`,
  );
  protected readonly flowHeight = flowHeight;
  protected readonly flowScale = computed(() =>
    consumptionScale('electricity', this.flow.value()?.nodes.map((node) => node.consumption) ?? []),
  );
  protected readonly flowOptions = computed(() => {
    const answer = this.flow.value();
    if (answer === undefined) return null;
    return flowChart({
      answer,
      scale: this.flowScale(),
      palette: this.palettes.palette(),
      locale: this.words.locale(),
      nameOf: this.flowNames.nameOf,
      small: true,
      upright: this.screen.narrow(),
      length: flowHeight,
      words: { ofAll: this.t('flow.of-all'), ofSource: this.t('flow.of-source'), drill: this.t('flow.open') },
    });
  });
  protected readonly flowTable = computed<DataTable | null>(() => {
    const answer = this.flow.value();
    if (answer === undefined) return null;
    const names = new Map(answer.nodes.map((node) => [node.id, this.flowNames.nameOf(node)]));
    const scale = this.flowScale();
    return {
      caption: this.t('page.flow'),
      columns: [
        { label: this.t('flow.from') },
        { label: this.t('flow.to') },
        { label: scale.unit, numeric: true },
        { label: this.t('energy.share'), numeric: true },
      ],
      rows: answer.links.map((link) => [
        textCell(names.get(link.source)),
        textCell(names.get(link.target)),
        numberCell(this.formats.scaled(link.consumption, scale), link.consumption / scale.divisor),
        numberCell(this.formats.share(link.share), link.share),
      ]),
    };
  });
  protected readonly bySubItem = computed(() => this.shareRows(this.medium()?.bySubItem ?? []));
  protected readonly byPlace = computed(() => this.shareRows(this.medium()?.byPlace ?? []));

  constructor() {
    keepFresh(['energy'], [this.overview], refreshMs);
    keepFresh(['accounts'], [this.income, this.attention], refreshMs);
  }

  protected openFlow(event: ECElementEvent): void {
    const answer = this.flow.value();
    const node = answer === undefined ? undefined : pickedNode(answer, event);
    const query = {
      ...this.selection.carried(),
      period: 'month',
      ...(node?.drillable === true ? { root: node.meteringPointId } : {}),
    };
    void this.router.navigate(['/p', this.site.projectId(), 'flow'], { queryParams: query });
  }

  private shareRows(rows: Medium['bySubItem'] | Medium['byPlace']): readonly ShareRow[] {
    const projectId = this.site.projectId() ?? '';
    return [...rows]
      .sort((a, b) => (b.month.consumption ?? 0) - (a.month.consumption ?? 0))
      .slice(0, listMax)
      .map((row) => ({
        id: `${row.kind}-${row.id ?? ''}`,
        name: this.subjects.nameOfSubject(row),
        value: row.month.consumption,
        share: row.share,
        change: row.month.changeShare,
        link: row.id === null ? null : ['/p', projectId, 'trend'],
        query: { series: row.kind === 'sub-item' ? `sub-item:${row.id}` : row.id, period: 'month' },
      }));
  }
}
