// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, signal } from '@angular/core';
import type {
  differenceEdgesPercent,
  PriceReplay,
  PriceVersion,
  ReplayAccountRow,
  ReplayOrder,
} from '@wattledger/contracts/http/billing';
import { Answer } from '../../../api/answer.ts';
import { ask } from '../../../api/question.ts';
import { ReplayApi, type VersionKey } from '../../../api/replay-api.ts';
import { ChartCard } from '../../../chart/chart-card.ts';
import { numberCell, textCell, type DataTable } from '../../../chart/data-table.ts';
import { Palettes } from '../../../chart/palette.ts';
import { Formats } from '../../../format/formats.ts';
import { everySeconds } from '../../../live/every-seconds.ts';
import { Dialogs } from '../../../look/dialogs.ts';
import { FigureTile } from '../../../look/figure-tile.ts';
import { Icon } from '../../../look/icon.ts';
import { TableBox } from '../../../look/table-box.ts';
import { Notices } from '../../../notices/notices.ts';
import { Site } from '../../../session/site.ts';
import { Words } from '../../../words/words.ts';
import { classesInOrder, differenceChart, type DifferenceClass } from './difference-chart.ts';
import { ReplayLinesDialog, type ReplayLinesData } from './replay-lines-dialog.ts';
import { StartReplayDialog } from './start-replay-dialog.ts';

const rowsPerPage = 50;
const orders: readonly ReplayOrder[] = ['more-first', 'less-first', 'share-first'];
/** As the server counts; the values come without their validator. */
const edges: typeof differenceEdgesPercent = [-20, -10, -5, -2, 0, 2, 5, 10, 20];

/** Who would have paid more or less by the version, over real history. */
@Component({
  selector: 'wl-replay-tab',
  imports: [Answer, ChartCard, FigureTile, Icon, TableBox],
  templateUrl: './replay-tab.html',
  styleUrl: './replay.css',
})
export class ReplayTab {
  readonly of = input.required<VersionKey>();
  readonly version = input.required<PriceVersion>();
  private readonly api = inject(ReplayApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  private readonly palettes = inject(Palettes);
  private readonly words = inject(Words);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = this.words.t;
  protected readonly orders = orders;
  protected readonly order = signal<ReplayOrder>('more-first');
  protected readonly page = signal(0);
  protected readonly chosen = signal<string | null>(null);
  protected readonly mayStart = computed(
    () => this.site.may('price:write') && ['draft', 'submitted', 'listed'].includes(this.version().state),
  );

  protected readonly replays = ask({
    params: () => this.of(),
    load: (version, abort) => this.api.replays(version, abort),
    subject: (version) => version.priceVersionId,
  });
  protected readonly replay = computed<PriceReplay | undefined>(() => {
    const all = this.replays.value()?.replays ?? [];
    return all.find(({ replayId }) => replayId === this.chosen()) ?? all[0];
  });
  protected readonly rows = ask({
    params: () => {
      const replay = this.replay();
      if (replay === undefined || replay.totals.accounts === 0) return undefined;
      const query = { order: this.order(), limit: rowsPerPage, offset: this.page() * rowsPerPage };
      return { version: this.of(), replayId: replay.replayId, query, done: replay.pointsDone };
    },
    load: ({ version, replayId, query }, abort) => this.api.rows(version, replayId, query, abort),
    subject: ({ replayId }) => replayId,
  });
  protected readonly last = computed(() =>
    Math.max(0, Math.ceil((this.rows.value()?.total ?? 0) / rowsPerPage) - 1),
  );

  constructor() {
    everySeconds(1, () => {
      if (this.replay()?.state === 'running') this.replays.reload();
    });
  }

  /** The change of income as a person would say it. */
  protected readonly said = computed(() => {
    const totals = this.replay()?.totals;
    if (totals === undefined || totals.accounts === 0) return '';
    const difference = totals.afterMicros - totals.beforeMicros;
    const share = totals.beforeMicros > 0 ? Math.abs(difference) / totals.beforeMicros : null;
    const kind = difference === 0 ? 'same' : difference > 0 ? 'more' : 'less';
    const facts = {
      share: share === null ? this.formats.money(Math.abs(difference)) : this.formats.share(share),
      many: this.formats.count(totals.paysMuchMore),
      all: this.formats.count(totals.accounts),
    };
    return this.t(`replay.said.${kind}`, facts);
  });
  private readonly classes = computed(() => classesInOrder(this.replay()?.totals.distribution ?? [], edges));
  protected classLabel({ fromPercent, toPercent, fromNothing }: DifferenceClass): string {
    if (fromNothing) return this.t('replay.from-nothing');
    if (fromPercent === 0 && toPercent === 0) return this.t('replay.same');
    const signed = (percent: number): string =>
      this.formats.change(percent / 100).replace(/[.,]0(?=\s?%)/, '');
    if (fromPercent === null) return `< ${signed(toPercent ?? 0)}`;
    if (toPercent === null) return `> ${signed(fromPercent)}`;
    return `${signed(fromPercent)} … ${signed(toPercent)}`;
  }
  protected readonly options = computed(() =>
    differenceChart({
      classes: this.classes(),
      labels: this.classes().map((one) => this.classLabel(one)),
      accounts: this.t('replay.accounts'),
      difference: this.t('replay.difference'),
      money: (micros) => this.formats.moneySigned(micros),
      palette: this.palettes.palette(),
      locale: this.words.locale(),
    }),
  );
  protected readonly table = computed<DataTable>(() => ({
    caption: this.t('replay.distribution'),
    columns: [
      { label: this.t('replay.class') },
      { label: this.t('replay.accounts'), numeric: true },
      { label: this.t('replay.difference'), numeric: true },
    ],
    rows: this.classes().map((one) => [
      textCell(this.classLabel(one)),
      numberCell(this.formats.count(one.accounts), one.accounts),
      numberCell(this.formats.moneySigned(one.differenceMicros), one.differenceMicros / 1e6),
    ]),
  }));

  protected share(row: ReplayAccountRow): string {
    return row.beforeMicros > 0 ? this.formats.change(row.differenceMicros / row.beforeMicros) : '–';
  }

  protected file(replay: PriceReplay): string {
    return this.api.file(this.of(), `replays/${replay.replayId}/rows.csv`);
  }

  protected sort(order: ReplayOrder): void {
    this.order.set(order);
    this.page.set(0);
  }

  protected choose(replayId: string): void {
    this.chosen.set(replayId);
    this.page.set(0);
  }

  protected async start(): Promise<void> {
    const started = await this.dialogs.open<PriceReplay, VersionKey>(StartReplayDialog, this.of());
    if (started === undefined) return;
    this.choose(started.replayId);
    this.replays.reload();
  }

  protected async cancel(replay: PriceReplay): Promise<void> {
    try {
      await this.api.cancel(this.of(), replay.replayId);
    } catch (error) {
      this.notices.failed(error);
    }
    this.replays.reload();
  }

  protected async open(replay: PriceReplay, row: ReplayAccountRow): Promise<void> {
    const data = { of: this.of(), replayId: replay.replayId, row };
    await this.dialogs.open<undefined, ReplayLinesData>(ReplayLinesDialog, data, { wide: true });
  }
}
