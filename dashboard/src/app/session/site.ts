// SPDX-License-Identifier: Apache-2.0
import { Injectable, computed, inject, signal } from '@angular/core';
import type { Tree, TreePoint } from '@wattledger/contracts/http/registry';
import { Api } from '../api/api.ts';
import { ask } from '../api/question.ts';
import { SignedIn } from './session.ts';

type Place = Tree['places'][number];

/** The project whose pages are open: its tree, zone and currency. */
@Injectable({ providedIn: 'root' })
export class Site {
  private readonly api = inject(Api);
  private readonly signedIn = inject(SignedIn);
  private readonly browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  /** Null on pages of the whole group. */
  readonly projectId = signal<string | null>(null);
  readonly project = computed(
    () => this.signedIn.projects().find((project) => project.id === this.projectId()) ?? null,
  );
  readonly zone = computed(() => this.project()?.zone ?? this.browserZone);
  readonly currency = computed(
    () => this.project()?.currency ?? this.signedIn.projects()[0]?.currency ?? 'CNY',
  );

  readonly tree = ask({
    params: () => this.projectId() ?? undefined,
    load: (projectId, abort) => this.api.get<Tree>(`/api/projects/${projectId}/tree`, {}, abort),
    subject: (projectId) => projectId,
  });
  readonly places = computed(() => mapById(this.tree.value()?.places));
  readonly points = computed(() => mapById(this.tree.value()?.points));
  readonly meters = computed(() => mapById(this.tree.value()?.meters));
  readonly gateways = computed(() => mapById(this.tree.value()?.gateways));
  readonly tenants = computed(() => mapById(this.tree.value()?.tenants));
  /** Points that a meter counts at now. */
  readonly pointsOfMeter = computed(() => {
    const found = new Map<string, TreePoint[]>();
    for (const point of this.tree.value()?.points ?? []) {
      const meterId = point.mounting?.meterId;
      if (meterId !== undefined) found.set(meterId, [...(found.get(meterId) ?? []), point]);
    }
    return found;
  });

  /** Rights are asked of the open project. */
  may(right: Parameters<SignedIn['may']>[0]): boolean {
    return this.signedIn.may(right, this.projectId());
  }

  /** `/api/projects/{id}` and what follows. */
  path(rest: string): string {
    return `/api/projects/${this.projectId() ?? ''}${rest}`;
  }

  /** From the top of the tree down to the place itself. */
  pathOfPlace(placeId: string | null): readonly Place[] {
    const path: Place[] = [];
    const seen = new Set<string>();
    for (let id = placeId; id !== null && !seen.has(id);) {
      seen.add(id);
      const place = this.places().get(id);
      if (place === undefined) break;
      path.unshift(place);
      id = place.parentId;
    }
    return path;
  }

  /** "Building A · 3F · 301" */
  placeName(placeId: string | null): string {
    return this.pathOfPlace(placeId)
      .map((place) => place.name)
      .join(' · ');
  }
}

function mapById<T extends { readonly id: string }>(rows: readonly T[] | undefined): ReadonlyMap<string, T> {
  return new Map((rows ?? []).map((row) => [row.id, row]));
}
