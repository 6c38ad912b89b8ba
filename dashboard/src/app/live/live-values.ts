// SPDX-License-Identifier: Apache-2.0
import { Injectable, effect, inject, signal } from '@angular/core';
import type { LiveEvent } from '@wattledger/contracts/http/analytics';
import { Site } from '../session/site.ts';
import { Live } from './live.ts';

export type LiveTelemetry = LiveEvent<'telemetry'>['meters'][number];
export type LiveAccount = LiveEvent<'accounts'>['accounts'][number];
export type LiveEnergy = LiveEvent<'energy'>['points'][number];

/** The newest that the live stream told of each meter, account and metering point of the open project. */
@Injectable({ providedIn: 'root' })
export class LiveValues {
  private readonly site = inject(Site);
  private readonly telemetryByMeter = signal<ReadonlyMap<string, LiveTelemetry>>(new Map());
  private readonly accountsById = signal<ReadonlyMap<string, LiveAccount>>(new Map());
  private readonly energyByPoint = signal<ReadonlyMap<string, LiveEnergy>>(new Map());
  readonly telemetry = this.telemetryByMeter.asReadonly();
  readonly accounts = this.accountsById.asReadonly();
  readonly energy = this.energyByPoint.asReadonly();

  constructor() {
    const live = inject(Live);
    effect(() => {
      this.site.projectId();
      this.forget();
    });
    live
      .on('telemetry')
      .subscribe(({ meters }) =>
        this.telemetryByMeter.update((known) => withNews(known, meters, (meter) => meter.meterId)),
      );
    live
      .on('accounts')
      .subscribe(({ accounts }) =>
        this.accountsById.update((known) => withNews(known, accounts, (account) => account.accountId)),
      );
    live
      .on('energy')
      .subscribe(({ points }) =>
        this.energyByPoint.update((known) => withNews(known, points, (point) => point.meteringPointId)),
      );
    // What was asked anew is newer than what was heard before the gap.
    live.resync.subscribe(() => this.forget());
  }

  private forget(): void {
    this.telemetryByMeter.set(new Map());
    this.accountsById.set(new Map());
    this.energyByPoint.set(new Map());
  }
}

function withNews<T>(
  known: ReadonlyMap<string, T>,
  news: readonly T[],
  idOf: (entry: T) => string,
): ReadonlyMap<string, T> {
  const next = new Map(known);
  for (const entry of news) next.set(idOf(entry), entry);
  return next;
}
