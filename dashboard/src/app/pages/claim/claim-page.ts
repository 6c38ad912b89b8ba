// SPDX-License-Identifier: Apache-2.0
import { Component, computed, effect, inject, signal, untracked } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { ClaimAnswer, DeviceLookup } from '@wattledger/contracts/http/claims';
import { Answer } from '../../api/answer.ts';
import { command } from '../../api/command.ts';
import { DevicesApi } from '../../api/devices-api.ts';
import { ask } from '../../api/question.ts';
import { Clock } from '../../clock/clock.ts';
import { IntervalField } from '../../devices/interval-field.ts';
import { SignalBars } from '../../devices/signal-bars.ts';
import { emptyTransport } from '../../devices/transport-draft.ts';
import { TransportFields } from '../../devices/transport-fields.ts';
import { callingKinds } from '../../devices/transport-words.ts';
import { Formats } from '../../format/formats.ts';
import { Dialogs } from '../../look/dialogs.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Icon } from '../../look/icon.ts';
import { SearchPicker, type PickerItem } from '../../look/search-picker.ts';
import { Selection } from '../../selection/selection.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';
import {
  anotherMeter,
  bodyOf,
  draftOfDevice,
  faultsOfRow,
  withAll,
  type ClaimDraft,
  type MeterDraft,
} from './claim-draft.ts';
import { ClaimMeter, type ClaimChoices } from './claim-meter.ts';
import { ClaimProgress } from './claim-progress.ts';
import { ScanDialog } from './scan-dialog.ts';

const unclaimedShown = 50;

/** From a label to a gateway that reads: scan or type, look at what called in, say where it belongs, done. */
@Component({
  selector: 'wl-claim-page',
  imports: [
    Answer,
    ClaimMeter,
    ClaimProgress,
    FaultNote,
    Icon,
    IntervalField,
    RouterLink,
    SearchPicker,
    SignalBars,
    TransportFields,
  ],
  templateUrl: './claim-page.html',
  styleUrl: './claim-page.css',
})
export class ClaimPage {
  private readonly devices = inject(DevicesApi);
  private readonly dialogs = inject(Dialogs);
  private readonly clock = inject(Clock);
  protected readonly site = inject(Site);
  protected readonly selection = inject(Selection);
  protected readonly formats = inject(Formats);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly callingKinds = callingKinds;
  /** What was scanned, typed or chosen; in the address, so that a reload keeps it. */
  protected readonly label = computed(() => this.selection.text('serial'));
  protected readonly typed = signal('');
  protected readonly draft = signal<ClaimDraft | null>(null);
  protected readonly done = signal<ClaimAnswer | null>(null);
  protected readonly checked = signal(false);
  protected readonly command = command();
  private readonly faults = signal<readonly { readonly path: string; readonly message: string }[]>([]);

  protected readonly lookup = ask({
    params: () => this.label() ?? undefined,
    load: (label, abort) => this.devices.lookup(label, abort),
    subject: (label) => label,
  });
  protected readonly unclaimed = ask({
    params: () => true,
    load: (_, abort) => this.devices.unclaimed({ limit: unclaimedShown }, abort),
  });
  private readonly maps = ask({ params: () => true, load: (_, abort) => this.devices.registerMaps(abort) });
  protected readonly found = computed(() => this.lookup.value() ?? null);
  protected readonly projectInterval = computed(
    () => this.site.tree.value()?.project.pollIntervalSeconds ?? null,
  );
  protected readonly body = computed(() => {
    const draft = this.draft();
    return draft === null ? null : bodyOf(draft);
  });
  /** Faults that belong to no meter's row. */
  protected readonly shownFault = computed(() => {
    const fault = this.command.fault();
    return fault === null
      ? null
      : { ...fault, faults: fault.faults.filter(({ path }) => !path.startsWith('meters.')) };
  });
  protected readonly otherFaults = computed(() =>
    this.faults().filter(({ path }) => !path.startsWith('meters.')),
  );
  protected readonly rowFaults = computed(() => {
    const faults = [...(this.command.fault()?.faults ?? []), ...this.faults()];
    return (this.draft()?.meters ?? []).map((_, index) => faultsOfRow(faults, index));
  });
  protected readonly choices = computed<ClaimChoices>(() => {
    const tree = this.site.tree.value();
    const none = (group: string): PickerItem => ({
      id: 'none',
      label: this.t('claim.none'),
      detail: '',
      icon: 'minus',
      group,
    });
    const points = (tree?.points ?? []).map((point) => ({
      id: point.id,
      label: point.name,
      detail: [point.code, this.site.placeName(point.placeId)].filter((part) => part !== '').join(' · '),
      icon: 'gauge' as const,
      group: this.t(`point-role.${point.role}`),
      mounted: point.mounting !== null,
    }));
    const rank = (point: { readonly id: string }): number =>
      ['supply', 'main', 'feeder', 'generation', 'sub'].indexOf(
        this.site.points().get(point.id)?.role ?? 'sub',
      );
    return {
      maps: [...(this.maps.value()?.maps ?? [])].sort((a, b) =>
        `${a.vendor} ${a.model}`.localeCompare(`${b.vendor} ${b.model}`),
      ),
      places: [
        none(this.t('subject.place')),
        ...(tree?.places ?? []).map((place) => ({
          id: place.id,
          label: place.name,
          detail: this.site.placeName(place.parentId),
          icon: 'wall' as const,
          group: this.t('subject.place'),
        })),
      ],
      tenants: [
        none(this.t('energy.tenant')),
        ...(tree?.tenants ?? []).map((tenant) => ({
          id: tenant.id,
          label: tenant.name,
          detail: tenant.code,
          icon: 'user' as const,
          group: this.t('energy.tenant'),
        })),
      ],
      parents: [none(this.t('claim.parent')), ...[...points].sort((a, b) => rank(a) - rank(b))],
      free: points.filter((point) => !point.mounted),
    };
  });
  protected readonly ready = computed(
    () =>
      this.draft() !== null &&
      this.body() !== null &&
      this.draft()?.meters.every((meter) => meter.modelId !== null) === true,
  );

