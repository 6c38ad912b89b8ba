// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import {
  meterSideBodyShape,
  type MeterPrepaymentView,
  type MeterSideBody,
} from '@wattledger/contracts/http/billing';
import { command } from '../api/command.ts';
import { MeterPrepaymentApi } from '../api/meter-prepayment-api.ts';
import { DialogButtons } from '../look/dialog-buttons.ts';
import { DialogFrame } from '../look/dialog-frame.ts';
import { FaultNote } from '../look/fault-note.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';
import { MoneyInput } from './money-input.ts';

export interface MeterSideData {
  readonly accountId: string;
  readonly point: MeterPrepaymentView['points'][number];
}

const choices = ['platform', 'sts', 'vendor-registers'] as const;
const texts = ['meterPan', 'supplyGroupCode', 'tariffIndex', 'keyRevision', 'baseYear'] as const;
type TextField = (typeof texts)[number];
const beginning = {
  meterPan: '',
  supplyGroupCode: '',
  tariffIndex: '01',
  keyRevision: '1',
  baseYear: '2014',
};

/** Who keeps the balance of a metering point, and what its meter's maker gave with it. */
@Component({
  selector: 'wl-meter-side-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, MoneyInput],
  template: `
    <wl-dialog-frame [heading]="t('meter-side.title')">
      <p>{{ data.point.name }} · {{ data.point.code }}</p>
      <label class="field">
        <span class="label">{{ t('meter-side.who') }}</span>
        <select #whoBox class="select" (change)="choose(whoBox.value)">
          @for (choice of choices; track choice) {
            <option [value]="choice" [selected]="choice === chosen()">
              {{ t('meter-side.provider.' + choice) }}
            </option>
          }
        </select>
      </label>
      @if (chosen() === 'sts') {
        <div class="form-grid">
          @for (field of fields; track field) {
            <label class="field">
              <span class="label">{{ t('meter-side.field.' + field) }}</span>
              <input
                #box
                class="input mono"
                inputmode="numeric"
                [value]="values()[field]"
                (input)="set(field, box.value)"
              />
            </label>
          }
          <wl-money-input [label]="t('meter-side.field.rate')" [(micros)]="rateMicros" />
        </div>
      }
      @if (chosen() === 'vendor-registers') {
        <label class="check"
          ><input #triedBox type="checkbox" [checked]="tried()" (change)="tried.set(triedBox.checked)" />{{
            t('meter-side.field.tried')
          }}</label
        >
      }
      <wl-fault-note [fault]="command.fault()" />
      <wl-dialog-buttons
        foot
        [label]="t('do.save')"
        [disabled]="body() === null || command.busy()"
        (confirmed)="save()"
      />
    </wl-dialog-frame>
  `,
})
export class MeterSideDialog {
  private readonly api = inject(MeterPrepaymentApi);
  private readonly site = inject(Site);
  protected readonly data = inject<MeterSideData>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<boolean>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly choices = choices;
  protected readonly fields = texts;
  private readonly terms = this.data.point.meterSide;
  private readonly sts = this.terms?.provider === 'sts' ? this.terms : null;
  protected readonly chosen = signal<(typeof choices)[number]>(this.terms?.provider ?? 'platform');
  protected readonly values = signal<Readonly<Record<TextField, string>>>(
    this.sts === null
      ? beginning
      : { ...this.sts, keyRevision: String(this.sts.keyRevision), baseYear: String(this.sts.baseYear) },
  );
  protected readonly rateMicros = signal<number | null>(this.sts?.rateMicrosPerUnit ?? null);
  protected readonly tried = signal(
    this.terms?.provider === 'vendor-registers' && this.terms.registersConfirmed,
  );
  protected readonly command = command();
  protected readonly body = computed<MeterSideBody | null>(() => {
    const parsed = meterSideBodyShape.safeParse({ meterSide: this.wanted() });
    return parsed.success ? parsed.data : null;
  });

  private wanted(): unknown {
    const chosen = this.chosen();
    if (chosen === 'platform') return null;
    if (chosen === 'vendor-registers') return { provider: chosen, registersConfirmed: this.tried() };
    const { meterPan, supplyGroupCode, tariffIndex, keyRevision, baseYear } = this.values();
    return {
      provider: chosen,
      meterPan,
      supplyGroupCode,
      tariffIndex,
      keyRevision: Number(keyRevision),
      baseYear: Number(baseYear),
      rateMicrosPerUnit: this.rateMicros(),
    };
  }

  protected choose(value: string): void {
    this.chosen.set(choices.find((choice) => choice === value) ?? 'platform');
  }

  protected set(field: TextField, value: string): void {
    this.values.update((before) => ({ ...before, [field]: value.replace(/\s/g, '') }));
  }

  protected async save(): Promise<void> {
    const body = this.body();
    if (body === null) return;
    const { accountId, point } = this.data;
    const saved = await this.command.run(body, () =>
      this.api.set(this.site.projectId() ?? '', accountId, point.meteringPointId, body),
    );
    if (saved !== undefined) this.dialog.close(true);
  }
}
