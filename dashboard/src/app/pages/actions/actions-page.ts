// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, signal } from '@angular/core';
import type { Action, ActionVerify } from '@wattledger/contracts/http/registry';
import { Answer } from '../../api/answer.ts';
import { ask } from '../../api/question.ts';
import { RegistryApi } from '../../api/registry-api.ts';
import { csvOf, download } from '../../chart/csv.ts';
import { numberCell, textCell } from '../../chart/data-table.ts';
import { Formats } from '../../format/formats.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { SignedIn } from '../../session/session.ts';
import { Words } from '../../words/words.ts';

const pageLimit = 100;

/** Who did what, when, from where, before and after; a chain that can be checked. */
@Component({
  selector: 'wl-actions-page',
  imports: [Answer, Icon, TableBox],
  templateUrl: './actions-page.html',
  styleUrl: './actions-page.css',
})
export class ActionsPage {
  private readonly registry = inject(RegistryApi);
  private readonly notices = inject(Notices);
  private readonly signedIn = inject(SignedIn);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly projects = this.signedIn.projects;
  /** The group's log is for those who may read it everywhere; others choose a project. */
  protected readonly groupReadable = computed(() => this.signedIn.may('audit:read', null));
  protected readonly projectId = computed(() => {
    const chosen = this.selection.text('project');
    if (chosen !== null) return chosen;
    return this.groupReadable() ? null : (this.projects()[0]?.id ?? null);
  });
  protected readonly subject = computed(() => this.selection.text('q'));
  private readonly query = computed(() => ({ limit: pageLimit, subject: this.subject() }));
  private readonly older = signal<readonly Action[]>([]);
  private readonly olderNext = signal<string | null | undefined>(undefined);
  protected readonly open = signal<number | null>(null);
  protected readonly verified = signal<ActionVerify | null>(null);
  protected readonly verifying = signal(false);

  protected readonly actions = ask({
    params: () => ({ projectId: this.projectId(), query: this.query() }),
    load: ({ projectId, query }, abort) =>
      projectId === null
        ? this.registry.actions(query, abort)
        : this.registry.projectActions(projectId, query, abort),
    subject: ({ projectId, query }) => `${projectId ?? '*'}|${query.subject ?? ''}`,
  });
  protected readonly rows = computed(() => [...(this.actions.value()?.actions ?? []), ...this.older()]);
  protected readonly next = computed(() => {
    const older = this.olderNext();
    return older === undefined ? (this.actions.value()?.next ?? null) : older;
  });

  constructor() {
    effect(() => {
      this.projectId();
      this.query();
      this.older.set([]);
      this.olderNext.set(undefined);
    });
  }

  protected projectName(projectId: string | null): string {
    return projectId === null
      ? ''
      : (this.projects().find((project) => project.id === projectId)?.name ?? projectId);
  }

  protected actionName(action: string): string {
    return this.words.nameOf('action.' + action, action);
  }

  protected json(value: unknown): string {
    return value === null || value === undefined ? '' : JSON.stringify(value, null, 2);
  }

  protected toggle(sequence: number): void {
    this.open.update((open) => (open === sequence ? null : sequence));
  }

  protected async verify(): Promise<void> {
    this.verifying.set(true);
    try {
      this.verified.set(await this.registry.verifyActions());
    } catch (error) {
      this.notices.failed(error);
    } finally {
      this.verifying.set(false);
    }
  }

  protected async more(): Promise<void> {
    const after = this.next();
    if (after === null) return;
    const projectId = this.projectId();
    const query = { ...this.query(), after };
    try {
      const page = await (projectId === null
        ? this.registry.actions(query)
        : this.registry.projectActions(projectId, query));
      this.older.update((rows) => [...rows, ...page.actions]);
      this.olderNext.set(page.next);
    } catch (error) {
      this.notices.failed(error);
    }
  }

  protected exportCsv(): void {
    const keys = [
      'ledger.number',
      'energy.time',
      'staff.name',
      'actions.action',
      'actions.subject',
      'frame.project',
      'me.address',
      'actions.hash',
    ];
    download(
      'wattledger-actions.csv',
      csvOf({
        caption: '',
        columns: keys.map((key) => ({ label: this.t(key) })),
        rows: this.rows().map((row) => [
          numberCell('', row.sequence),
          textCell(new Date(row.atMs).toISOString()),
          textCell(row.principalName),
          textCell(row.action),
          textCell(row.subject),
          textCell(this.projectName(row.projectId)),
          textCell(row.remoteAddress),
          textCell(row.hash),
        ]),
      }),
    );
  }
}
