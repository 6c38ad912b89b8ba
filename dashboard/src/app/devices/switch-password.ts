// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, input, signal } from '@angular/core';
import { command } from '../api/command.ts';
import { DevicesApi, type PasswordSubject } from '../api/devices-api.ts';
import { ask } from '../api/question.ts';
import { Formats } from '../format/formats.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { wholeBetween } from './transport-draft.ts';

const operatorDefault = '00000000';

/** Stores or forgets the password with which a meter of DL/T 645 lets itself be switched. What is stored is never shown. */
@Component({
  selector: 'wl-switch-password',
  imports: [FaultNote],
  styles: `
    fieldset {
      display: grid;
      gap: 8px;
      margin: 0;
      padding: 10px 14px 14px;
      border: 1px solid var(--line);
      border-radius: var(--radius);
    }
  `,
  template: `
    <fieldset>
      <legend class="label">{{ t('switch-password.heading') }}</legend>
      <p class="hint">
        @if (storedAtMs(); as at) {
          {{ t('switch-password.stored', { time: formats.instant(at) }) }}
        } @else if (stored.value() !== undefined) {
          {{ t(kind() === 'meters' ? 'switch-password.none-of-meter' : 'switch-password.none') }}
        }
      </p>
      <div class="form-grid">
        <label class="field">
          <span class="label">{{ t('switch-password.password') }}</span>
          <input
            #passwordBox
            class="input mono"
            type="password"
            inputmode="numeric"
            maxlength="6"
            autocomplete="new-password"
            [value]="password()"
            (input)="password.set(passwordBox.value)"
          />
          <span class="hint">{{ t('switch-password.digits', { count: '6' }) }}</span>
        </label>
        <label class="field">
          <span class="label">{{ t('switch-password.operator') }}</span>
          <input
            #operatorBox
            class="input mono"
            inputmode="numeric"
            maxlength="8"
            autocomplete="off"
            [value]="operator()"
            (input)="operator.set(operatorBox.value)"
          />
          <span class="hint">{{ t('switch-password.digits', { count: '8' }) }}</span>
        </label>
        <label class="field">
          <span class="label">{{ t('switch-password.class') }}</span>
          <input
            #classBox
            class="input mono"
            inputmode="numeric"
            maxlength="1"
            [value]="passwordClass()"
            (input)="passwordClass.set(classBox.value)"
          />
        </label>
      </div>
      <wl-fault-note [fault]="command.fault()" />
      <div class="toolbar">
        <button type="button" class="button" [disabled]="body() === null || command.busy()" (click)="store()">
          {{ t('switch-password.store') }}
        </button>
        @if (storedAtMs() !== null) {
          <button type="button" class="button" [disabled]="command.busy()" (click)="forget()">
            {{ t('switch-password.forget') }}
          </button>
        }
      </div>
    </fieldset>
  `,
})
export class SwitchPassword {
  readonly kind = input.required<PasswordSubject['kind']>();
  readonly subjectId = input.required<string>();
  private readonly devices = inject(DevicesApi);
  private readonly site = inject(Site);
  protected readonly formats = inject(Formats);
  protected readonly t = inject(Words).t;
  protected readonly command = command();
  private readonly subject = computed((): PasswordSubject => ({
    projectId: this.site.projectId() ?? '',
    kind: this.kind(),
    id: this.subjectId(),
  }));
  protected readonly stored = ask({
    params: () => this.subject(),
    load: (subject, abort) => this.devices.switchPassword(subject, abort),
  });
  protected readonly storedAtMs = computed(() => this.stored.value()?.storedAtMs ?? null);
  protected readonly password = signal('');
  protected readonly operator = signal(operatorDefault);
  protected readonly passwordClass = signal('2');
  protected readonly body = computed(() => {
    const passwordClass = wholeBetween(this.passwordClass(), 0, 9);
    const [password, operatorCode] = [this.password(), this.operator()];
    if (passwordClass === null || !/^\d{6}$/.test(password) || !/^\d{8}$/.test(operatorCode)) return null;
    return { passwordClass, password, operatorCode };
  });

  protected async store(): Promise<void> {
    const body = this.body();
    if (body === null) return;
    const done = await this.command.run(body, async () => {
      await this.devices.storeSwitchPassword(this.subject(), body);
      return true;
    });
    if (done !== undefined) this.clear();
  }

  protected async forget(): Promise<void> {
    const done = await this.command.run('forget', async () => {
      await this.devices.forgetSwitchPassword(this.subject());
      return true;
    });
    if (done !== undefined) this.clear();
  }

  private clear(): void {
    this.password.set('');
    this.operator.set(operatorDefault);
    this.stored.reload();
  }
}
