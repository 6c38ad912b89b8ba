// SPDX-License-Identifier: Apache-2.0
import { Injectable, inject } from '@angular/core';
import type { Medium } from '@wattledger/contracts';
import { Words } from '../words/words.ts';
import { Site } from '../session/site.ts';
import {
  formatMoney,
  formatMoneyExact,
  formatMoneyMicros,
  formatMoneySigned,
  formatPrice,
} from './money-format.ts';
import { formatAge, formatDay, formatInstant, type DayStyle, type InstantStyle } from './time-format.ts';
import {
  formatChange,
  formatConsumption,
  formatRegister,
  formatScaled,
  formatShare,
  numberFormat,
  type Scale,
} from './quantity-format.ts';

/** The formatting functions with the reader's language and the project's zone and currency filled in. Reactive. */
@Injectable({ providedIn: 'root' })
export class Formats {
  private readonly words = inject(Words);
  private readonly site = inject(Site);

  locale(): string {
    return this.words.locale();
  }
  zone(): string {
    return this.site.zone();
  }
  currency(): string {
    return this.site.currency();
  }
  money = (micros: number | null | undefined, currency = this.currency()): string =>
    formatMoney(micros, currency, this.locale());
  moneySigned = (micros: number | null | undefined, currency = this.currency()): string =>
    formatMoneySigned(micros, currency, this.locale());
  moneyExact = (micros: number | null | undefined, currency = this.currency()): string =>
    formatMoneyExact(micros, currency, this.locale());
  price = (micros: number | null | undefined, currency = this.currency()): string =>
    formatPrice(micros, currency, this.locale());
  moneyMicros = (micros: number | null | undefined, currency = this.currency()): string =>
    formatMoneyMicros(micros, currency, this.locale());
  scaled = (value: number | null | undefined, scale: Scale): string =>
    formatScaled(value, scale, this.locale());
  consumption = (value: number | null | undefined, medium: Medium = 'electricity'): string =>
    formatConsumption(value, medium, this.locale());
  register = (value: number, scaler: number): string => formatRegister(value, scaler, this.locale());
  share = (share: number | null | undefined, digits = 1): string => formatShare(share, this.locale(), digits);
  change = (change: number | null): string => formatChange(change, this.locale());
  count = (value: number | null | undefined): string =>
    value === null || value === undefined ? '–' : numberFormat(this.locale(), {}).format(value);
  /** A measured value as a meter shows it: five figures say all there is. */
  significant = (value: number): string =>
    numberFormat(this.locale(), { maximumSignificantDigits: 5 }).format(value);
  decimal = (value: number | null | undefined, digits: number): string =>
    value === null || value === undefined
      ? '–'
      : numberFormat(this.locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
          value,
        );
  instant = (
    instantMs: number | null | undefined,
    style: InstantStyle = 'date-time',
    zone = this.zone(),
  ): string => formatInstant(instantMs, style, zone, this.locale());
  day = (day: string, style: DayStyle = 'day'): string => formatDay(day, style, this.locale());
  age = (ageMs: number): string => formatAge(ageMs, this.locale());
}
