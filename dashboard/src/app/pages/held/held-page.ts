// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { HeldReading, HeldReason } from '@wattledger/contracts/http/stream';
import { Answer } from '../../api/answer.ts';
import { MeteringApi } from '../../api/metering-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { Notices } from '../../notices/notices.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { ProposalCard, type Decision } from './proposal-card.ts';

const pageLimit = 200;
/** A decision is folded and counted within about a second. */
const countedMs = 2_000;

/** Readings that could not be used: kept with their reason, counted, never dropped. */
@Component({
  selector: 'wl-held-page',
  imports: [Answer, Icon, ProposalCard, RouterLink, TableBox],
  templateUrl: './held-page.html',
  styleUrl: './held-page.css',
})
export class HeldPage {
  private readonly metering = inject(MeteringApi);
  private readonly notices = inject(Notices);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly reason = computed(() => this.selection.text('reason'));
  private readonly older = signal<readonly HeldReading[]>([]);
  private readonly olderNext = signal<string | null | undefined>(undefined);
  private readonly query = computed(() => ({ reason: this.reason(), limit: pageLimit }));

  protected readonly held = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, query: this.query() };
    },
    load: ({ projectId, query }, abort) => this.metering.heldReadings(projectId, query, abort),
    subject: ({ projectId, query }) => `${projectId}|${query.reason ?? ''}`,
  });
  protected readonly registers = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.metering.heldRegisters(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly proposals = ask({
    params: () => this.site.projectId() ?? undefined,
    load: (projectId, abort) => this.metering.segmentProposals(projectId, abort),
    subject: (projectId) => projectId,
  });
  protected readonly rows = computed(() => [...(this.held.value()?.items ?? []), ...this.older()]);
  protected readonly next = computed(() => {
    const older = this.olderNext();
    return older === undefined ? (this.held.value()?.next ?? null) : older;
  });

  constructor() {
    effect(() => {
      this.query();
      this.older.set([]);
      this.olderNext.set(undefined);
    });
  }

  protected reload(): void {
    this.held.reload();
    this.registers.reload();
    this.proposals.reload();
  }

  protected decided({ text, undo }: Decision): void {
    this.notices.done(text, undo === null ? null : () => void this.takeBack(undo));
    this.reloadCounted();
  }

  private async takeBack(undo: () => Promise<unknown>): Promise<void> {
    try {
      await undo();
      this.notices.done(this.t('proposal.taken-back'));
      this.reloadCounted();
    } catch (error) {
      this.notices.failed(error);
    }
  }

  /** At once, and when the stream has counted anew. */
  private reloadCounted(): void {
    this.reload();
    setTimeout(() => this.reload(), countedMs);
  }

  protected serialOf(meterId: string): string {
    return this.site.meters().get(meterId)?.serial ?? meterId;
  }

  protected pointOf(meterId: string): { readonly id: string; readonly name: string } | null {
    return this.site.pointsOfMeter().get(meterId)?.[0] ?? null;
  }

  protected choose(reason: HeldReason): void {
    this.selection.patch({ reason: this.reason() === reason ? null : reason }, { replace: true });
  }

  protected async more(): Promise<void> {
    const cursor = this.next();
    const projectId = this.site.projectId();
    if (cursor === null || projectId === null) return;
    try {
      const page = await this.metering.heldReadings(projectId, { ...this.query(), cursor });
      this.older.update((rows) => [...rows, ...page.items]);
      this.olderNext.set(page.next);
    } catch (error) {
      this.notices.failed(error);
    }
  }
}
