// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { MeteringPointDetail } from '@wattledger/contracts/http/registry';
import { Answer } from '../../api/answer.ts';
import { MeteringApi } from '../../api/metering-api.ts';
import { ask } from '../../api/question.ts';
import { Formats } from '../../format/formats.ts';
import { Icon } from '../../look/icon.ts';
import { TableBox } from '../../look/table-box.ts';
import { QualityBadge } from '../../quality/quality-badge.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

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
  private readonly metering = inject(MeteringApi);
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
