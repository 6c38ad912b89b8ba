// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input, model } from '@angular/core';
import { Words } from '../words/words.ts';
import type { TransportDraft } from './transport-draft.ts';
import { dialects, parities, registrationTimes, stopBits, transportKinds } from './transport-words.ts';

/** How a gateway is spoken to: the kind, and what that kind needs to be known. */
@Component({
  selector: 'wl-transport-fields',
  template: `
    <div class="form-grid">
      <label class="field whole">
        <span class="label">{{ t('transport.kind') }}</span>
        <select #kindBox class="select" (change)="set({ kind: kinds()[kindBox.selectedIndex]! })">
          @for (kind of kinds(); track kind) {
            <option [value]="kind" [selected]="kind === draft().kind">{{ t('transport.' + kind) }}</option>
          }
        </select>
        <span class="hint">{{ t('transport.' + draft().kind + '.text') }}</span>
      </label>
      @switch (draft().kind) {
        @case ('serial') {
          <label class="field">
            <span class="label">{{ t('transport.path') }}</span>
            <input
              #pathBox
              class="input mono"
              spellcheck="false"
              autocapitalize="none"
              [value]="draft().path"
              (input)="set({ path: pathBox.value })"
            />
          </label>
          <label class="field">
            <span class="label">{{ t('transport.baud') }}</span>
            <input
              #baudBox
              class="input"
              inputmode="numeric"
              [value]="draft().baud"
              (input)="set({ baud: baudBox.value })"
            />
          </label>
          <label class="field">
            <span class="label">{{ t('transport.parity') }}</span>
            <select #parityBox class="select" (change)="set({ parity: parities[parityBox.selectedIndex]! })">
              @for (parity of parities; track parity) {
                <option [value]="parity" [selected]="parity === draft().parity">
                  {{ t('parity.' + parity) }}
                </option>
              }
            </select>
          </label>
          <label class="field">
            <span class="label">{{ t('transport.stop-bits') }}</span>
            <select #stopBox class="select" (change)="set({ stopBits: stopBits[stopBox.selectedIndex]! })">
              @for (bits of stopBits; track bits) {
                <option [value]="bits" [selected]="bits === draft().stopBits">{{ bits }}</option>
              }
            </select>
          </label>
        }
        @case ('rtu-dial-in') {
          <label class="field">
            <span class="label">{{ t('transport.registration') }}</span>
            <input
              #registrationBox
              class="input mono"
              spellcheck="false"
              autocapitalize="none"
              [disabled]="calledNameFixed()"
              [value]="draft().calledName"
              (input)="set({ calledName: registrationBox.value })"
            />
            <span class="hint">{{ t('transport.registration.hint') }}</span>
          </label>
          <label class="field">
            <span class="label">{{ t('transport.heartbeat') }}</span>
            <input
              #heartbeatBox
              class="input mono"
              spellcheck="false"
              autocapitalize="none"
              [value]="draft().heartbeat"
              (input)="set({ heartbeat: heartbeatBox.value })"
            />
            <span class="hint">{{ t('transport.heartbeat.hint') }}</span>
          </label>
          <label class="field whole">
            <span class="label">{{ t('transport.registration-on') }}</span>
            <select
              #onBox
              class="select"
              (change)="set({ registrationOn: registrationOn[onBox.selectedIndex]! })"
            >
              @for (on of registrationOn; track on) {
                <option [value]="on" [selected]="on === draft().registrationOn">
                  {{ t('registration-on.' + on) }}
                </option>
              }
            </select>
          </label>
        }
        @case ('mqtt') {
          <label class="field">
            <span class="label">{{ t('transport.serial-number') }}</span>
            <input
              #serialBox
              class="input mono"
              spellcheck="false"
              autocapitalize="none"
              [disabled]="calledNameFixed()"
              [value]="draft().calledName"
              (input)="set({ calledName: serialBox.value })"
            />
          </label>
          <label class="field">
            <span class="label">{{ t('transport.dialect') }}</span>
            <select
              #dialectBox
              class="select"
              (change)="set({ dialect: dialects[dialectBox.selectedIndex]! })"
            >
              @for (dialect of dialects; track dialect) {
                <option [value]="dialect" [selected]="dialect === draft().dialect">
                  {{ t('dialect.' + dialect) }}
                </option>
              }
            </select>
          </label>
          <label class="field">
            <span class="label">{{ t('transport.product-key') }}</span>
            <input
              #keyBox
              class="input mono"
              maxlength="64"
              spellcheck="false"
              autocapitalize="none"
              [value]="draft().productKey"
              (input)="set({ productKey: keyBox.value })"
            />
            <span class="hint">{{ t('transport.product-key.hint') }}</span>
          </label>
        }
        @case ('acrel-upload') {
          <label class="field">
            <span class="label">{{ t('transport.serial-number') }}</span>
            <input
              #uploadBox
              class="input mono"
              spellcheck="false"
              autocapitalize="none"
              [disabled]="calledNameFixed()"
              [value]="draft().calledName"
              (input)="set({ calledName: uploadBox.value })"
            />
          </label>
        }
        @default {
          <label class="field">
            <span class="label">{{ t('transport.host') }}</span>
            <input
              #hostBox
              class="input mono"
              maxlength="253"
              spellcheck="false"
              autocapitalize="none"
              [value]="draft().host"
              (input)="set({ host: hostBox.value })"
            />
          </label>
          <label class="field">
            <span class="label">{{ t('transport.port') }}</span>
            <input
              #portBox
              class="input"
              inputmode="numeric"
              [value]="draft().port"
              (input)="set({ port: portBox.value })"
            />
          </label>
        }
      }
    </div>
  `,
})
export class TransportFields {
  readonly draft = model.required<TransportDraft>();
  readonly kinds = input<readonly TransportDraft['kind'][]>(transportKinds);
  /** The serial is known from the label: it is not to be typed again. */
  readonly calledNameFixed = input(false);
  protected readonly t = inject(Words).t;
  protected readonly parities = parities;
  protected readonly stopBits = stopBits;
  protected readonly dialects = dialects;
  protected readonly registrationOn = registrationTimes;

  protected set(change: Partial<TransportDraft>): void {
    this.draft.update((draft) => ({ ...draft, ...change }));
  }
}
