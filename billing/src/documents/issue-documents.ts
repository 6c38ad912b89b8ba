// SPDX-License-Identifier: Apache-2.0
/**
 * Documents of postings, made in the transaction that posts: their number, their facts and their code stand or fall with
 * the money. Asking again for the same posting makes nothing new.
 */
import { newId, type ProjectSnapshot } from '@wattledger/contracts';
import type { DocumentFacts, DocumentKind, PostingKind } from '@wattledger/contracts/http/billing';
import type { Transaction } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import { dayInProject, projectOf, type BillingParts } from '../parts.ts';
import { insertDocuments, loadSecret, takeNumbers, type NewDocument } from './documents-store.ts';
import { lastReadings, readingKey, type ReadingFacts } from './last-readings.ts';
import {
  loadAccountPoints,
  loadDocumented,
  loadPostingFacts,
  type PostingFacts,
} from './posting-facts-store.ts';
import { keepText, loadActiveText, loadHead } from './templates-store.ts';
import { codeOf } from './verification-code.ts';

const kindsOf: Readonly<Partial<Record<PostingKind, readonly DocumentKind[]>>> = {
  vend: ['sale'],
  reversal: ['reversal'],
  refund: ['refund'],
  opening: ['opening'],
  closing: ['closing', 'refund'],
  'shared-cost': ['shared-cost'],
};

/** One order of kinds for everybody: counters are locked in it. */
const kindOrder: readonly DocumentKind[] = [
  'sale',
  'reversal',
  'refund',
  'opening',
  'closing',
  'shared-cost',
];

export type DocumentParts = Pick<BillingParts, 'registry' | 'warehouse' | 'logger' | 'clock'>;

/** Documents the postings that want one. Called last before a transaction announces what it did. */
export async function issueDocuments(
  parts: DocumentParts,
  transaction: Transaction,
  projectId: string,
  postingIds: readonly string[],
): Promise<void> {
  if (postingIds.length === 0) return;
  const postings = await loadPostingFacts(transaction, projectId, postingIds);
  for (const kind of kindOrder) {
    const wanted = postings.filter((posting) => wantsDocument(posting, kind));
    if (wanted.length > 0) await issueKind(parts, transaction, { projectId, kind, postings: wanted });
  }
}

/** A closing pays out something or nothing: only then there is a refund to sign. */
const wantsDocument = (posting: PostingFacts, kind: DocumentKind): boolean =>
  kindsOf[posting.kind]?.includes(kind) === true && (kind !== 'refund' || posting.refund_micros !== null);

async function issueKind(
  parts: DocumentParts,
  transaction: Transaction,
  asked: {
    readonly projectId: string;
    readonly kind: DocumentKind;
    readonly postings: readonly PostingFacts[];
  },
): Promise<void> {
  const { projectId, kind } = asked;
  const ids = asked.postings.map((posting) => posting.posting_id);
  const documented = await loadDocumented(transaction, projectId, kind, ids);
  const postings = asked.postings.filter((posting) => !documented.has(posting.posting_id));
  if (postings.length === 0) return;
  const nowMs = parts.clock.nowMs();
  const points = await pointsOf(parts, transaction, kind, postings, nowMs);
  const first = kind === 'sale' ? 0 : await takeNumbers(transaction, projectId, kind, postings.length);
  const project = projectOf(parts, projectId);
  await issueFacts(
    parts,
    transaction,
    project,
    kind,
    postings.map((posting, index) => ({
      subjectId: posting.posting_id,
      postingId: posting.posting_id,
      tenantId: posting.tenant_id,
      // A receipt's number was taken with the vend.
      number: posting.receipt_number !== null && kind === 'sale' ? posting.receipt_number : first + index,
      facts: {
        ...factsOfPosting(parts, posting, kind),
        points: points.get(posting.account_id)?.points ?? [],
        rooms: [...(points.get(posting.account_id)?.rooms ?? [])],
      },
    })),
  );
}

