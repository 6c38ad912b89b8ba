// SPDX-License-Identifier: Apache-2.0
import { Injectable, computed, inject } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { NavigationEnd, Router, type Params } from '@angular/router';
import { filter, map } from 'rxjs';
import { media, type Medium } from '@wattledger/contracts';
import type { ComparisonKind } from '@wattledger/contracts/http/analytics';
import { Clock } from '../clock/clock.ts';
import { dayOfInstant } from '../format/time-format.ts';
import { Site } from '../session/site.ts';
import {
  addDays,
  comparedPeriod,
  isDay,
  periodKinds,
  periodOf,
  type Period,
  type PeriodKind,
} from './period.ts';

const comparisons: readonly ComparisonKind[] = ['none', 'previous', 'last-year'];
const comparisonKey = 'wattledger.compare';
/** Parameters that go along from page to page. */
const carriedNames = ['period', 'day', 'to', 'compare', 'medium'] as const;

/** What is looked at. It lives in the address, so that a link, a reload and the back button keep it. */
@Injectable({ providedIn: 'root' })
export class Selection {
  private readonly router = inject(Router);
  private readonly site = inject(Site);
  private readonly clock = inject(Clock);
  /** Parameters of the address. */
  readonly query = toSignal(
    this.router.events.pipe(
      filter((event) => event instanceof NavigationEnd),
      map(() => this.router.parseUrl(this.router.url).queryParams),
    ),
    { initialValue: {} as Params },
  );
  /** The present local day in the project's zone. */
  readonly today = computed(() => dayOfInstant(this.clock.nowMs(), this.site.zone()));

  readonly period = computed<Period>(
    () => {
      const query = this.query();
      const kind: PeriodKind = oneOf(periodKinds, query['period']) ?? 'month';
      const day = isDay(query['day']) ? query['day'] : this.today();
      return periodOf(kind, day, isDay(query['to']) ? query['to'] : day);
    },
    { equal: (a, b) => a.kind === b.kind && a.from === b.from && a.to === b.to },
  );
  /** The period holds the present day. */
  readonly running = computed(() => this.period().from <= this.today() && this.today() < this.period().to);
  readonly compare = computed<ComparisonKind>(
    () => oneOf(comparisons, this.query()['compare']) ?? rememberedComparison(),
  );
  readonly comparedWith = computed(() => {
    const compare = this.compare();
    return compare === 'none' ? null : comparedPeriod(this.period(), compare);
  });
  readonly medium = computed<Medium>(() => oneOf(media, this.query()['medium']) ?? 'electricity');
  /** For links to other pages. */
  readonly carried = computed<Params>(() => {
    const query = this.query();
    return Object.fromEntries(
      carriedNames.filter((name) => query[name] !== undefined).map((name) => [name, query[name]]),
    );
  });

  choosePeriod(period: Period): void {
    const holdsToday = period.from <= this.today() && this.today() < period.to;
    this.patch({
      period: period.kind,
      day: period.kind !== 'free' && holdsToday ? null : period.from,
      to: period.kind === 'free' ? addDays(period.to, -1) : null,
    });
  }

  chooseComparison(compare: ComparisonKind): void {
    try {
      localStorage.setItem(comparisonKey, compare);
    } catch {
      // Not remembered then; the address still carries it.
    }
    this.patch({ compare });
  }

  /** Changes parameters of the address; null takes one away. Replaces the entry when the change is a mere refinement. */
  patch(parameters: Params, options: { readonly replace?: boolean } = {}): void {
    void this.router.navigate([], {
      queryParams: parameters,
      queryParamsHandling: 'merge',
      replaceUrl: options.replace ?? false,
    });
  }

  /** A page's own parameter as text. */
  text(name: string): string | null {
    const value: unknown = this.query()[name];
    return typeof value === 'string' && value !== '' ? value : null;
  }

  /** A page's own parameter as a list. */
  list(name: string): readonly string[] {
    return this.text(name)?.split(',') ?? [];
  }

  /** A page's own parameter as one of a few words. */
  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    return oneOf(choices, this.query()[name]) ?? otherwise;
  }
}

function oneOf<T extends string>(choices: readonly T[], value: unknown): T | undefined {
  return choices.find((choice) => choice === value);
}

function rememberedComparison(): ComparisonKind {
  try {
    return oneOf(comparisons, localStorage.getItem(comparisonKey)) ?? 'previous';
  } catch {
    return 'previous';
  }
}
