// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, output } from '@angular/core';
import type { MeteringPointDetail, MountingChange } from '@wattledger/contracts/http/registry';
import { Answer } from '../api/answer.ts';
import { MeteringApi } from '../api/metering-api.ts';
import { ask } from '../api/question.ts';
import { Formats } from '../format/formats.ts';
import { Dialogs } from '../look/dialogs.ts';
import { Icon } from '../look/icon.ts';
import { TableBox } from '../look/table-box.ts';
import { QualityBadge } from '../quality/quality-badge.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { UndoMountingDialog, type UndoMountingData } from './undo-mounting-dialog.ts';

/** A change is folded and counted within about a second. */
const countedMs = 2_000;

/** Which meter counted here and when, and the proof: sum of the slots = closing − opening. */
@Component({
  selector: 'wl-mounting-tab',
  imports: [Answer, Icon, QualityBadge, TableBox],
  templateUrl: './mounting-tab.html',
  styles: `
    .stack {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: var(--s4);
    }
    .proof {
      font-size: var(--t-l);
      font-variant-numeric: tabular-nums;
    }
    .undone {
      text-decoration: line-through;
    }
  `,
})
export class MountingTab {
  readonly point = input.required<MeteringPointDetail>();
  /** A change was taken back. */
  readonly changed = output();
  private readonly metering = inject(MeteringApi);
  private readonly dialogs = inject(Dialogs);
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  private readonly pointId = computed(() => this.point().id);
  protected readonly closure = ask({
    params: () => {
      const projectId = this.site.projectId();
      return projectId === null ? undefined : { projectId, pointId: this.pointId() };
    },
    load: ({ projectId, pointId }, abort) => this.metering.closure(projectId, pointId, abort),
    subject: ({ pointId }) => pointId,
  });

  protected async undo({ id, kind }: MountingChange): Promise<void> {
    const projectId = this.site.projectId();
    if (projectId === null) return;
    const data = { projectId, changeId: id, change: this.t(`mounting-change.${kind}`) };
    const done = await this.dialogs.open<boolean, UndoMountingData>(UndoMountingDialog, data);
    if (done !== true) return;
    this.changed.emit();
    setTimeout(() => this.closure.reload(), countedMs);
  }

  protected serialOf(meterId: string): string {
    return (
      this.site.meters().get(meterId)?.serial ??
      this.point().mountings.find((mounting) => mounting.meterId === meterId)?.meterSerial ??
      meterId
    );
  }

  /** Base units in kWh or m³, to the last one. */
  protected exact(consumption: number): string {
    return this.formats.decimal(consumption / 1000, 3);
  }

  protected ratio(mounting: {
    readonly multiplierNumerator: number;
    readonly multiplierDenominator: number;
  }): string {
    const { multiplierNumerator: numerator, multiplierDenominator: denominator } = mounting;
    return denominator === 1
      ? this.formats.count(numerator)
      : `${this.formats.count(numerator)} / ${this.formats.count(denominator)}`;
  }
}
