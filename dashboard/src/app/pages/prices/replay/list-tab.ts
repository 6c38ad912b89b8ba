// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, output, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { PriceListRow, PriceVersion } from '@wattledger/contracts/http/billing';
import { Answer } from '../../../api/answer.ts';
import { command } from '../../../api/command.ts';
import { ask } from '../../../api/question.ts';
import { ReplayApi, type VersionKey } from '../../../api/replay-api.ts';
import { Formats } from '../../../format/formats.ts';
import { everySeconds } from '../../../live/every-seconds.ts';
import { Dialogs } from '../../../look/dialogs.ts';
import { FaultNote } from '../../../look/fault-note.ts';
import { FigureTile } from '../../../look/figure-tile.ts';
import { Icon } from '../../../look/icon.ts';
import { TableBox } from '../../../look/table-box.ts';
import { Notices } from '../../../notices/notices.ts';
import { SignedIn } from '../../../session/session.ts';
import { Site } from '../../../session/site.ts';
import { Words } from '../../../words/words.ts';
import { DecideListDialog, type DecideListData } from './decide-list-dialog.ts';

const rowsPerPage = 50;
const tones = { computing: '', waiting: 'info', approved: 'good', rejected: '' } as const;

/** The list of a price of the past: what it is expected to change beside what it posted; finance decides. */
@Component({
  selector: 'wl-list-tab',
  imports: [Answer, FaultNote, FigureTile, Icon, RouterLink, TableBox],
  templateUrl: './list-tab.html',
  styleUrl: './replay.css',
})
export class ListTab {
  readonly of = input.required<VersionKey>();
  readonly version = input.required<PriceVersion>();
  readonly decided = output();
  private readonly api = inject(ReplayApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  private readonly me = inject(SignedIn);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly tones = tones;
  protected readonly page = signal(0);
  protected readonly computing = command();
  protected readonly list = ask({
    params: () => ({ version: this.of(), state: this.version().state, page: this.page() }),
    load: ({ version, page }, abort) =>
      this.api.list(version, { limit: rowsPerPage, offset: page * rowsPerPage }, abort),
    subject: ({ version }) => version.priceVersionId,
  });
  protected readonly missing = computed(() => this.list.error()?.code === 'price-list-unknown');
  protected readonly last = computed(() =>
    Math.max(0, Math.ceil((this.list.value()?.total ?? 0) / rowsPerPage) - 1),
  );
  protected readonly isAuthor = computed(
    () => this.version().draftedBy.id === this.me.session()?.principal.id,
  );
  protected readonly mayDecide = computed(() => this.site.may('books:write') && !this.isAuthor());
  protected readonly mayCompute = computed(() => this.site.may('price:write'));
  protected readonly file = computed(() => this.api.file(this.of(), 'list.csv'));

  constructor() {
    everySeconds(2, () => {
      const it = this.list.value();
      if (it?.state === 'computing' || it?.notice?.state === 'running') this.list.reload();
    });
  }

  /** What neither the notice nor news of energy before its turn explains: energy and days since the list was computed. */
  protected between(of: Pick<PriceListRow, 'postedMicros' | 'meanwhileMicros' | 'differenceMicros'>): number {
    return of.postedMicros + of.meanwhileMicros - of.differenceMicros;
  }

  protected async decide(step: 'approve' | 'reject'): Promise<void> {
    const expectedMicros = this.list.value()?.expectedMicros ?? 0;
    const data = { of: this.of(), step, expectedMicros, accounts: this.list.value()?.total ?? 0 };
    const done = await this.dialogs.open<boolean, DecideListData>(DecideListDialog, data);
    if (done !== true) return;
    this.notices.done(this.t(`price-list.${step}-done`));
    this.list.reload();
    this.decided.emit();
  }

  protected async compute(): Promise<void> {
    await this.computing.run(null, (key) => this.api.decide(this.of(), 'compute', key));
    this.list.reload();
  }
}
