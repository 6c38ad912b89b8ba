// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import { Formats } from '../format/formats.ts';
import { Site } from '../session/site.ts';
import { Words } from '../words/words.ts';

export interface FactText {
  readonly name: string;
  readonly value: string;
}

/** From here on a number of milliseconds is an instant (1973), below it a length of time. */
const instantFromMs = 100_000_000_000;
/** Known from the page itself. */
const silent = new Set(['zone', 'atMs', 'tenantId', 'accountId']);

/** Facts as the server gives them (text by name, the unit last in the name) in the reader's words. */
@Injectable({ providedIn: 'root' })
export class FactTexts {
  private readonly formats = inject(Formats);
  private readonly words = inject(Words);
  private readonly site = inject(Site);

  of(facts: Readonly<Record<string, string>>): readonly FactText[] {
    return Object.entries(facts)
      .filter(([name, value]) => !silent.has(name) && value !== '')
      .map(([name, value]) => ({ name: this.nameOf(name), value: this.valueOf(name, value) }));
  }

  private nameOf(name: string): string {
    const key = `fact.${name}`;
    return this.words.has(key) ? this.words.t(key) : name;
  }

  private valueOf(name: string, value: string): string {
    const number = /^-?\d+$/.test(value) ? Number(value) : null;
    if (number !== null && name.endsWith('Micros')) return this.formats.money(number);
    if (number !== null && name.endsWith('Ms')) {
      if (number >= instantFromMs) return this.formats.instant(number, 'date-time');
      return this.words.t('duration.minutes', {
        minutes: this.formats.decimal(number / 60_000, number < 600_000 ? 1 : 0),
      });
    }
    if (name === 'heldBy') return this.list(value, (gate) => this.word('gate', gate));
    if (name.startsWith('points')) return this.list(value, (id) => this.pointName(id));
    if (name === 'cause') return this.words.nameOf(`alarm-cause.${value}`, value);
    if (number !== null) return this.formats.count(number);
    for (const family of ['relay', 'supply-mode', 'quality', 'poll-fault', 'held-reason']) {
      if (this.words.has(`${family}.${value}`)) return this.words.t(`${family}.${value}`);
    }
    return value;
  }

  private list(value: string, nameOf: (word: string) => string): string {
    return value.split(' ').map(nameOf).join(', ');
  }

  private word(family: string, word: string): string {
    const key = `${family}.${word}`;
    return this.words.has(key) ? this.words.t(key) : word;
  }

  /** `pnt_1` or `pnt_1:estimated` */
  private pointName(text: string): string {
    const [id = '', quality] = text.split(':');
    const name = this.site.points().get(id)?.name ?? id;
    return quality === undefined ? name : `${name} (${this.word('quality', quality)})`;
  }
}