/** What whoever issues says; number, head, project and code are added here. */
export type SaidFacts = Omit<
  DocumentFacts,
  | 'documentId'
  | 'kind'
  | 'number'
  | 'issuedAtMs'
  | 'localDay'
  | 'zone'
  | 'currency'
  | 'project'
  | 'company'
  | 'rooms'
>;
interface Issue {
  readonly subjectId: string;
  readonly postingId: string | null;
  readonly tenantId: string | null;
  readonly number: number;
  readonly facts: SaidFacts & { readonly rooms?: readonly string[] };
}

async function issueFacts(
  parts: DocumentParts,
  transaction: Transaction,
  project: ProjectSnapshot,
  kind: DocumentKind,
  issues: readonly Issue[],
): Promise<void> {
  const nowMs = parts.clock.nowMs();
  const { head, logoHash } = await loadHead(transaction, project.id);
  const textHash = await keepText(transaction, await loadActiveText(transaction, project.id, kind, nowMs));
  const secret = await loadSecret(transaction);
  const rows = issues.map(({ number, facts: said, ...issue }): NewDocument => {
    const { points, ...rest } = said;
    const facts: DocumentFacts = {
      ...rest,
      documentId: newId('document'),
      kind,
      number,
      issuedAtMs: nowMs,
      localDay: dayInProject(project, nowMs),
      zone: project.zone,
      currency: project.currency,
      project: { id: project.id, code: project.code, name: project.name, address: project.address },
      company: { ...head, logoHash },
      rooms: [...(said.rooms ?? [])],
      points,
    };
    return { ...issue, facts, textHash, code: codeOf(secret, facts) };
  });
  await insertDocuments(transaction, rows);
}

/** A document of something that is no posting of an account (a shift, a closed day): once per subject. */
export async function issueDocument(
  parts: DocumentParts,
  transaction: Transaction,
  document: {
    readonly projectId: string;
    readonly kind: DocumentKind;
    readonly subjectId: string;
    readonly postingId?: string | null;
    readonly amountMicros: number;
    readonly effectiveAtMs: number;
    readonly reason?: string | null;
    readonly lines: DocumentFacts['lines'];
    readonly issuedBy: Who;
  },
): Promise<void> {
  const { projectId, kind, subjectId } = document;
  const documented = await loadDocumented(transaction, projectId, kind, [subjectId]);
  if (documented.has(subjectId)) return;
  const number = await takeNumbers(transaction, projectId, kind, 1);
  const facts: SaidFacts = {
    effectiveAtMs: document.effectiveAtMs,
    tenant: null,
    accountId: null,
    points: [],
    amountMicros: document.amountMicros,
    means: null,
    reference: null,
    parts: null,
    balanceAfterMicros: null,
    reason: document.reason ?? null,
    concernsNumber: null,
    lines: document.lines,
    issuedBy: document.issuedBy,
  };
  const postingId = document.postingId ?? null;
  const project = projectOf(parts, projectId);
  await issueFacts(parts, transaction, project, kind, [
    { subjectId, postingId, tenantId: null, number, facts },
  ]);
}

function factsOfPosting(
  { registry }: DocumentParts,
  posting: PostingFacts,
  kind: DocumentKind,
): Omit<SaidFacts, 'points'> {
  const tenant = registry.get('tenant', posting.tenant_id);
  const amount: Readonly<Partial<Record<DocumentKind, number | null>>> = {
    sale: posting.vend_amount_micros,
    reversal: posting.reversed_micros,
    refund: posting.refund_micros,
    closing: posting.refund_micros,
    'shared-cost': posting.tenant_micros === null ? null : -posting.tenant_micros,
  };
  return {
    effectiveAtMs: posting.effective_at_ms,
    tenant:
      tenant === undefined
        ? { code: posting.tenant_id, name: '', phone: null }
        : { code: tenant.code, name: tenant.name, phone: tenant.phone },
    accountId: posting.account_id,
    amountMicros: amount[kind] ?? 0,
    means: posting.means,
    reference: posting.reference,
    parts:
      kind !== 'sale' || posting.credit_micros === null
        ? null
        : {
            arrearsMicros: posting.arrears_micros ?? 0,
            emergencyMicros: posting.emergency_micros ?? 0,
            balanceMicros: posting.credit_micros,
          },
    balanceAfterMicros: posting.balance_after_micros,
    reason: posting.reason,
    concernsNumber: posting.reversed_number,
    lines: kind === 'closing' ? closingLines(posting) : [],
    issuedBy: { id: posting.recorded_by_id, name: posting.recorded_by_name },
  };
}

