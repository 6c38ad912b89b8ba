// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { AccountRecord } from '@wattledger/contracts/http/billing';
import { Formats } from '../../format/formats.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

/** Openings, closings and changes: what, whose, from when, recorded when and by whom, why. */
@Component({
  selector: 'wl-record-table',
  imports: [Icon, RouterLink, TableBox],
  template: `
    <div class="table-box">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{{ t('record.recorded') }}</th>
            <th scope="col">{{ t('record.kind') }}</th>
            @if (!ofOne()) {
              <th scope="col">{{ t('energy.tenant') }}</th>
            }
            <th scope="col">{{ t('record.about') }}</th>
            <th scope="col" class="num">{{ t('record.effective') }}</th>
            <th scope="col" class="wide-only">{{ t('record.by') }}</th>
            <th scope="col" class="wide-only">{{ t('reversal.reason') }}</th>
            <th scope="col">
              <span class="visually-hidden">{{ t('record.document') }}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          @for (event of events(); track event.recordId) {
            <tr>
              <th scope="row" class="nowrap">{{ formats.instant(event.recordedAtMs) }}</th>
              <td>
                <span class="chip">{{ t('record-kind.' + event.kind) }}</span>
              </td>
              @if (!ofOne()) {
                <td class="who">
                  <a [routerLink]="['/p', site.projectId(), 'accounts', event.accountId]">{{
                    event.tenantName
                  }}</a>
                </td>
              }
              <td>{{ about(event) }}</td>
              <td class="num">{{ formats.instant(event.effectiveAtMs) }}</td>
              <td class="wide-only">{{ event.recordedBy.name }}</td>
              <td class="wide-only">{{ event.reason }}</td>
              <td>
                @if (event.postingId; as postingId) {
                  <a
                    class="button quiet small icon"
                    [routerLink]="['/p', site.projectId(), 'documents', postingId]"
                    [attr.aria-label]="t('record.document')"
                    ><wl-icon name="print"
                  /></a>
                }
                @if (event.otherAccountId; as other) {
                  <a
                    class="button quiet small icon"
                    [routerLink]="['/p', site.projectId(), 'accounts', other]"
                    [attr.aria-label]="t('record.other-account')"
                    ><wl-icon name="arrow-right"
                  /></a>
                }
              </td>
            </tr>
          }
        </tbody>
      </table>
    </div>
  `,
  styles: `
    th[scope='row'] {
      white-space: nowrap;
    }
    .who {
      min-width: 150px;
    }
    .button {
      height: 28px;
    }
  `,
})
export class RecordTable {
  readonly events = input.required<readonly AccountRecord[]>();
  /** All of one account, which need not be named in each row. */
  readonly ofOne = input(false);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;

  protected about({ kind, point, before, after }: AccountRecord): string {
    const [was, is] = [before, after].map((terms) =>
      terms === null ? null : this.demand(terms.contractedDemandW),
    );
    const schemes = [before?.priceSchemeName, after?.priceSchemeName].filter((name) => name !== undefined);
    const scheme = schemes[0] === schemes[1] ? [] : [schemes.join(' → ')];
    const demand = kind === 'demand-changed' || was !== is ? [`${was ?? '–'} → ${is ?? '–'}`] : [];
    return [point?.name, ...scheme, ...(schemes.length === 2 ? demand : [])]
      .filter((part) => part !== undefined && part !== '')
      .join(' · ');
  }

  private demand(watts: number | null): string {
    return watts === null ? '–' : `${this.formats.significant(watts / 1000)} ${this.t('unit.kw')}`;
  }
}
