// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Answer } from '../../api/answer.ts';
import { BillingApi } from '../../api/billing-api.ts';
import { ask } from '../../api/question.ts';
import { csvOf, download } from '../../chart/csv.ts';
import { numberCell, textCell } from '../../chart/data-table.ts';
import { Clock } from '../../clock/clock.ts';
import { Formats } from '../../format/formats.ts';
import { Icon } from '../../look/icon.ts';
import { instantOfLocalField, localFieldValue } from '../../money/slot-time.ts';
import { Site } from '../../session/site.ts';
import { actionLooks } from '../../supply/decision-list.ts';
import { GateList } from '../../supply/gate-list.ts';
import { Words } from '../../words/words.ts';

/** Who would be cut or reconnected at a chosen time, and why. Changes nothing. */
@Component({
  selector: 'wl-dry-run-view',
  imports: [Answer, GateList, Icon, RouterLink],
  template: `
    <section class="card" [attr.aria-label]="t('supply.tab.dry-run')">
      <header class="card-head">
        <h2>{{ t('dry-run.title') }}</h2>
        <label class="when"
          ><span class="visually-hidden">{{ t('dry-run.at') }}</span>
          <input
            #atBox
            class="input small"
            type="datetime-local"
            [value]="at()"
            (change)="at.set(atBox.value)"
        /></label>
        <label class="check"
          ><input #allBox type="checkbox" [checked]="all()" (change)="all.set(allBox.checked)" />{{
            t('dry-run.all')
          }}</label
        >
        <button type="button" class="button small" (click)="save()">
          <wl-icon name="download" />{{ t('arrears.csv') }}
        </button>
      </header>
      <wl-answer
        [of]="run"
        [empty]="run.value()?.rows?.length === 0"
        [emptyText]="t('dry-run.none')"
        [height]="220"
      >
        <ul>
          @for (row of run.value()?.rows ?? []; track row.accountId) {
            <li>
              <div class="line">
                <button
                  type="button"
                  class="link-button who"
                  [attr.aria-expanded]="open() === row.accountId"
                  (click)="toggle(row.accountId)"
                >
                  <wl-icon [name]="open() === row.accountId ? 'chevron-down' : 'chevron-right'" />{{
                    row.tenantName
                  }}
                </button>
                <span [class]="'chip ' + looks[row.action].tone"
                  ><wl-icon [name]="looks[row.action].icon" />{{ t('decision.' + row.action) }}</span
                >
                @if (row.actionIfProjected !== null && row.actionIfProjected !== row.action) {
                  <span class="chip notice">{{
                    t('dry-run.projected', { action: t('decision.' + row.actionIfProjected) })
                  }}</span>
                }
                @if (row.expectedCutMs !== null) {
                  <span class="chip warn"
                    ><wl-icon name="info" />{{
                      t('dry-run.expected', { time: formats.instant(row.expectedCutMs) })
                    }}</span
                  >
                } @else if (row.action === 'leave' && row.safeBy.length > 0) {
                  <span class="muted">{{ safeText(row.safeBy) }}</span>
                }
                <span class="grow"></span>
                <span class="figures">{{ formats.money(row.balanceMicros) }}</span>
                <wl-icon name="arrow-right" /><span class="figures muted">{{
                  formats.money(row.projectedBalanceMicros)
                }}</span>
              </div>
              @if (open() === row.accountId) {
                <div class="evidence">
                  <wl-gate-list [gates]="row.gates" />
                  <a [routerLink]="['/p', site.projectId(), 'accounts', row.accountId]">{{
                    t('wall.open-account')
                  }}</a>
                </div>
              }
            </li>
          }
        </ul>
      </wl-answer>
      <footer class="card-foot">{{ t('dry-run.note') }}</footer>
    </section>
  `,
  styleUrl: '../../supply/decision-list.css',
})
export class DryRunView {
  private readonly billing = inject(BillingApi);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly looks = actionLooks;
  protected readonly at = signal(
    localFieldValue(Math.ceil(inject(Clock).exactMs() / 3_600_000) * 3_600_000, this.site.zone()),
  );
  protected readonly all = signal(false);
  protected readonly open = signal<string | null>(null);
  private readonly atMs = computed(() => instantOfLocalField(this.at(), this.site.zone()));
  protected readonly run = ask({
    params: () => {
      const projectId = this.site.projectId();
      const at = this.atMs();
      return projectId === null || at === null ? undefined : { projectId, query: { at, all: this.all() } };
    },
    load: ({ projectId, query }, abort) => this.billing.dryRun(projectId, query, abort),
    subject: ({ projectId }) => projectId,
  });

  /** Why an account is safe: at most two gates; the list opens to all of them. */
  protected safeText(gates: readonly string[]): string {
    const names = gates.slice(0, 2).map((gate) => this.t(`gate-holds.${gate}`));
    return gates.length > 2 ? `${names.join(', ')} …` : names.join(', ');
  }

  protected save(): void {
    const answer = this.run.value();
    if (answer === undefined) return;
    const money = (micros: number | null) => numberCell('', micros === null ? null : micros / 1_000_000);
    const instant = (ms: number | null) => textCell(ms === null ? null : this.formats.instant(ms));
    const labels = ['energy.tenant', 'dry-run.action', 'dry-run.when', 'dry-run.safe', 'wall.balance'];
    const more = ['dry-run.projected-balance', 'fact.emergencyCreditMicros', 'fact.arrearsMicros'];
    const csv = csvOf({
      caption: this.t('supply.tab.dry-run'),
      columns: [...labels, ...more].map((label) => ({ label: this.t(label) })),
      rows: answer.rows.map((row) => [
        textCell(row.tenantName),
        textCell(this.t(`decision.${row.action}`)),
        instant(row.expectedCutMs),
        textCell(row.safeBy.map((gate) => this.t(`gate-holds.${gate}`)).join('; ')),
        money(row.balanceMicros),
        money(row.projectedBalanceMicros),
        money(row.emergencyCreditMicros),
        money(row.arrearsMicros),
      ]),
    });
    download('dry-run.csv', csv);
  }

  protected toggle(accountId: string): void {
    this.open.update((open) => (open === accountId ? null : accountId));
  }
}
