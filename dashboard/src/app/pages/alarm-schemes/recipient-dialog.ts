// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { alarmSeverities, roles } from '@wattledger/contracts';
import {
  noticeChannels,
  recipientShape,
  type AlarmPeople,
  type AlarmRecipient,
  type NoticeChannel,
} from '@wattledger/contracts/http/alarms';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { languages } from '../../words/languages.ts';
import { Words } from '../../words/words.ts';
import { alarmKindsShown } from '../alarms/alarm-looks.ts';

export interface RecipientData {
  /** Null: a new one. */
  readonly recipient: AlarmRecipient | null;
  readonly people: AlarmPeople['people'];
  readonly channels: readonly NoticeChannel[];
}
type Who = AlarmRecipient['to']['kind'];

const fresh: AlarmRecipient = {
  to: { kind: 'role', role: 'engineer' },
  channel: 'in-app',
  language: 'en',
  kinds: null,
  severityMin: 'information',
  afterMinutes: 0,
};

/** One who is told: who, by which channel, of what, and when. */
@Component({
  selector: 'wl-recipient-dialog',
  imports: [DialogFrame],
  templateUrl: './recipient-dialog.html',
  styles: `
    .form-grid {
      align-items: start;
    }
    .kinds {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(190px, 1fr));
      gap: 4px 12px;
      margin: 0;
      padding: 8px 12px;
      border: 1px solid var(--line);
      border-radius: var(--radius);
    }
  `,
})
export class RecipientDialog {
  protected readonly data = inject<RecipientData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<AlarmRecipient>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly kinds = alarmKindsShown;
  protected readonly severities = alarmSeverities;
  protected readonly languages = languages;
  protected readonly roles = roles.filter((role) => role !== 'tenant');
  protected readonly whoKinds = ['role', 'staff', 'tenant', 'address'] as const;
  protected readonly draft = signal<AlarmRecipient>(this.data.recipient ?? fresh);
  protected readonly tried = signal(false);
  protected readonly channels = computed(() => {
    const { kind } = this.draft().to;
    return noticeChannels.filter((channel) => {
      if (channel === 'in-app') return kind === 'role' || kind === 'staff';
      if (channel === 'webhook') return kind === 'address';
      return channel === 'email' || kind === 'tenant' || kind === 'address';
    });
  });
  protected readonly isValid = computed(() => recipientShape.safeParse(this.draft()).success);
  protected readonly address = computed(() => {
    const { to } = this.draft();
    return to.kind === 'address' ? to : null;
  });

  protected change(part: Partial<AlarmRecipient>): void {
    this.draft.update((draft) => ({ ...draft, ...part }));
  }

  protected changeWho(text: string): void {
    const kind = this.whoKinds.find((one) => one === text) ?? 'role';
    this.change({ to: this.firstOf(kind) });
    const [first] = this.channels();
    if (first !== undefined && !this.channels().includes(this.draft().channel))
      this.change({ channel: first });
  }

  private firstOf(kind: Who): AlarmRecipient['to'] {
    switch (kind) {
      case 'role':
        return { kind, role: 'engineer' };
      case 'staff':
        return { kind, staffId: this.data.people[0]?.id ?? '' };
      case 'tenant':
        return { kind };
      case 'address':
        return { kind, name: '', address: '' };
    }
  }

  protected changeRole(text: string): void {
    const role = roles.find((one) => one === text);
    if (role !== undefined) this.change({ to: { kind: 'role', role } });
  }

  protected changeAddress(part: { readonly name?: string; readonly address?: string }): void {
    const { to } = this.draft();
    if (to.kind === 'address') this.change({ to: { ...to, ...part } });
  }

  protected changeChannel(text: string): void {
    const channel = noticeChannels.find((one) => one === text);
    if (channel !== undefined) this.change({ channel });
  }

  protected changeLanguage(text: string): void {
    this.change({ language: text === 'zh' ? 'zh' : 'en' });
  }

  protected changeSeverity(text: string): void {
    const severityMin = alarmSeverities.find((one) => one === text);
    if (severityMin !== undefined) this.change({ severityMin });
  }

  protected has(kind: (typeof alarmKindsShown)[number]): boolean {
    return this.draft().kinds?.includes(kind) ?? true;
  }

  protected toggle(kind: (typeof alarmKindsShown)[number], on: boolean): void {
    const kinds = alarmKindsShown.filter((one) => (one === kind ? on : this.has(one)));
    this.change({ kinds: kinds.length === alarmKindsShown.length ? null : [...kinds] });
  }

  protected save(): void {
    this.tried.set(true);
    const checked = recipientShape.safeParse(this.draft());
    if (checked.success) this.dialog.close(checked.data);
  }
}
