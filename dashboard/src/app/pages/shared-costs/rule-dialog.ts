// SPDX-License-Identifier: Apache-2.0
import { Component, computed, inject, signal } from '@angular/core';
import { DIALOG_DATA, DialogRef } from '@angular/cdk/dialog';
import { media } from '@wattledger/contracts';
import type {
  SharedCostKey,
  SharedCostPot,
  SharedCostRule,
  SharedCostVersionBody,
} from '@wattledger/contracts/http/billing';
import { command } from '../../api/command.ts';
import { CreditApi } from '../../api/credit-api.ts';
import { Clock } from '../../clock/clock.ts';
import { DialogButtons } from '../../look/dialog-buttons.ts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { FaultNote } from '../../look/fault-note.ts';
import { MoneyInput } from '../../money/money-input.ts';
import { Site } from '../../session/site.ts';
import { Words } from '../../words/words.ts';

const kinds = ['shared-cost', 'property-fee'] as const;
const potKinds = ['month', 'invoice', 'measured'] as const;
const keyKinds = ['area', 'consumption', 'headcount', 'equal', 'fixed'] as const;

/** A new version of a rule; of a new rule its name and kind, too. */
@Component({
  selector: 'wl-rule-dialog',
  imports: [DialogButtons, DialogFrame, FaultNote, MoneyInput],
  templateUrl: './rule-dialog.html',
})
export class RuleDialog {
  private readonly api = inject(CreditApi);
  protected readonly site = inject(Site);
  protected readonly rule = inject<SharedCostRule | null>(DIALOG_DATA);
  protected readonly dialog = inject<DialogRef<SharedCostRule>>(DialogRef);
  protected readonly t = inject(Words).t;
  protected readonly kinds = kinds;
  protected readonly potKinds = potKinds;
  protected readonly keyKinds = keyKinds;
  private readonly last = this.rule?.versions[0];
  protected readonly name = signal(this.rule?.name ?? '');
  protected readonly kind = signal<string>(this.rule?.kind ?? 'shared-cost');
  /** From the month that runs, by UTC: only what the field begins with. */
  protected readonly fromMonth = signal(new Date(inject(Clock).exactMs()).toJSON().slice(0, 7));
  protected readonly potKind = signal<string>(this.last?.terms.pot.kind ?? 'month');
  protected readonly keyKind = signal<string>(this.last?.terms.key.kind ?? 'area');
  protected readonly amount = signal<number | null>(
    this.last?.terms.pot.kind === 'month' ? this.last.terms.pot.amountMicros : null,
  );
  private readonly measured = this.last?.terms.pot.kind === 'measured' ? this.last.terms.pot : undefined;
  protected readonly mainPointId = signal(this.measured?.mainPointId ?? '');
  protected readonly lessChildren = signal(this.measured?.less !== 'nothing');
  protected readonly priceName = signal(this.measured?.priceName ?? '');
  protected readonly rate = signal<number | null>(this.measured?.rateMicrosPerUnit ?? null);
  protected readonly placeId = signal(this.last?.terms.placeIds[0] ?? '');
  protected readonly classes = signal(this.last?.terms.tenantClasses.join(', ') ?? '');
  protected readonly taxPercent = signal((this.last?.terms.taxPpm ?? 0) / 10_000);
  protected readonly media = media;
  protected readonly medium = signal<string>(
    this.last?.terms.key.kind === 'consumption' ? this.last.terms.key.medium : 'electricity',
  );
  protected readonly parts = signal(this.partsText());
  protected readonly mains = computed(() =>
    [...this.site.points().values()].filter(({ role }) => role !== 'generation'),
  );
  protected readonly buildings = computed(() =>
    [...this.site.places().values()].filter(({ kind }) => kind !== 'room'),
  );
  protected readonly command = command();
  private readonly pot = computed<SharedCostPot | null>(() => {
    const [amountMicros, rateMicrosPerUnit, priceName] = [
      this.amount(),
      this.rate(),
      this.priceName().trim(),
    ];
    if (this.potKind() === 'invoice') return { kind: 'invoice' };
    if (this.potKind() === 'month') return amountMicros === null ? null : { kind: 'month', amountMicros };
    if (this.mainPointId() === '' || rateMicrosPerUnit === null || priceName === '') return null;
    const less = this.lessChildren() ? 'children' : 'nothing';
    return { kind: 'measured', mainPointId: this.mainPointId(), less, priceName, rateMicrosPerUnit };
  });
  private readonly key = computed<SharedCostKey | null>(() => {
    const kind = keyKinds.find((one) => one === this.keyKind());
    if (kind === undefined) return null;
    const medium = media.find((one) => one === this.medium()) ?? 'electricity';
    if (kind === 'consumption') return { kind, medium };
    if (kind !== 'fixed') return { kind };
    const shares = fixedShares(this.parts(), [...this.site.places().values()]);
    return shares === null ? null : { kind, shares };
  });
  protected readonly body = computed<SharedCostVersionBody | null>(() => {
    const [pot, key, taxPpm] = [this.pot(), this.key(), Math.round(this.taxPercent() * 10_000)];
    const named = this.name().trim() !== '' && /^\d{4}-\d\d$/.test(this.fromMonth());
    if (pot === null || key === null || !named || !(taxPpm >= 0 && taxPpm <= 1_000_000)) return null;
    const tenantClasses = this.classes()
      .split(/[,，;]/)
      .map((word) => word.trim())
      .filter((word) => word !== '');
    const placeIds = this.placeId() === '' ? [] : [this.placeId()];
    return { fromMonth: this.fromMonth(), terms: { pot, key, placeIds, tenantClasses, taxPpm } };
  });

  /** The fixed parts of the version before, a line for each room. */
  private partsText(): string {
    const key = this.last?.terms.key;
    if (key?.kind !== 'fixed') return '';
    const line = (unitId: string, parts: number): string =>
      `${this.site.places().get(unitId)?.code ?? unitId} = ${String(parts)}`;
    return key.shares.map(({ unitId, parts }) => line(unitId, parts)).join('\n');
  }

  protected async save(): Promise<void> {
    const body = this.body();
    if (body === null) return;
    const projectId = this.site.projectId() ?? '';
    const kind = kinds.find((one) => one === this.kind()) ?? 'shared-cost';
    const named = { name: this.name().trim(), kind };
    const saved = await this.command.run({ ...body, ...named }, async (key) => {
      // Tried again after a fault, the rule may be there already.
      const known = this.made ?? this.rule ?? (await this.api.addRule(projectId, named, `${key}-rule`));
      this.made = known;
      return await this.api.draftVersion(projectId, known.ruleId, body, key);
    });
    if (saved !== undefined) this.dialog.close(saved);
  }
  private made: SharedCostRule | null = null;
}

/** Lines "301 = 3": code of a room and its parts; null when one is no such line. */
function fixedShares(
  text: string,
  places: readonly { readonly id: string; readonly code: string }[],
): { unitId: string; parts: number }[] | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const shares = lines.flatMap((line) => {
    const match = /^\s*(.+?)\s*[=:\t]\s*(\d{1,6})\s*$/.exec(line);
    const place = places.find(({ code }) => code === match?.[1]);
    return match === null || place === undefined ? [] : [{ unitId: place.id, parts: Number(match[2]) }];
  });
  return lines.length > 0 && shares.length === lines.length ? shares : null;
}
