// SPDX-License-Identifier: Apache-2.0
import { Injectable, computed, inject } from '@angular/core';
import { subItems } from './sub-items.ts';
import type { Query } from '../api/api.ts';
import { Words } from '../words/words.ts';
import { Site } from '../session/site.ts';
import { Selection } from '../selection/selection.ts';
import type { PickerItem } from '../look/search-picker.ts';
import type { Subject } from '@wattledger/contracts/http/analytics';

/**
 * What energy can be asked of, as one word for the address: `all`, the id of a point, place or tenant, or
 * `sub-item:lighting`.
 */
@Injectable({ providedIn: 'root' })
export class Subjects {
  private readonly site = inject(Site);
  private readonly selection = inject(Selection);
  private readonly t = inject(Words).t;

  /** Filter of an analytics question for the subject. */
  queryOf(token: string): Query {
    if (token === 'all') return {};
    if (token.startsWith('sub-item:')) return { subItems: token.slice('sub-item:'.length) };
    if (this.site.places().has(token) || token.startsWith('plc_')) return { places: token };
    if (this.site.tenants().has(token) || token.startsWith('tnt_')) return { tenants: token };
    return { points: token };
  }

  nameOf(token: string): string {
    if (token === 'all') return this.site.project()?.name ?? '';
    if (token.startsWith('sub-item:')) return this.t(`sub-item.${token.slice('sub-item:'.length)}`);
    const place = this.site.places().get(token);
    if (place !== undefined) return this.site.placeName(token);
    return this.site.points().get(token)?.name ?? this.site.tenants().get(token)?.name ?? token;
  }

  /** Name of a row or series of an answer. */
  nameOfSubject(subject: Subject): string {
    if (subject.kind === 'sub-item') return this.t(`sub-item.${subject.id ?? 'other'}`);
    if (subject.kind === 'rest') return this.t('energy.rest');
    if (subject.kind === 'total') return this.site.project()?.name ?? this.t('energy.total');
    return subject.name ?? subject.code ?? subject.id ?? '–';
  }

  /** Everything that can be chosen, for the medium looked at. */
  readonly items = computed<readonly PickerItem[]>(() => {
    const tree = this.site.tree.value();
    if (tree === undefined) return [];
    const medium = this.selection.medium();
    return [
      {
        id: 'all',
        label: tree.project.name,
        detail: tree.project.code,
        icon: 'building',
        group: this.t('subject.project'),
      },
      ...subItems.map((item) => ({
        id: `sub-item:${item}`,
        label: this.t(`sub-item.${item}`),
        detail: '',
        icon: 'bolt' as const,
        group: this.t('subject.sub-item'),
      })),
      ...tree.places.map((place) => ({
        id: place.id,
        label: place.name,
        detail: this.site.placeName(place.parentId),
        icon: 'wall' as const,
        group: this.t('subject.place'),
      })),
      ...tree.points
        .filter((point) => point.medium === medium)
        .map((point) => ({
          id: point.id,
          label: point.name,
          detail: [point.code, this.site.placeName(point.placeId)].filter((part) => part !== '').join(' · '),
          icon: 'gauge' as const,
          group: this.t('subject.point'),
        })),
    ];
  });
}
