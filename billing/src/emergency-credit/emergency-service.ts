// SPDX-License-Identifier: Apache-2.0
/** Emergency credit: who is offered it, taking it, and everything an account has between its balance and the dark. */
import { newId } from '@wattledger/contracts';
import type { AccountCredit, EmergencyPolicy, EmergencyRefusal } from '@wattledger/contracts/http/billing';
import { RequestError, type Queryable, type Transaction } from '@wattledger/platform';
import type { ArrearsService } from '../arrears/arrears-service.ts';
import { overdueMicros } from '../arrears/agreement-terms.ts';
import { loadAgreements } from '../arrears/agreements-store.ts';
import { lookAtSupply } from '../balance/follow-balances.ts';
import { holdLedgerAccounts, requestIdReused } from '../ledger/ledger-store.ts';
import { contentHash, tenantBalance, type Who } from '../ledger/posting.ts';
import { dayInProject, projectOf, type BillingParts } from '../parts.ts';
import { loadAccountCalendars } from '../supply/calendars-store.ts';
import { concerns, protectionAt } from '../supply/protected-hours.ts';
import { accountUnknown } from '../vending/record-vends.ts';
import { emergencyState, refusalOf, ruleFor, type EmergencyFacts } from './emergency-offer.ts';
import {
  findTaken,
  insertTaken,
  loadCreditHead,
  loadEmergencyPolicy,
  loadTaken,
  writeEmergencyPolicy,
  type CreditHead,
  type TakenCredit,
} from './emergency-store.ts';

export interface TakeRequest {
  readonly requestId: string;
  readonly accountId: string;
  readonly byTenant: boolean;
}

export interface EmergencyService {
  policy(projectId: string): Promise<EmergencyPolicy>;
  /** @throws RequestError 422 policy-refused when a kind of tenant has two rules */
  setPolicy(projectId: string, policy: EmergencyPolicy, by: Who): Promise<EmergencyPolicy>;
  /** @throws RequestError 404 account-unknown */
  credit(projectId: string, accountId: string): Promise<AccountCredit>;
  /** @throws RequestError 404 account-unknown, 409 emergency-in-use, emergency-not-offered, request-id-reused */
  take(projectId: string, request: TakeRequest, by: Who): Promise<AccountCredit>;
}

export function createEmergencyService(parts: BillingParts, arrears: ArrearsService): EmergencyService {
  const { database, clock } = parts;

  async function credit(projectId: string, accountId: string): Promise<AccountCredit> {
    const project = projectOf(parts, projectId);
    const nowMs = clock.nowMs();
    const { head, facts, taken } = await factsOf(parts, database, projectId, accountId);
    const [agreements, calendars] = await Promise.all([
      arrears.agreements({ projectId, accountId }),
      loadAccountCalendars(database, projectId),
    ]);
    const account = { accountId, tenantClass: classOf(parts, head) };
    const emergency = emergencyState(facts);
    const protection = protectionAt(
      calendars.filter((calendar) => concerns(calendar, account)),
      project.zone,
      nowMs,
    );
    return {
      currency: project.currency,
      balanceMicros: head.balanceMicros,
      debtMicros: Math.max(0, -head.balanceMicros) - emergency.usedMicros,
      emergency: { ...emergency, history: taken.map(({ localDay: _, ...one }) => one) },
      agreements: [...agreements],
      arrearsMicros: agreements
        .filter((agreement) => agreement.state === 'active')
        .reduce((sum, agreement) => sum + agreement.restMicros, 0),
      protection: protection && { name: protection.name, untilMs: protection.untilMs },
    };
  }

  return {
    credit,
    async policy(projectId) {
      projectOf(parts, projectId);
      return await loadEmergencyPolicy(database, projectId);
    },
    async setPolicy(projectId, policy, by) {
      projectOf(parts, projectId);
      requireOneRuleEach(policy);
      await writeEmergencyPolicy(database, projectId, policy, by, clock.nowMs());
      return policy;
    },
    async take(projectId, request, by) {
      projectOf(parts, projectId);
      await database.transaction(async (transaction) => {
        await takeCredit(parts, transaction, projectId, request, by);
      });
      parts.wake.supply();
      return await credit(projectId, request.accountId);
    },
  };
}

