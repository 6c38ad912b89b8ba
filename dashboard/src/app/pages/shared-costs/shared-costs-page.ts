// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import type { Medium } from '@wattledger/contracts';
import type { SharedCostRule, SharedCostRun, SharedCostSheet } from '@wattledger/contracts/http/billing';
import { Answer } from '../../api/answer.ts';
import { command } from '../../api/command.ts';
import { CreditApi } from '../../api/credit-api.ts';
import { ask } from '../../api/question.ts';
import { csvOf, download } from '../../chart/csv.ts';
import { numberCell, textCell } from '../../chart/data-table.ts';
import { Clock } from '../../clock/clock.ts';
import { Formats } from '../../format/formats.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { FigureTile } from '../../look/figure-tile.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { MoneyInput } from '../../money/money-input.ts';
import { ReasonDialog, type ReasonQuestion } from '../../money/reason-dialog.ts';
import { Notices } from '../../notices/notices.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { RuleDialog } from './rule-dialog.ts';

/** Rules of shared costs and property fees, a month's table with its working, and posting it. */
@Component({
  selector: 'wl-shared-costs-page',
  imports: [Answer, FaultNote, FigureTile, Icon, MoneyInput, TableBox],
  templateUrl: './shared-costs-page.html',
  styleUrl: './shared-costs-page.css',
})
export class SharedCostsPage {
  private readonly api = inject(CreditApi);
  private readonly dialogs = inject(Dialogs);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly command = command();
  protected readonly month = signal(monthBefore(inject(Clock).exactMs()));
  protected readonly invoice = signal<number | null>(null);
  private readonly chosen = signal<string | null>(null);
  protected readonly list = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.api.sharedCosts(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly rule = computed<SharedCostRule | undefined>(() => {
    const rules = this.list.value()?.rules ?? [];
    return rules.find(({ ruleId }) => ruleId === this.chosen()) ?? rules[0];
  });
  /** The run that stands for the month. */
  protected readonly standing = computed<SharedCostRun | undefined>(() =>
    this.rule()?.runs.find(
      (run) => run.kind === 'run' && run.month === this.month() && run.reversedByRunId === null,
    ),
  );
  protected readonly wantsInvoice = computed(() =>
    (this.rule()?.versions ?? []).some(
      ({ state, terms }) => state !== 'withdrawn' && terms.pot.kind === 'invoice',
    ),
  );
  protected readonly sheet = ask({
    params: () => {
      const [projectId, rule, month, invoice] = [
        this.site.projectId(),
        this.rule(),
        this.month(),
        this.invoice(),
      ];
      if (projectId === null || rule === undefined || !/^\d{4}-\d\d$/.test(month)) return undefined;
      const runId = this.standing()?.runId;
      const { ruleId } = rule;
      if (rule.versions.length === 0 || (runId === undefined && this.wantsInvoice() && invoice === null))
        return undefined;
      const query = {
        month,
        ...(this.wantsInvoice() && invoice !== null ? { invoiceMicros: invoice } : {}),
        ...(runId === undefined ? {} : { runId }),
      };
      return { projectId, ruleId, query, versions: rule.versions.length };
    },
    load: ({ projectId, ruleId, query }, abort) => this.api.sheet(projectId, ruleId, query, abort),
    subject: ({ ruleId, query }) => `${ruleId} ${query.month}`,
  });

  /** As people look for a room: by its code, not by its id. */
  protected readonly lines = computed(() => {
    const compare = new Intl.Collator(this.formats.locale(), { numeric: true }).compare;
    const name = (line: SharedCostSheet['lines'][number]): string => `${line.unitCode} ${line.unitName}`;
    return [...(this.sheet.value()?.lines ?? [])].sort((a, b) => compare(name(a), name(b)));
  });

  protected monthName = (month: string): string => this.formats.day(`${month}-01`, 'month');

  protected runState({ kind, reversedByRunId }: SharedCostRun): 'run' | 'reversed' | 'reversal' {
    if (kind === 'reversal') return 'reversal';
    return reversedByRunId === null ? 'run' : 'reversed';
  }

  protected consumption(value: number, pointId: string): string {
    return this.formats.consumption(value, this.site.points().get(pointId)?.medium);
  }

  protected choose(ruleId: string): void {
    this.chosen.set(ruleId);
    this.invoice.set(null);
  }

  /** What the version of the sheet divides by. */
  private mediumOf({ versionId }: SharedCostSheet): Medium {
    const key = this.rule()?.versions.find((version) => version.versionId === versionId)?.terms.key;
    return key?.kind === 'consumption' ? key.medium : 'electricity';
  }

  protected measureText(sheet: SharedCostSheet, measure: number): string {
    if (sheet.key === 'area') return `${this.formats.decimal(measure / 10_000, 2)} m²`;
    if (sheet.key === 'consumption') return this.formats.consumption(measure, this.mediumOf(sheet));
    return this.formats.count(measure);
  }

  protected async edit(rule: SharedCostRule | null): Promise<void> {
    const saved = await this.dialogs.open<SharedCostRule>(RuleDialog, rule, { wide: true });
    if (saved === undefined) return;
    this.chosen.set(saved.ruleId);
    this.notices.done(this.t('shared-costs.drafted'));
    this.list.reload();
  }

  protected async move(rule: SharedCostRule, versionId: string, move: 'approve' | 'withdraw'): Promise<void> {
    const done = await this.command.run({ versionId, move }, () =>
      this.api.moveVersion(this.site.projectId() ?? '', rule.ruleId, versionId, move),
    );
    if (done === undefined) return;
    this.list.reload();
    this.sheet.reload();
  }

  protected async post(sheet: SharedCostSheet): Promise<void> {
    const invoiceMicros = this.invoice();
    const body = {
      month: sheet.month,
      ...(this.wantsInvoice() && invoiceMicros !== null ? { invoiceMicros } : {}),
      expectedTotalMicros: sheet.pot.totalMicros,
    };
    const done = await this.command.run({ ...body, ruleId: sheet.ruleId }, (key) =>
      this.api.postRun(this.site.projectId() ?? '', sheet.ruleId, body, key),
    );
    if (done === undefined) return;
    this.notices.done(this.t('shared-costs.posted', { month: this.monthName(sheet.month) }));
    this.list.reload();
  }

  protected async reverse(run: SharedCostRun): Promise<void> {
    const question: ReasonQuestion = {
      heading: this.t('shared-costs.reverse'),
      text: this.t('shared-costs.reverse.text', {
        month: this.monthName(run.month),
        amount: this.formats.money(run.chargedMicros + run.taxMicros),
      }),
      label: this.t('shared-costs.reverse'),
      send: ({ reason }, key) =>
        this.api.reverseRun(this.site.projectId() ?? '', run.ruleId, run.runId, reason, key),
    };
    if ((await this.dialogs.open(ReasonDialog, question)) === undefined) return;
    this.notices.done(this.t('shared-costs.reversed', { month: this.monthName(run.month) }));
    this.list.reload();
  }

  protected save(sheet: SharedCostSheet): void {
    const labels = ['unit', 'tenant', 'days', 'measure', 'weight', 'amount', 'tax'];
    const csv = csvOf({
      caption: `${this.rule()?.name ?? ''} ${sheet.month}`,
      columns: labels.map((label) => ({ label: this.t(`shared-costs.column.${label}`) })),
      rows: this.lines().map((line) => [
        textCell(`${line.unitCode} ${line.unitName}`.trim()),
        textCell(line.tenantName ?? this.t('shared-costs.owner')),
        numberCell('', line.days),
        numberCell('', sheet.key === 'area' ? line.measure / 10_000 : line.measure),
        textCell(line.weight),
        numberCell('', line.amountMicros / 1_000_000),
        numberCell('', line.taxMicros / 1_000_000),
      ]),
    });
    download(`shared-costs-${sheet.month}.csv`, csv);
  }
}

/** The month before an instant's, by UTC: only what the field begins with. */
function monthBefore(ms: number): string {
  const date = new Date(ms);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1, 1)).toJSON().slice(0, 7);
}
