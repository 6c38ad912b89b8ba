// SPDX-License-Identifier: Apache-2.0
import { Component, inject, input } from '@angular/core';
import type { SupplyGate } from '@wattledger/contracts/http/billing';
import { FactTexts } from '../facts/fact-texts.ts';
import { Icon } from '../look/icon.ts';
import { Words } from '../words/words.ts';

/** The gates a disconnection must pass, each with the facts it judged. */
@Component({
  selector: 'wl-gate-list',
  imports: [Icon],
  template: `
    <ul>
      @for (gate of gates(); track gate.gate) {
        <li [class.holds]="!gate.passes">
          <wl-icon [name]="gate.passes ? 'check' : 'shield'" />
          <span>
            {{ t('gate.' + gate.gate) }}
            <span class="visually-hidden">{{ t(gate.passes ? 'supply.passes' : 'supply.holds') }}</span>
            @for (fact of facts.of(gate.facts); track fact.name) {
              <span class="fact">{{ fact.name }}&ngsp;{{ fact.value }}</span>
            }
          </span>
        </li>
      }
    </ul>
  `,
  styles: `
    ul {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr));
      gap: 3px 20px;
    }
    li {
      display: flex;
      gap: 7px;
      color: var(--ink-2);
    }
    li wl-icon {
      margin-top: 1px;
      color: var(--ink-3);
    }
    .holds {
      color: var(--ink);
      font-weight: 500;
    }
    .holds wl-icon {
      color: var(--info);
    }
    .fact {
      margin-left: 8px;
      color: var(--ink-3);
      font-weight: 400;
      font-variant-numeric: tabular-nums;
    }
  `,
})
export class GateList {
  readonly gates = input.required<readonly SupplyGate[]>();
  protected readonly facts = inject(FactTexts);
  protected readonly t = inject(Words).t;
}
