// SPDX-License-Identifier: Apache-2.0
/**
 * A project to which things happen. Keeps what callers know (ids they were answered, money they handed over), names everything by
 * its place, so that the same facts can be told again to another project, and crashes and repeats commands on the way.
 */
import { isDeepStrictEqual } from 'node:util';
import { createSnapshotCopy, RequestError } from '@wattledger/platform';
import { slotLengthMs, slotsOfLocalDay, type IntervalEnergy } from '@wattledger/contracts';
import type { BillingService } from '../billing-service.ts';
import { createDailyCloseService, type DailyCloseService } from '../daily-close/daily-close-service.ts';
import type { BillingParts } from '../parts.ts';
import type { StripeServer } from '../payments/testing/stripe-server.ts';
import { Crash, type Crashes } from '../testing/crashes.ts';
import {
  approver,
  cashier,
  drafter,
  pointAndMeter,
  pointSnapshot,
  projectSnapshot,
  tenantSnapshot,
  type TestSite,
} from '../testing/test-site.ts';
import type { StepKind } from './history.ts';

export const zone = 'Europe/Berlin';
/** A change of the clocks and a month's end are among them. */
export const days = [
  '2026-03-27',
  '2026-03-28',
  '2026-03-29',
  '2026-03-30',
  '2026-03-31',
  '2026-04-01',
  '2026-04-02',
  '2026-04-03',
] as const;
const slotMs = slotLengthMs(30);
const startMs = slotsOfLocalDay(zone, days[0], 30).firstSlotMs;
export const beginMs = Date.parse('2026-03-30T12:00:00+02:00');
export const endMs = Date.parse('2026-04-20T12:00:00+02:00');
export const instant = (slot: number): number => startMs + slot * slotMs;
export const slotsUntil = (nowMs: number): number => Math.floor((nowMs - startMs) / slotMs);

/** Where things happen: a site, and the services that die when told to. */
export interface Stage {
  readonly site: TestSite;
  /** Dies at the queries that `crashes` names; null where nothing dies. */
  readonly crashes: Crashes | null;
  readonly billing: BillingService;
  readonly parts: BillingParts;
  readonly closes: DailyCloseService;
  readonly stripe: StripeServer;
}

export function createStage(
  site: TestSite,
  billing: BillingService,
  from: TestSite['parts'],
  rest: Pick<Stage, 'crashes' | 'stripe'>,
): Stage {
  const registry = createSnapshotCopy({
    parts: from,
    schema: 'billing',
    group: 'billing-registry',
    entities: ['project', 'place', 'meter', 'metering-point', 'tenant'],
    onChange: () => undefined,
  });
  const wake = { supply: () => undefined, notices: () => undefined };
  const parts: BillingParts = { ...from, registry, wake };
  return { site, billing, parts, closes: createDailyCloseService(parts, []), ...rest };
}

export interface KnownAccount {
  readonly accountId: string;
  readonly points: readonly number[];
  readonly openedAtMs: number;
  closed: boolean;
  /** Handed over by the tenant and not handed back: top ups, reversals, online payments, credits carried and paid out. */
  paidMicros: number;
  /** Debts brought from elsewhere, less what was forgiven of them. */
  broughtMicros: number;
}
export interface KnownVersion {
  readonly scheme: number;
  readonly priceVersionId: string;
}
export interface KnownVend {
  readonly vendId: string;
  readonly account: number;
  readonly amountMicros: number;
  reversed: boolean;
}
export interface KnownPayment {
  readonly paymentId: string;
  readonly session: string;
  readonly account: number;
}
export interface KnownRun {
  readonly ruleId: string;
  readonly runId: string;
  reversed: boolean;
}

/** A command with everything it needs; it reads ids from the story it is told to. */
export interface Fact<T = unknown> {
  readonly kind: StepKind;
  readonly run: (story: Story, requestId: string) => Promise<T>;
  /** What the caller keeps of the answer, once. */
  readonly note?: (story: Story, answer: T) => void;
  /** Of energy: told again in the order of days. */
  readonly values?: readonly IntervalEnergy[];
}
export interface Told {
  readonly fact: Fact<never>;
  readonly requestId: string;
  readonly atMs: number;
}

export class Story {
  readonly accounts: KnownAccount[] = [];
  readonly schemes: string[] = [];
  readonly rules: string[] = [];
  readonly versions: KnownVersion[] = [];
  readonly vends: KnownVend[] = [];
  readonly payments: KnownPayment[] = [];
  readonly runs: KnownRun[] = [];
  readonly changes: { readonly changeId: string; readonly account: number }[] = [];
  readonly agreements: { readonly agreementId: string; readonly account: number }[] = [];
  readonly closedDays: string[] = [];
  /** Accepted, in order. */
  readonly told: Told[] = [];
  readonly energies: IntervalEnergy[] = [];
  /** How often each command was carried out and, behind its name, how often it was refused with which code. */
  readonly outcomes = new Map<string, number>();

  readonly stage: Stage;
  readonly project: string;
  readonly points: number;

