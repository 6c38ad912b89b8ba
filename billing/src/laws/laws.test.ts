// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: whatever happens to the accounts of a project, in whatever order, with processes that die and commands that are sent twice,
 * the laws of money hold. Method: random stories of all commands, checked against what callers were told; the same facts told again
 * from the record, in one order, to an empty database; and everything taken back.
 *
 * WATTLEDGER_LAWS=<points>x<steps> tells one long story instead, WATTLEDGER_SEED names its seed.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { createBillingService } from '../billing-service.ts';
import { startStripeServer, type StripeServer } from '../payments/testing/stripe-server.ts';
import { createCrashes } from '../testing/crashes.ts';
import { failingChecks, startTestSite, type TestSite } from '../testing/test-site.ts';
import { charge, factOf } from './facts.ts';
import { history, type Step, type StepKind } from './history.ts';
import { brokenLaws, chargesByPlace, ledgerOf, standings, undoCharges, undoVends } from './laws.ts';
import { beginMs, createStage, endMs, Story, type Stage } from './story.ts';

const volume = /^(\d+)x(\d+)$/.exec(process.env['WATTLEDGER_LAWS'] ?? '');
const size =
  volume === null
    ? { runs: 3, points: 4, steps: { min: 40, max: 70 } }
    : { runs: 1, points: Number(volume[1]), steps: { min: Number(volume[2]), max: Number(volume[2]) } };
const seed = process.env['WATTLEDGER_SEED'];

/** What the record tells again: prices that stand, what became of accounts, money of the counter, shared costs. */
const toldAgain: ReadonlySet<StepKind> = new Set<StepKind>([
  'open',
  'change-scheme',
  'change-points',
  'undo-change',
  'change-tenant',
  'close',
  'vend',
  'reverse',
  'post-run',
  'undo-run',
]);

