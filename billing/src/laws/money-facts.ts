// SPDX-License-Identifier: Apache-2.0
/** From a drawn step to a command about money: at the counter, online, agreed, shared; and about the days of the books. */
import { localDayOf } from '@wattledger/contracts';
import { approver, cashier, finance } from '../testing/test-site.ts';
import { fact, openAccounts, pick, type FactOf } from './fact.ts';
import { zone, type KnownAccount, type KnownVend, type Story } from './story.ts';

const known = (story: Story, index: number): KnownAccount => story.accounts[index] as KnownAccount;
const meansOfCounter = ['cash', 'card', 'transfer', 'cheque'] as const;

const vend: FactOf = (story, { kind, a, b, c }) => {
  const account = c % 9 === 0 ? a % Math.max(1, story.accounts.length) : pick(openAccounts(story), a);
  if (account === undefined || story.accounts.length === 0) return null;
  const amountMicros = 1 + b * (c % 90);
  const means = meansOfCounter[c % 4] as (typeof meansOfCounter)[number];
  const cheque = means === 'cheque' ? { reference: '77', drawerBank: 'A bank' } : {};
  return fact({
    kind,
    run: async (told, requestId) =>
      await told.stage.billing.vends.vend(
        told.project,
        { requestId, accountId: known(told, account).accountId, amountMicros, means, ...cheque },
        cashier,
      ),
    note: (told, { vendId }) => {
      told.vends.push({ vendId, account, amountMicros, reversed: false });
      known(told, account).paidMicros += amountMicros;
    },
  });
};

const reverse: FactOf = (story, { kind, a }) => {
  const place = story.vends.length === 0 ? undefined : a % story.vends.length;
  if (place === undefined) return null;
  return fact({
    kind,
    run: async (told, requestId) => await reverseVend(told, told.vends[place] as KnownVend, requestId),
    note: (told) => {
      noteReversed(told, told.vends[place] as KnownVend);
    },
  });
};

export async function reverseVend(story: Story, sold: KnownVend, requestId: string): Promise<void> {
  const { accountId } = known(story, sold.account);
  const request = { requestId, accountId, vendId: sold.vendId, reason: 'wrong', override: true };
  await story.stage.billing.vends.reverse(story.project, request, cashier, true);
}
export function noteReversed(story: Story, sold: KnownVend): void {
  sold.reversed = true;
  known(story, sold.account).paidMicros -= sold.amountMicros;
}

/** A notice of a payment, late or before the payer has paid, five times over as it comes. */
const notice: FactOf = (story, { kind, a, b, c }, place) => {
  const payment = pick(story.payments, a);
  if (payment === undefined) return null;
  const { stripe } = story.stage;
  const type = b % 5 === 0 ? 'checkout.session.expired' : 'checkout.session.completed';
  return fact({
    kind,
    run: async (told) => {
      if (c % 3 !== 0) stripe.pay(payment.session);
      const event = stripe.notice(
        type,
        stripe.session(payment.session),
        `evt_${told.project}_${place % 7}_${a}`,
      );
      await told.stage.billing.payments.take('stripe', event.headers, event.body);
    },
  });
};

