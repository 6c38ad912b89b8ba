// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input } from '@angular/core';
import { Icon } from '../look/icon.ts';
import { Words } from '../words/words.ts';
import { deviceStateLooks, type DeviceState } from './device-state.ts';

/** The state of a gateway or meter: word, icon and colour. */
@Component({
  selector: 'wl-device-chip',
  imports: [Icon],
  template: `<span [class]="'chip ' + looks[state()].tone"
    ><wl-icon [name]="looks[state()].icon" />{{ t('device-state.' + state()) }}</span
  >`,
})
export class DeviceChip {
  readonly state = input.required<DeviceState>();
  protected readonly looks = deviceStateLooks;
  protected readonly t = inject(Words).t;
}