describe('laws of money', () => {
  let stripe: StripeServer;
  let site: TestSite;
  let empty: TestSite;
  let stage: Stage;
  let again: Stage;
  const outcomes = new Map<string, number>();
  beforeAll(async () => {
    stripe = await startStripeServer();
    const { endpoint, webhookSecret } = stripe;
    const payments = {
      providers: { stripe: { secretKey: 'sk_test_of_the_test', webhookSecret, endpoint }, alipay: null },
      publicOrigin: 'https://energy.test',
    };
    site = await startTestSite({ name: 'laws', nowMs: beginMs, payments });
    empty = await startTestSite({ name: 'laws-again', nowMs: beginMs, payments });
    const crashes = createCrashes();
    const from = { ...site.parts, database: crashes.wrap(site.parts.database), metrics: new Registry() };
    stage = createStage(site, createBillingService(from, { works: false, payments }), from, {
      crashes,
      stripe,
    });
    again = createStage(empty, empty.billing, empty.parts, { crashes: null, stripe });
  }, 60_000);
  afterAll(async () => {
    await site.stop();
    await empty.stop();
    await stripe.stop();
    if (volume !== null)
      process.stdout.write(`${JSON.stringify(Object.fromEntries([...outcomes].sort()))}\n`);
  });

  let stories = 0;
  async function live(steps: readonly Step[]): Promise<Story> {
    site.parts.clock.set(beginMs);
    const story = new Story(stage, `prj_${(stories += 1)}`, size.points);
    await story.begin();
    for (const [place, step] of steps.entries()) {
      const fact = factOf(story, step, place);
      if (fact !== null) await story.tell(fact, `story-${story.project}-${place}`, step.crashAt);
    }
    site.parts.clock.set(endMs);
    await stage.billing.settle();
    for (const [outcome, times] of story.outcomes)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + times);
    return story;
  }

  /** The facts alone, in one order: prices that stand, what was asked in the order it was, energy by day. */
  async function tellAgain(story: Story): Promise<Story> {
    const { clock } = empty.parts;
    clock.set(beginMs);
    const twin = new Story(again, story.project, story.points);
    await twin.begin();
    for (const { fact, requestId } of story.told)
      if (fact.kind === 'version') await twin.tell(fact, requestId, null);
    const standing = await statesOfVersions(story);
    for (const [place, version] of twin.versions.entries())
      if (standing[place] !== 'approved')
        await empty.billing.prices.withdraw(
          story.project,
          twin.schemes[version.scheme] as string,
          version.priceVersionId,
          { id: 'stf_finance', name: 'Finance' },
        );
    for (const { fact, requestId, atMs } of story.told.filter((told) => toldAgain.has(told.fact.kind))) {
      clock.set(atMs);
      const { length } = twin.vends;
      await twin.tell(fact, requestId, null);
      if (fact.kind === 'vend' && twin.vends.length === length)
        twin.vends.push({ vendId: 'refused', account: 0, amountMicros: 0, reversed: true });
    }
    clock.set(endMs);
    const inTime = [...story.energies].sort(
      (a, b) => a.firstSlotMs - b.firstSlotMs || a.revision - b.revision,
    );
    for (let from = 0; from < inTime.length; from += 200)
      await charge(again.parts, inTime.slice(from, from + 200));
    twin.energies.push(...inTime);
    await empty.billing.settle();
    // A closed account takes what it owes, and that depends on the energy told by then; nothing else is refused.
    const owing = ['vend: account-closed', 'reverse: vend-unknown'];
    const refused = [...twin.outcomes.keys()].filter((outcome) => outcome.includes(':'));
    expect(refused.filter((outcome) => !owing.includes(outcome))).toEqual([]);
    return twin;
  }

  async function statesOfVersions(story: Story): Promise<readonly (string | undefined)[]> {
    const schemes = await site.billing.prices.list(story.project);
    const states = new Map(
      schemes.flatMap(({ versions }) =>
        versions.map((version) => [version.priceVersionId, version.state] as const),
      ),
    );
    return story.versions.map(({ priceVersionId }) => states.get(priceVersionId));
  }

  test('any story keeps them; told again it gives the same charges; taken back it leaves what was paid in', async () => {
    await fc.assert(
      fc.asyncProperty(history(size.steps), async (steps) => {
        const story = await live(steps);
        expect(await brokenLaws(story)).toEqual([]);
        const twin = await tellAgain(story);
        expect(await brokenLaws(twin)).toEqual([]);
        expect(await chargesByPlace(twin)).toEqual(await chargesByPlace(story));
        const shared = async (of: Story) => (await standings(of)).map(({ sharedMicros }) => sharedMicros);
        expect(await shared(twin)).toEqual(await shared(story));

        await undoCharges(story);
        expect(await brokenLaws(story)).toEqual([]);
        for (const one of await standings(story))
          expect(one).toMatchObject({ chargedMicros: 0, sharedMicros: 0, arrearsMicros: 0 });
        await undoVends(story);
        expect(await brokenLaws(story)).toEqual([]);
        await expectNothing(story);
      }),
      {
        numRuns: size.runs,
        ...(seed === undefined ? {} : { seed: Number(seed) }),
        endOnFailure: true,
      },
    );
    expect(await failingChecks(site.billing)).toEqual([]);
    expect(await failingChecks(empty.billing)).toEqual([]);
  }, 3_600_000);

  /** Who neither brought a debt, nor was paid out, nor paid online, stands at zero; and so does what the project earned. */
  async function expectNothing(story: Story): Promise<void> {
    const all = await standings(story);
    for (const [place, account] of story.accounts.entries()) {
      const { balanceMicros = 0, onlineMicros = 0 } = all[place] ?? {};
      expect(balanceMicros).toBe(account.paidMicros + onlineMicros - account.broughtMicros);
    }
    const ledger = await ledgerOf(story);
    for (const kind of [
      'electricity-revenue',
      'tax-payable',
      'shared-cost-revenue',
      'property-fee-revenue',
      'card',
      'transfer',
      'cheque',
      'tenant-arrears',
    ])
      expect([kind, ledger[kind] ?? 0]).toEqual([kind, 0]);
    expect((ledger['cash'] ?? 0) + (ledger['cash-difference'] ?? 0)).toBe(0);
  }
});
