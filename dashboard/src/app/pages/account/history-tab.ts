// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { AccountDetail, AccountRecord } from '@wattledger/contracts/http/billing';
import { AccountsApi } from '../../api/accounts-api.ts';
import { Answer } from '../../api/answer.ts';
import { newIdempotencyKey } from '../../api/api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Registers } from '../../money/registers.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { RecordTable } from '../accounts/record-table.ts';

const undoable: readonly string[] = ['point-added', 'point-removed', 'scheme-changed', 'demand-changed'];
const recordsMax = 500;

/** What became of one account: changes, points at their schemes, meters exchanged, registers noted. */
@Component({
  selector: 'wl-history-tab',
  imports: [Answer, Icon, RecordTable, Registers, RouterLink, TableBox],
  templateUrl: './history-tab.html',
  styles: `
    :host {
      display: grid;
      gap: var(--s4);
      min-width: 0;
    }
  `,
})
export class HistoryTab {
  readonly account = input.required<AccountDetail>();
  readonly changed = output();
  private readonly accounts = inject(AccountsApi);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;

  protected readonly records = ask({
    params: () => this.asked(),
    load: ({ projectId, accountId }, abort) =>
      this.accounts.records(projectId, { accountId, limit: recordsMax }, abort),
    subject: ({ accountId }) => accountId,
  });
  protected readonly history = ask({
    params: () => this.asked(),
    load: ({ projectId, accountId }, abort) => this.accounts.history(projectId, accountId, abort),
    subject: ({ accountId }) => accountId,
  });
  protected readonly events = computed(() => this.records.value()?.events ?? []);
  /** The newest change of an open account, when it is one that can be taken back. */
  protected readonly undo = computed<AccountRecord | null>(() => {
    const newest = this.events().find((event) => event.point !== null) ?? null;
    const may = this.account().state === 'open' && this.site.may('account:write');
    return may && newest !== null && undoable.includes(newest.kind) ? newest : null;
  });
  protected readonly pointIds = computed(() => [
    ...new Set((this.history.value()?.points ?? []).map((point) => point.meteringPointId)),
  ]);
  /** Meters in order; one that follows another at the same point was exchanged for it. */
  protected readonly meters = computed(() => {
    const meters = this.history.value()?.meters ?? [];
    return meters.map((meter, index) => {
      const before = meters[index - 1];
      return {
        ...meter,
        exchanged: before?.meteringPointId === meter.meteringPointId && before.meterId !== meter.meterId,
      };
    });
  });

  private asked() {
    const projectId = this.site.projectId();
    return projectId === null ? undefined : { projectId, accountId: this.account().accountId };
  }

  protected async takeBack({ recordId }: AccountRecord): Promise<void> {
    const { accountId } = this.account();
    const body = { change: 'undo' as const, changeId: recordId, reason: this.t('history.undo-reason') };
    try {
      const answer = await this.accounts.change(
        this.site.projectId() ?? '',
        accountId,
        body,
        newIdempotencyKey(),
      );
      this.notices.done(this.t('history.undone', { amount: this.formats.moneySigned(answer.chargedMicros) }));
    } catch (error) {
      this.notices.failed(error);
    }
    this.records.reload();
    this.history.reload();
    this.changed.emit();
  }
}