  constructor(stage: Stage, project: string, points: number) {
    this.stage = stage;
    this.project = project;
    this.points = points;
  }

  pointId(point: number): string {
    return `pnt_${this.project}_${point}`;
  }
  tenant(index: number): string {
    return `tnt_${this.project}_${index % 3}`;
  }
  nowMs(): number {
    return this.stage.site.parts.clock.nowMs();
  }

  /** The project, its points and rooms, tenants, schemes without prices, a rule of shared costs and a policy of emergency credit. */
  async begin(): Promise<void> {
    const { site, billing, parts } = this.stage;
    const projectId = this.project;
    const room = (id: string, parentId: string | null, areaM2: number | null) => ({
      entity: 'place' as const,
      id,
      projectId,
      snapshot: {
        id,
        projectId,
        parentId,
        kind: parentId === null ? ('building' as const) : ('room' as const),
        code: id,
        name: id,
        use: parentId === null ? null : ('shop' as const),
        areaM2,
        sortOrder: 0,
      },
    });
    await site.tell([
      {
        entity: 'project',
        id: projectId,
        projectId,
        snapshot: projectSnapshot({ id: projectId, code: projectId, zone }),
      },
      room(`plc_${projectId}`, null, null),
      ...Array.from({ length: this.points }, (_, point) =>
        room(`plc_${projectId}_${point}`, `plc_${projectId}`, 10 + point),
      ),
      ...Array.from({ length: this.points }, (_, point) =>
        pointAndMeter(
          pointSnapshot(this.pointId(point), 'electricity', {
            projectId,
            placeId: `plc_${projectId}_${point}`,
          }),
        ),
      ).flat(),
      ...[0, 1, 2].map((index) => tenantSnapshot(index, projectId, this.tenant(index))),
    ]);
    await billing.migrate();
    await parts.registry.load();
    for (const name of ['First', 'Second'])
      this.schemes.push(
        (await site.billing.prices.createScheme(projectId, { name, medium: 'electricity' }, drafter))
          .priceSchemeId,
      );
    await this.addRules();
    const rule = { tenantClass: null, offeredAt: 'alarm-1', timesPerMonth: 20, whileOverdue: true } as const;
    const policy = { rules: [{ ...rule, amountMicros: 3_000_000 }] };
    await site.billing.emergency.setPolicy(projectId, policy, cashier);
  }

  private async addRules(): Promise<void> {
    const { sharedCosts } = this.stage.site.billing;
    for (const kind of ['area', 'equal'] as const) {
      const { ruleId } = await sharedCosts.addRule(this.project, {
        name: kind,
        kind: kind === 'area' ? 'shared-cost' : 'property-fee',
      });
      const terms = {
        pot: { kind: 'month', amountMicros: 33_333_337 } as const,
        key: { kind },
        placeIds: [`plc_${this.project}`],
        tenantClasses: [],
        taxPpm: 190_000,
      };
      const draft = { fromMonth: '2026-01', toMonth: null, terms };
      const { versions } = await sharedCosts.draft(this.project, ruleId, draft, drafter);
      await sharedCosts.move(this.project, ruleId, versions[0]?.versionId ?? '', 'approved', approver);
      this.rules.push(ruleId);
    }
  }

  /**
   * Carries a command out whatever crashes, then once more by its id, which must change nothing. A refusal is an outcome like any
   * other and is counted; any other error is a fault.
   */
  async tell<T>(fact: Fact<T>, requestId: string, crashAt: number | null): Promise<void> {
    const atMs = this.nowMs();
    let answer: T;
    try {
      answer = await this.insist(crashAt, async () => await fact.run(this, requestId));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.count(`${fact.kind}: ${error.code}`);
      return;
    }
    this.count(fact.kind);
    fact.note?.(this, answer);
    this.told.push({ fact: fact as unknown as Fact<never>, requestId, atMs });
    if (fact.kind === 'clock') return;
    const before = await this.size();
    await this.insist(crashAt === null ? null : (crashAt * 7) % 23, async () => fact.run(this, requestId));
    const after = await this.size();
    if (!isDeepStrictEqual(before, after))
      throw new Error(`${fact.kind} ${requestId} repeated: ${JSON.stringify({ before, after })}`);
  }

  private count(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  async insist<T>(crashAt: number | null, command: () => Promise<T>): Promise<T> {
    const { crashes } = this.stage;
    crashes?.arm(crashAt);
    try {
      for (;;) {
        try {
          return await command();
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
        }
      }
    } finally {
      crashes?.arm(null);
    }
  }

  /** How much has been written in the project. */
  private async size(): Promise<unknown> {
    const { rows } = await this.stage.site.parts.database.query(
      `SELECT (SELECT count(*) FROM billing.postings WHERE project_id = $1) AS postings,
              (SELECT sum(entries) FROM billing.ledger_accounts WHERE project_id = $1) AS entries,
              (SELECT count(*) FROM billing.documents WHERE project_id = $1) AS documents,
              (SELECT count(*) FROM billing.accounts WHERE project_id = $1) AS accounts`,
      [this.project],
    );
    return rows[0];
  }
}