async function takeCredit(
  parts: BillingParts,
  transaction: Transaction,
  projectId: string,
  request: TakeRequest,
  by: Who,
): Promise<void> {
  const { accountId, requestId, byTenant } = request;
  if ((await loadCreditHead(transaction, projectId, accountId)) === undefined)
    throw accountUnknown(accountId);
  // The balance is held: neither a vend nor another taking comes between the look and the taking.
  await holdLedgerAccounts(transaction, [tenantBalance(projectId, accountId)]);
  const hash = contentHash({ command: 'take-emergency-credit', accountId, byTenant });
  const earlier = await findTaken(transaction, projectId, requestId);
  if (earlier !== undefined) {
    if (earlier.contentHash !== hash) throw requestIdReused(requestId);
    return;
  }
  const { facts } = await factsOf(parts, transaction, projectId, accountId);
  if (facts.inUseMicros !== null) throw inUse();
  const refusal = refusalOf(facts);
  if (refusal !== null || facts.rule === undefined) throw notOffered(refusal ?? 'no-rule');
  const nowMs = parts.clock.nowMs();
  await insertTaken(transaction, {
    emergencyCreditId: newId('emergencyCredit'),
    projectId,
    accountId,
    requestId,
    contentHash: hash,
    amountMicros: facts.rule.amountMicros,
    localDay: dayInProject(projectOf(parts, projectId), nowMs),
    takenAtMs: nowMs,
    takenBy: by,
    byTenant,
  });
  await lookAtSupply(transaction, [accountId], 'emergency-credit', nowMs);
}

async function factsOf(
  parts: BillingParts,
  queryable: Queryable,
  projectId: string,
  accountId: string,
): Promise<{
  readonly head: CreditHead;
  readonly facts: EmergencyFacts;
  readonly taken: readonly TakenCredit[];
}> {
  const head = await loadCreditHead(queryable, projectId, accountId);
  if (head === undefined) throw accountUnknown(accountId);
  const policy = await loadEmergencyPolicy(queryable, projectId);
  const taken = await loadTaken(queryable, accountId);
  const agreements = await loadAgreements(queryable, { projectId, accountId, state: 'active' });
  const today = dayInProject(projectOf(parts, projectId), parts.clock.nowMs());
  const facts: EmergencyFacts = {
    accountOpen: head.state === 'open',
    stage: head.stage,
    balanceMicros: head.balanceMicros,
    rule: ruleFor(policy, classOf(parts, head)),
    inUseMicros: taken.find((credit) => credit.repaidAtMs === null)?.amountMicros ?? null,
    takenThisMonth: taken.filter((credit) => credit.localDay.slice(0, 7) === today.slice(0, 7)).length,
    takenEver: taken.length,
    overdueMicros: agreements.reduce(
      (sum, agreement) => sum + overdueMicros(agreement, agreement.instalments, today),
      0,
    ),
  };
  return { head, facts, taken };
}

const classOf = (parts: BillingParts, head: CreditHead): string | null =>
  parts.registry.get('tenant', head.tenantId)?.tenantClass ?? null;

function requireOneRuleEach({ rules }: EmergencyPolicy): void {
  const seen = new Set<string | null>();
  const faults = rules.flatMap(({ tenantClass }, index) => {
    const again = seen.has(tenantClass);
    seen.add(tenantClass);
    return again ? [{ path: `rules.${index}.tenantClass`, message: 'has a rule already' }] : [];
  });
  if (faults.length === 0) return;
  throw new RequestError({
    status: 422,
    code: 'policy-refused',
    message: 'A kind of tenant has one rule.',
    hint: 'Join the rules of the kind that stands twice.',
    faults,
  });
}

const inUse = (): RequestError =>
  new RequestError({
    status: 409,
    code: 'emergency-in-use',
    message: 'Emergency credit is in use already.',
    hint: 'It is repaid by the next top up; then it may be offered again.',
  });

const reasons: Readonly<Record<EmergencyRefusal, string>> = {
  'account-closed': 'The account is closed.',
  'no-rule': 'This kind of tenant is offered none: see the policy.',
  'balance-suffices': 'The balance is not low enough yet.',
  'taken-often': 'It was taken as often as the policy allows in a month.',
  'arrears-overdue': 'Instalments of arrears are overdue: they come first.',
};
const notOffered = (refusal: EmergencyRefusal): RequestError =>
  new RequestError({
    status: 409,
    code: 'emergency-not-offered',
    message: 'No emergency credit is offered to this account at present.',
    hint: reasons[refusal],
    faults: [{ path: 'accountId', message: refusal }],
  });
