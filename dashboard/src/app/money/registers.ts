// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input } from '@angular/core';
import type { RegisterEvidence } from '@wattledger/contracts/http/billing';
import { AnalyticsApi } from '../api/analytics-api.ts';
import { ask } from '../api/question.ts';
import { Formats } from '../format/formats.ts';
import { TableBox } from '../look/table-box.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

const pointsMax = 100;
const readingsLookedAt = 50;

/** The newest accepted reading of each point's meters at or before an instant. */
async function registersAt(
  analytics: AnalyticsApi,
  { projectId, pointIds, atMs }: { projectId: string; pointIds: readonly string[]; atMs: number },
  abort: AbortSignal,
): Promise<readonly RegisterEvidence[]> {
  const query = { beforeMs: atMs + 1, limit: readingsLookedAt };
  const answers = await Promise.all(
    pointIds.slice(0, pointsMax).map((id) => analytics.readings(projectId, id, query, abort)),
  );
  return answers.flatMap(({ meteringPointId, rows }) => {
    const newest = rows.find((row) => row.verdict === 'accepted');
    if (newest === undefined) return [];
    const { meterId, register, value, scaler, instantMs: readAtMs } = newest;
    return [{ meteringPointId, meterId, register, value, scaler, readAtMs }];
  });
}

/** Registers as they stood at an instant: asked again whenever points or instant change. Call where `inject` may be called. */
export function registersQuestion(params: () => { pointIds: readonly string[]; atMs: number } | undefined) {
  const analytics = inject(AnalyticsApi);
  const site = inject(Site);
  return ask({
    params: () => {
      const asked = params();
      const projectId = site.projectId();
      // Who may not see meters sees accounts without their registers.
      if (asked === undefined || projectId === null || !site.may('meter:read')) return undefined;
      return { projectId, ...asked };
    },
    load: async (asked, abort) => await registersAt(analytics, asked, abort),
  });
}

/** Registers as evidence, one row per point: where a point has none, that is said. */
@Component({
  selector: 'wl-registers',
  imports: [TableBox],
  template: `
    <div class="table-box">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{{ t('energy.point') }}</th>
            <th scope="col">{{ t('wall.serial') }}</th>
            <th scope="col" class="num">{{ t('registers.value') }}</th>
            <th scope="col" class="num">{{ t('registers.read-at') }}</th>
          </tr>
        </thead>
        <tbody>
          @for (row of rows(); track row.pointId) {
            <tr>
              <th scope="row">{{ site.points().get(row.pointId)?.name ?? row.pointId }}</th>
              @if (row.reading; as reading) {
                <td class="mono">{{ site.meters().get(reading.meterId)?.serial ?? reading.meterId }}</td>
                <td class="num">{{ formats.register(reading.value, reading.scaler) }}</td>
                <td class="num">{{ formats.instant(reading.readAtMs) }}</td>
              } @else {
                <td colspan="3" class="muted">{{ t('registers.none') }}</td>
              }
            </tr>
          }
        </tbody>
      </table>
    </div>
  `,
})
export class Registers {
  readonly pointIds = input.required<readonly string[]>();
  readonly readings = input.required<readonly RegisterEvidence[]>();
  protected readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly rows = computed(() =>
    this.pointIds().map((pointId) => ({
      pointId,
      reading: this.readings().find((reading) => reading.meteringPointId === pointId) ?? null,
    })),
  );
}