/** What became of the balance: an amount paid out says nothing of the arrears that were taken from it before. */
function closingLines(posting: PostingFacts): DocumentFacts['lines'] {
  const returnedMicros = posting.returned_micros ?? 0;
  if (returnedMicros === 0) return [];
  return [
    {
      label: { en: 'Balance after the final charge', zh: '最终计费后余额' },
      amountMicros: posting.balance_after_micros - (posting.tenant_micros ?? 0),
    },
    { label: { en: 'Taken for arrears', zh: '抵扣欠费' }, amountMicros: -returnedMicros },
    { label: { en: 'Paid out', zh: '退款金额' }, amountMicros: -(posting.refund_micros ?? 0) },
  ];
}

type PointFacts = DocumentFacts['points'][number];
interface AccountPlaces {
  readonly points: PointFacts[];
  readonly rooms: Set<string>;
}

async function pointsOf(
  parts: DocumentParts,
  transaction: Transaction,
  kind: DocumentKind,
  postings: readonly PostingFacts[],
  nowMs: number,
): Promise<ReadonlyMap<string, AccountPlaces>> {
  const { registry } = parts;
  const accountIds = [...new Set(postings.map((posting) => posting.account_id))];
  const rows = await loadAccountPoints(transaction, accountIds, nowMs);
  const atMs = Math.max(...postings.map((posting) => posting.effective_at_ms));
  // A reading is what opening and closing are about; a receipt goes without a look at the warehouse.
  const mounted = kind === 'opening' || kind === 'closing' ? rows.map((row) => row.metering_point_id) : [];
  const readings = await lastReadings(parts, mounted, atMs);
  const found = new Map<string, AccountPlaces>();
  for (const row of rows) {
    const point = registry.get('metering-point', row.metering_point_id);
    if (point === undefined) continue;
    const mountings = point.mountings.filter(
      ({ fromMs, toMs }) => fromMs <= atMs && (toMs === null || atMs <= toMs),
    );
    const account = found.get(row.account_id) ?? { points: [], rooms: new Set<string>() };
    const room = placePath(registry, point.placeId);
    if (room !== '') account.rooms.add(room);
    account.points.push({
      code: point.code,
      name: point.name,
      medium: point.medium,
      meters: mountings.map(({ meterId }) => registry.get('meter', meterId)?.serial ?? meterId),
      scheme: row.scheme,
      rates: { ...row.rates },
      reading: readingOf(readings, mountings),
    });
    found.set(row.account_id, account);
  }
  return found;
}

/** From the building to the room. */
function placePath(registry: DocumentParts['registry'], placeId: string | null): string {
  const names: string[] = [];
  const seen = new Set<string>();
  for (let id = placeId; id !== null && !seen.has(id);) {
    seen.add(id);
    const place = registry.get('place', id);
    if (place === undefined) break;
    names.unshift(place.name);
    id = place.parentId;
  }
  return names.join(' / ');
}

function readingOf(
  readings: ReadonlyMap<string, ReadingFacts>,
  mountings: readonly {
    readonly meterId: string;
    readonly register: string;
    readonly multiplierNumerator?: number | undefined;
    readonly multiplierDenominator?: number | undefined;
  }[],
): PointFacts['reading'] {
  for (const mounting of mountings) {
    const reading = readings.get(readingKey(mounting));
    if (reading === undefined) continue;
    const { multiplierNumerator = 1, multiplierDenominator = 1 } = mounting;
    return { ...reading, register: mounting.register, multiplierNumerator, multiplierDenominator };
  }
  return null;
}
