// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, output, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import type {
  Explanation,
  ProposalEvidence,
  ProposedRequest,
  SegmentProposal,
} from '@wattledger/contracts/http/segment-proposals';
import { ApiError } from '../../api/api-error.ts';
import { command } from '../../api/command.ts';
import { MeteringApi } from '../../api/metering-api.ts';
import { Formats } from '../../format/formats.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import { sketchHeight, sketchOf, sketchWidth } from './register-sketch.ts';

const tones = { likely: 'good', possible: 'info', unlikely: 'warn' } as const;

export interface Decision {
  /** What was done, in words. */
  readonly text: string;
  /** Takes it back; null where nothing is left to take back. */
  readonly undo: (() => Promise<unknown>) | null;
}

/** What may have happened to one register, for a person to confirm, to choose another story, or to leave as it is. */
@Component({
  selector: 'wl-proposal-card',
  imports: [FaultNote, Icon, RouterLink],
  templateUrl: './proposal-card.html',
  styleUrl: './proposal-card.css',
})
export class ProposalCard {
  readonly proposal = input.required<SegmentProposal>();
  /** Something was decided: what is shown is no longer so, and this card may be gone at once. */
  readonly decided = output<Decision>();
  private readonly metering = inject(MeteringApi);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly command = command();
  protected readonly width = sketchWidth;
  protected readonly height = sketchHeight;
  protected readonly reason = signal('');
  protected readonly closing = signal('');
  private readonly chosenKind = signal<Explanation['kind'] | null>(null);
  protected readonly mayDecide = computed(() => this.site.may('project:write'));
  protected readonly sketch = computed(() => sketchOf(this.proposal().readings));
  protected readonly chosen = computed<Explanation | null>(() => {
    const { explanations } = this.proposal();
    return explanations.find(({ kind }) => kind === this.chosenKind()) ?? explanations[0] ?? null;
  });
  protected readonly point = computed(() => this.site.points().get(this.proposal().meteringPointId));
  protected readonly serial = computed(
    () => this.site.meters().get(this.proposal().meterId)?.serial ?? this.proposal().meterId,
  );
  protected readonly registerName = computed(() =>
    this.words.nameOf(`parameter.${this.proposal().register}`, this.proposal().register),
  );
  /** Counts of the closing reading that a person gives; NaN when it is no number. */
  private readonly closingValue = computed(() => {
    const typed = this.closing().trim().replace(',', '.');
    if (typed === '') return null;
    const scaler = this.proposal().readings[0]?.scaler ?? 0;
    return Math.round((Number(typed) * 1000) / 10 ** scaler);
  });
  protected readonly ready = computed(
    () =>
      this.reason().trim() !== '' &&
      (this.closingValue() === null || (this.closingValue() ?? Number.NaN) >= 0) &&
      !this.command.busy(),
  );

  protected choose(kind: Explanation['kind']): void {
    this.chosenKind.set(kind);
    this.closing.set('');
  }

  protected toneOf = (explanation: Explanation): string => `chip ${tones[explanation.confidence]}`;

  protected energy(consumption: number): string {
    return this.formats.consumption(consumption, this.point()?.medium);
  }

  protected more(change: number): string {
    const key = change < 0 ? 'proposal.less' : 'proposal.more';
    return this.t(key, { energy: this.energy(Math.abs(change)) });
  }

  protected evidenceOf({ code, facts }: ProposalEvidence): string {
    const figure = (name: string): string => {
      const fact = facts[name];
      if (fact === undefined) return '–';
      return name === 'sinceMs'
        ? this.formats.instant(Number(fact), 'day-time')
        : this.formats.count(Number(fact));
    };
    const named = ['value', 'width', 'powerW', 'limitW', 'leftOut', 'factor', 'from', 'to', 'sinceMs'].map(
      (name) => [name, figure(name)] as const,
    );
    return this.t(`proposal-evidence.${code}`, Object.fromEntries(named));
  }

  /** What would be written, in a sentence. */
  protected effectOf({ kind, request, atMs }: Explanation): string {
    const at = this.formats.instant(atMs, 'day-time');
    if (request.action === 'correct')
      return this.t(`proposal-effect.${kind}`, {
        width: this.formats.count(request.registerMax ?? 0),
        power: this.formats.decimal((request.powerMax ?? 0) / 1000, 1),
      });
    const { multiplierNumerator = 1, multiplierDenominator = 1, openingReading } = request.next;
    const multiplier =
      multiplierDenominator === 1
        ? this.formats.count(multiplierNumerator)
        : `${this.formats.count(multiplierNumerator)} / ${this.formats.count(multiplierDenominator)}`;
    const opening =
      openingReading == null ? '–' : this.formats.register(openingReading.value, openingReading.scaler);
    return this.t(`proposal-effect.${kind}`, { at, multiplier, opening });
  }

  protected async confirm(): Promise<void> {
    const projectId = this.site.projectId();
    const chosen = this.chosen();
    if (projectId === null || chosen === null) return;
    const { proposalId } = this.proposal();
    const change = { ...this.withClosing(chosen.request), reason: this.reason().trim() };
    const answer = await this.command.run(change, async () => {
      const now = await this.metering.segmentProposals(projectId);
      if (!now.proposals.some((one) => one.proposalId === proposalId))
        throw new ApiError(409, {
          code: 'proposal-gone',
          message: this.t('problem.proposal-gone'),
          hint: this.t('problem.proposal-gone.hint'),
        });
      return await this.metering.changeMounting(projectId, change);
    });
    if (answer === undefined) return;
    const changeId = answer.change.id;
    const undo = { action: 'undo' as const, changeId, reason: this.t('proposal.undo-reason') };
    this.decided.emit({
      text: this.t('proposal.confirmed', { serial: this.serial() }),
      undo: () => this.metering.changeMounting(projectId, undo),
    });
  }

  private withClosing(request: ProposedRequest): ProposedRequest {
    const value = this.closingValue();
    if (request.action !== 'exchange' || value === null) return request;
    return { ...request, closingReading: { value, scaler: this.proposal().readings[0]?.scaler ?? 0 } };
  }

  protected async leave(): Promise<void> {
    const projectId = this.site.projectId();
    if (projectId === null) return;
    const { proposalId } = this.proposal();
    const reason = this.reason().trim();
    const done = await this.command.run(['leave', proposalId, reason], () =>
      this.metering.rejectProposal(projectId, proposalId, reason),
    );
    if (done === undefined) return;
    this.decided.emit({
      text: this.t('proposal.left', { serial: this.serial() }),
      undo: () => this.metering.restoreProposal(projectId, proposalId),
    });
  }

  protected async restore(): Promise<void> {
    const projectId = this.site.projectId();
    if (projectId === null) return;
    const { proposalId } = this.proposal();
    const done = await this.command.run(['restore', proposalId], () =>
      this.metering.restoreProposal(projectId, proposalId),
    );
    if (done !== undefined) this.decided.emit({ text: this.t('proposal.taken-back'), undo: null });
  }
}