export const moneyFacts = {
  vend,
  reverse,
  notice,
  pay: (story, { kind, a, b }) => {
    const account = pick(openAccounts(story), a);
    if (account === undefined) return null;
    const amountMicros = (1 + (b % 5_000)) * 10_000;
    return fact({
      kind,
      run: async (told, requestId) =>
        await told.stage.billing.payments.create(
          told.project,
          { requestId, accountId: known(told, account).accountId, provider: 'stripe', amountMicros },
          cashier,
        ),
      note: (told, { paymentId, providerPaymentId }) =>
        void told.payments.push({ paymentId, session: providerPaymentId as string, account }),
    });
  },
  'pay-back': (story, { kind, a, b }) => {
    const payment = pick(story.payments, a);
    if (payment === undefined) return null;
    return fact({
      kind,
      run: async (told, requestId) => {
        const request = {
          requestId,
          paymentId: payment.paymentId,
          amountMicros: (1 + (b % 2_000)) * 10_000,
          reason: 'asked',
        };
        await told.stage.billing.payments.refund(told.project, request, cashier);
      },
    });
  },
  agree: (story, { kind, a, b, c }) => {
    const account = pick(openAccounts(story), a);
    if (account === undefined) return null;
    const origin = c % 2 === 0 ? ('balance' as const) : ('brought' as const);
    const amountMicros = 1 + ((b * 13) % 9_000_000);
    return fact({
      kind,
      run: async (told, requestId) =>
        await told.stage.billing.arrears.make(
          told.project,
          {
            requestId,
            accountId: known(told, account).accountId,
            origin,
            amountMicros,
            sharePpm: 1 + (c % 1_000_000),
            capPerVendMicros: c % 3 === 0 ? 5_000_000 : null,
            capPerMonthMicros: null,
            instalments: [],
            holder: 'The tenant',
            signedBy: 'The landlord',
            reason: 'agreed',
            evidence: 'letter',
          },
          cashier,
        ),
      note: (told, { agreementId }) => {
        told.agreements.push({ agreementId, account });
        if (origin === 'brought') known(told, account).broughtMicros += amountMicros;
      },
    });
  },
  'end-agreement': (story, { kind, a, b }) => {
    const agreement = pick(story.agreements, a);
    if (agreement === undefined) return null;
    const writtenDownMicros = b % 2 === 0 ? null : 1 + (b % 2_000_000);
    return fact({
      kind,
      run: async (told, requestId) => {
        const { agreementId } = agreement;
        const request = { requestId, agreementId, reason: 'agreed', writtenDownMicros };
        await told.stage.billing.arrears.change(told.project, request, approver);
      },
      note: (told) => void (known(told, agreement.account).broughtMicros -= writtenDownMicros ?? 0),
    });
  },
  'take-emergency': (story, { kind, a }) => {
    const account = pick(openAccounts(story), a);
    if (account === undefined) return null;
    return fact({
      kind,
      run: async (told, requestId) => {
        const request = { requestId, accountId: known(told, account).accountId, byTenant: true };
        await told.stage.billing.emergency.take(told.project, request, cashier);
      },
    });
  },
  'post-run': (story, { kind, a, b }) => {
    const rule = a % story.rules.length;
    const month = b % 3 === 0 ? '2026-02' : '2026-03';
    return fact({
      kind,
      run: async (told, requestId) => {
        const ruleId = told.rules[rule] as string;
        const { sharedCosts } = told.stage.billing;
        const { pot } = await sharedCosts.dryRun(told.project, ruleId, month);
        const request = { requestId, ruleId, month, invoiceMicros: undefined };
        return await sharedCosts.post(
          told.project,
          { ...request, expectedTotalMicros: pot.totalMicros },
          finance,
        );
      },
      note: (told, { ruleId, run }) =>
        void told.runs.push({ ruleId, runId: run?.runId as string, reversed: false }),
    });
  },
  'undo-run': (story, { kind, a }) => {
    const place = story.runs.length === 0 ? undefined : a % story.runs.length;
    if (place === undefined) return null;
    return fact({
      kind,
      run: async (told, requestId) =>
        await undoRun(told, told.runs[place] as Story['runs'][number], requestId),
      note: (told) => void ((told.runs[place] as Story['runs'][number]).reversed = true),
    });
  },
} as const satisfies Readonly<Record<string, FactOf>>;

export async function undoRun(story: Story, run: Story['runs'][number], requestId: string): Promise<void> {
  const { ruleId, runId } = run;
  const request = { requestId, ruleId, runId, reason: 'mistake' };
  await story.stage.billing.sharedCosts.reverse(story.project, request, finance);
}

/** The shift of the counter, which one person has open at most; and the days that are closed, signed and opened again. */
export const dayFacts = {
  'open-shift': (_story, { kind, a }) =>
    fact({
      kind,
      run: async (told, requestId) => {
        const request = { requestId, float: { amountMicros: a } };
        await told.stage.billing.shifts.open(told.project, request, cashier);
      },
    }),
  'close-shift': (_story, { kind, a }) =>
    fact({
      kind,
      run: async (told, requestId) => {
        const { shifts } = told.stage.billing;
        const repeated = (await shifts.list({ projectId: told.project, limit: 1 }))[0];
        const shift = (await shifts.openShiftOf(told.project, cashier.id)) ?? repeated;
        if (shift === undefined || shift.state === 'closed') return;
        await shifts.close(
          told.project,
          {
            requestId,
            shiftId: shift.shiftId,
            cash: { amountMicros: Math.max(0, shift.expectedCashMicros + (a % 3) * 1_000 - 1_000) },
            slips: [],
            differenceReason: 'counted twice',
          },
          cashier,
          false,
        );
      },
    }),
  'close-day': (story, { kind }) => {
    const day = localDayOf(zone, story.nowMs());
    // Named once, as a person does: the day after the last one closed.
    let named: string | null = null;
    return fact({
      kind,
      run: async ({ stage, project }) => {
        const { closes } = stage;
        const next = (await closes.view(project, day)).nextDay ?? day;
        named ??= next > day ? day : next;
        const { state, figures } = await closes.view(project, named);
        if (state !== 'open') return named;
        for (const { key } of figures.items)
          await closes.answer(project, named, { key, text: 'seen' }, finance);
        await closes.close(project, named, finance);
        return named;
      },
      note: (told, closed) => void (!told.closedDays.includes(closed) && told.closedDays.push(closed)),
    });
  },
  'sign-day': (story, { kind, a }) => {
    const day = pick(story.closedDays, a);
    if (day === undefined) return null;
    return fact({
      kind,
      run: async ({ stage, project }) => {
        if ((await stage.closes.view(project, day)).state === 'closed')
          await stage.closes.sign(project, day, approver);
      },
    });
  },
  'reopen-day': (story, { kind }) => {
    const day = story.closedDays.at(-1);
    if (day === undefined) return null;
    return fact({
      kind,
      run: async ({ stage, project }) => {
        if ((await stage.closes.view(project, day)).state !== 'open')
          await stage.closes.reopen(project, day, 'late money', finance);
      },
      note: (told) => void told.closedDays.pop(),
    });
  },
} as const satisfies Readonly<Record<string, FactOf>>;
