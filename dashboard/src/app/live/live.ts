// SPDX-License-Identifier: Apache-2.0
import { DOCUMENT, DestroyRef, Injectable, effect, inject, signal } from '@angular/core';
import { Subject, type Observable } from 'rxjs';
import type { LiveEvent, LiveEventName } from '@wattledger/contracts/http/analytics';
import { Clock } from '../clock/clock.ts';
import { Site } from '../session/site.ts';
import { SignedIn } from '../session/session.ts';

export type LiveState = 'off' | 'connecting' | 'live' | 'broken';

const names: readonly LiveEventName[] = [
  'hello',
  'energy',
  'telemetry',
  'accounts',
  'alarms',
  'commands',
  'resync',
  'bye',
];
const backOffMsMin = 1_000;
const backOffMsMax = 30_000;
/** A hidden tab gives its connection back after this: browsers allow six to one server. */
const hiddenMsMax = 60_000;

/** The stream of what happens in the open project. */
@Injectable({ providedIn: 'root' })
export class Live {
  private readonly clock = inject(Clock);
  private readonly document = inject(DOCUMENT);
  private readonly subjects = new Map<LiveEventName, Subject<unknown>>();
  private source: EventSource | null = null;
  private projectId: string | null = null;
  private failures = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  readonly state = signal<LiveState>('off');
  /** When the last event came. */
  readonly lastEventMs = signal<number | null>(null);
  /** Newest reading seen since the project was opened. */
  readonly newestReadingMs = signal<number | null>(null);
  /** Emits when events may have been missed: ask again. */
  readonly resync = new Subject<void>();

  constructor() {
    const site = inject(Site);
    const signedIn = inject(SignedIn);
    effect(() => this.open(signedIn.session() === null ? null : site.projectId()));
    const onVisibility = (): void => this.visibilityChanged();
    this.document.addEventListener('visibilitychange', onVisibility);
    inject(DestroyRef).onDestroy(() => {
      this.document.removeEventListener('visibilitychange', onVisibility);
      this.open(null);
    });
  }

  on<Name extends LiveEventName>(name: Name): Observable<LiveEvent<Name>> {
    let subject = this.subjects.get(name);
    if (subject === undefined) this.subjects.set(name, (subject = new Subject<unknown>()));
    return subject as unknown as Observable<LiveEvent<Name>>;
  }

  private open(projectId: string | null): void {
    this.close();
    this.projectId = projectId;
    this.failures = 0;
    this.newestReadingMs.set(null);
    this.lastEventMs.set(null);
    if (projectId === null) this.state.set('off');
    else this.connect(projectId);
  }

  private connect(projectId: string): void {
    const again = this.failures > 0;
    this.state.set(again ? 'broken' : 'connecting');
    const source = new EventSource(`/api/projects/${projectId}/live`);
    this.source = source;
    for (const name of names) {
      source.addEventListener(name, (event) =>
        this.received(name, JSON.parse((event as MessageEvent<string>).data)),
      );
    }
    source.onopen = () => {
      this.failures = 0;
      this.state.set('live');
      if (again) this.resync.next();
    };
    source.onerror = () => this.failed();
  }

  private received(name: LiveEventName, data: unknown): void {
    this.lastEventMs.set(this.clock.exactMs());
    if (name === 'energy') {
      const newest = Math.max(
        ...(data as LiveEvent<'energy'>).points.map((point) => point.lastReadingMs),
        this.newestReadingMs() ?? 0,
      );
      if (newest > 0) this.newestReadingMs.set(newest);
    }
    if (name === 'resync') this.resync.next();
    if (name === 'bye') this.failed();
    this.subjects.get(name)?.next(data);
  }

  private failed(): void {
    const projectId = this.projectId;
    this.close();
    this.failures += 1;
    this.state.set('broken');
    const waitMs = Math.min(backOffMsMax, backOffMsMin * 2 ** Math.min(this.failures - 1, 10));
    this.retryTimer = setTimeout(() => {
      if (projectId !== null && projectId === this.projectId) this.connect(projectId);
    }, waitMs);
  }

  private visibilityChanged(): void {
    clearTimeout(this.hiddenTimer);
    if (this.document.hidden) {
      this.hiddenTimer = setTimeout(() => {
        this.close();
        this.state.set('off');
      }, hiddenMsMax);
    } else if (this.source === null && this.projectId !== null && this.state() === 'off') {
      // Whatever came meanwhile was missed: counts as a failure, so that opening asks the pages to ask again.
      this.failures = 1;
      this.connect(this.projectId);
    }
  }

  private close(): void {
    clearTimeout(this.retryTimer);
    this.source?.close();
    this.source = null;
  }
}
