// SPDX-License-Identifier: Apache-2.0
import { Component, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { noticeChannels, type NoticeChannel } from '@wattledger/contracts/http/alarms';
import { AlarmsApi } from '../../api/alarms-api.ts';
import { command } from '../../api/command.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { Words } from '../../words/words.ts';

/** Sends one message, to see whether a channel works. Its outcome stands on the page of messages. */
@Component({
  selector: 'wl-test-notice-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote],
  template: `
    <wl-dialog-frame [heading]="t('notice-test.title')">
      <p>{{ t('notice-test.text') }}</p>
      <label class="field">
        <span class="label">{{ t('recipient.channel') }}</span>
        <select #channelBox class="select" (change)="choose(channelBox.value)">
          @for (option of channels; track option) {
            <option [value]="option" [selected]="option === channel()">
              {{ t('notice-channel.' + option) }}
            </option>
          }
        </select>
        @if (!data.channels.includes(channel())) {
          <span class="hint">{{ t('recipient.not-set-up-hint') }}</span>
        }
      </label>
      @if (channel() !== 'in-app') {
        <label class="field">
          <span class="label">{{ t('recipient-address.' + channel()) }}</span>
          <input
            #addressBox
            class="input"
            maxlength="500"
            [value]="address()"
            (input)="address.set(addressBox.value)"
          />
        </label>
      }
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="t('notice-test.send')"
        [disabled]="command.busy()"
        (confirmed)="send()"
      />
    </wl-dialog-frame>
  `,
})
export class TestNoticeDialog {
  private readonly api = inject(AlarmsApi);
  private readonly words = inject(Words);
  protected readonly data = inject<{
    readonly projectId: string;
    readonly channels: readonly NoticeChannel[];
  }>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<boolean>>(DialogRef);
  protected readonly t = this.words.t;
  protected readonly channels = noticeChannels;
  protected readonly channel = signal<NoticeChannel>('in-app');
  protected readonly address = signal('');
  protected readonly command = command();

  protected choose(text: string): void {
    this.channel.set(noticeChannels.find((one) => one === text) ?? 'in-app');
  }

  protected async send(): Promise<void> {
    const channel = this.channel();
    const language = this.words.language() === 'zh' ? ('zh' as const) : ('en' as const);
    const body = { channel, language, address: channel === 'in-app' ? null : this.address().trim() };
    const sent = await this.command.run(body, () => this.api.testNotice(this.data.projectId, body));
    if (sent !== undefined) this.dialog.close(true);
  }
}