  constructor() {
    effect(() => {
      const found = this.found();
      if (found === null || this.site.tree.value() === undefined) return;
      // Once per device: what a person has filled in meanwhile is not overwritten.
      if (untracked(this.draft)?.serial === found.serial) return;
      untracked(() => this.begin(found));
    });
  }

  protected async scan(): Promise<void> {
    const serial = await this.dialogs.open<string>(ScanDialog, null);
    if (serial !== undefined) this.choose(serial);
  }

  protected choose(label: string): void {
    if (label.trim() === '') return;
    this.draft.set(null);
    this.done.set(null);
    this.selection.patch({ serial: label.trim() });
  }

  protected another(): void {
    this.draft.set(null);
    this.done.set(null);
    this.typed.set('');
    this.faults.set([]);
    this.unclaimed.reload();
    this.selection.patch({ serial: null });
  }

  protected set(change: Partial<ClaimDraft>): void {
    this.draft.update((draft) => (draft === null ? null : { ...draft, ...change }));
  }

  protected setMeter(index: number, meter: MeterDraft): void {
    this.set({ meters: (this.draft()?.meters ?? []).map((other, at) => (at === index ? meter : other)) });
  }

  protected removeMeter(index: number): void {
    this.faults.set([]);
    this.set({ meters: (this.draft()?.meters ?? []).filter((_, at) => at !== index) });
  }

  protected setAll(field: 'parentId' | 'placeId', picked: string): void {
    const id = picked === 'none' ? null : picked;
    this.set({ meters: withAll(this.draft()?.meters ?? [], { [field]: id }) });
  }

  protected addMeter(): void {
    const draft = this.draft();
    if (draft !== null) this.set({ meters: [...draft.meters, anotherMeter(draft.meters, draft.serial)] });
  }

  protected age(atMs: number): string {
    return this.formats.age(Math.max(0, this.clock.nowMs() - atMs));
  }

  /** Asks what would stand in the way; changes nothing. */
  protected async check(): Promise<void> {
    const answer = await this.send(true);
    this.checked.set(answer?.faults.length === 0);
    if (answer !== undefined) this.faults.set(answer.faults);
  }

  protected async claim(): Promise<void> {
    const answer = await this.send(false);
    if (answer === undefined) return;
    this.done.set(answer);
    this.site.tree.reload();
  }

  private async send(dryRun: boolean): Promise<ClaimAnswer | undefined> {
    const body = this.body();
    if (body === null) return undefined;
    this.faults.set([]);
    this.checked.set(false);
    return await this.command.run({ ...body, dryRun }, (key) =>
      this.devices.claim(this.site.projectId() ?? '', { ...body, dryRun }, key),
    );
  }

  private begin(found: DeviceLookup): void {
    this.faults.set([]);
    this.checked.set(false);
    if (found.state === 'claimed') {
      this.draft.set(null);
      return;
    }
    const mounted = this.site.pointsOfMeter();
    const meters = this.site.tree.value()?.meters ?? [];
    const known = new Map(meters.map((meter) => [meter.serial, { mounted: mounted.has(meter.id) }]));
    const transport =
      found.device === null ? { ...emptyTransport, kind: 'mqtt' as const, calledName: found.serial } : null;
    this.draft.set(draftOfDevice(found.serial, found.device, { known }, transport));
  }
}
