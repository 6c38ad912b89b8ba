// SPDX-License-Identifier: Apache-2.0
/** Price schemes: drafted by one person, approved by another, in force from an instant; never edited in place. */
import { newId, slotLengthMs, type Medium, type TariffCalendar } from '@wattledger/contracts';
import {
  plainTerms,
  type PricePreview,
  type PriceScheme,
  type PriceTerms,
  type PriceVersion,
  type PriceVersionState,
  type Rates,
} from '@wattledger/contracts/http/billing';
import { RequestError, type Queryable } from '@wattledger/platform';
import type { Who } from '../ledger/posting.ts';
import type { TermsFault } from '../rating/terms-faults.ts';
import { projectOf, requireOnGrid, type BillingParts } from '../parts.ts';
import { noteRetroactiveVersion } from './price-notices.ts';
import { faultsOfDraft, previewDraft, type VersionDraft } from './preview-service.ts';
import { openList, rejectList } from '../replay/lists-service.ts';
import { isChargedSince } from '../replay/lists-store.ts';
import {
  holdScheme,
  insertDraft,
  insertScheme,
  loadSchemes,
  loadVersions,
  stepVersion,
  type SchemeHead,
} from './prices-store.ts';
import type { Sample } from './sample-bill.ts';

export interface NewPriceScheme {
  readonly name: string;
  readonly medium: Medium;
  /** Importers may give a stable id. */
  readonly priceSchemeId?: string;
}
export interface NewPriceVersion {
  readonly effectiveFromMs: number;
  readonly rates: Rates;
  /** Left out: rates alone. */
  readonly terms?: PriceTerms | undefined;
  /** Left out: the project's calendar of today. */
  readonly calendar?: TariffCalendar | undefined;
  readonly note?: string | undefined;
  readonly priceVersionId?: string;
}

export interface PricesService {
  list(projectId: string): Promise<readonly PriceScheme[]>;
  /** @throws RequestError 404 price-scheme-unknown */
  get(projectId: string, priceSchemeId: string): Promise<PriceScheme>;
  /** @throws RequestError 409 price-scheme-exists */
  createScheme(projectId: string, scheme: NewPriceScheme, by: Who): Promise<PriceScheme>;
  /** @throws RequestError 422 rates-incomplete, price-version-faulty, off-slot-grid */
  draftVersion(
    projectId: string,
    priceSchemeId: string,
    version: NewPriceVersion,
    by: Who,
  ): Promise<PriceVersion>;
  /** The faults of a draft or its bill for a sample month; nothing is written. */
  preview(
    projectId: string,
    priceSchemeId: string,
    draft: VersionDraft,
    sample: Sample,
  ): Promise<PricePreview>;
  submit(projectId: string, priceSchemeId: string, priceVersionId: string, by: Who): Promise<PriceVersion>;
  /** By another than drafted or submitted it. In force from its instant on; of a past that has been charged it is listed for finance. */
  approve(projectId: string, priceSchemeId: string, priceVersionId: string, by: Who): Promise<PriceVersion>;
  /** One that has held is withdrawn by another than drafted it, and everything it touched is charged anew by what then holds. */
  withdraw(projectId: string, priceSchemeId: string, priceVersionId: string, by: Who): Promise<PriceVersion>;
}

type BareVersion = Omit<PriceVersion, 'inForce'>;

export function createPricesService(parts: BillingParts): PricesService {
  const { database, clock } = parts;

  const withInForce = (versions: readonly BareVersion[]): PriceVersion[] => {
    const nowMs = clock.nowMs();
    const holding = versions
      .filter((version) => version.state === 'approved' && version.effectiveFromMs <= nowMs)
      .sort((a, b) => a.effectiveFromMs - b.effectiveFromMs || a.number - b.number)
      .at(-1);
    return versions.map((version) => ({ ...version, inForce: version === holding }));
  };

  async function schemes(projectId: string, priceSchemeId: string | null): Promise<readonly PriceScheme[]> {
    const [heads, versions] = await Promise.all([
      loadSchemes(database, projectId, priceSchemeId),
      loadVersions(database, projectId, priceSchemeId),
    ]);
    return heads.map((head) => ({
      ...head,
      versions: withInForce(versions.filter((version) => version.priceSchemeId === head.priceSchemeId)),
    }));
  }

  async function get(projectId: string, priceSchemeId: string): Promise<PriceScheme> {
    const [scheme] = await schemes(projectId, priceSchemeId);
    if (scheme === undefined) throw schemeUnknown(priceSchemeId);
    return scheme;
  }

  async function headOf(projectId: string, priceSchemeId: string): Promise<SchemeHead> {
    const [head] = await loadSchemes(database, projectId, priceSchemeId);
    if (head === undefined) throw schemeUnknown(priceSchemeId);
    return head;
  }

  async function versionOf(
    projectId: string,
    priceSchemeId: string,
    priceVersionId: string,
  ): Promise<PriceVersion> {
    const { versions } = await get(projectId, priceSchemeId);
    const version = versions.find((candidate) => candidate.priceVersionId === priceVersionId);
    if (version === undefined) throw versionUnknown(priceVersionId);
    return version;
  }

  /** Takes a version one step on, holding its scheme. */
  async function step(
    ids: { readonly projectId: string; readonly priceSchemeId: string; readonly priceVersionId: string },
    state: 'submitted' | 'approved' | 'withdrawn',
    by: Who,
    check: (version: BareVersion, nowMs: number) => void,
  ): Promise<PriceVersion> {
    const nowMs = clock.nowMs();
    await database.transaction(async (transaction) => {
      if (!(await holdScheme(transaction, ids.projectId, ids.priceSchemeId)))
        throw schemeUnknown(ids.priceSchemeId);
      const version = await findVersion(transaction, ids);
      check(version, nowMs);
      // An hour's grace: the longest slot may already be open when the version is approved just in time.
      const began = version.effectiveFromMs <= nowMs + slotLengthMs(60);
      const held = state === 'approved' || version.state === 'approved';
      // Also of times to come: a meter whose clock is ahead has told of them, and they are charged.
      const charged = held && (await isChargedSince(transaction, ids.priceVersionId));
      const listed = began && charged && state === 'approved';
      await stepVersion(transaction, version.priceVersionId, listed ? 'listed' : state, by, nowMs);
      if (listed) await openList(parts, transaction, ids, by);
      else if (held && (began || charged))
        await noteRetroactiveVersion(transaction, ids.projectId, version.priceVersionId);
      if (version.state === 'listed') await rejectList(transaction, ids.priceVersionId, by, nowMs);
    });
    parts.wake.notices();
    return await versionOf(ids.projectId, ids.priceSchemeId, ids.priceVersionId);
  }

  return {
    list: async (projectId) => await schemes(projectId, null),
    get,
    async createScheme(projectId, scheme, by) {
      projectOf(parts, projectId);
      const priceSchemeId = scheme.priceSchemeId ?? newId('priceScheme');
      const { name, medium } = scheme;
      const created = { priceSchemeId, projectId, name, medium, createdBy: by, createdAtMs: clock.nowMs() };
      if (!(await insertScheme(database, created))) {
        throw new RequestError({
          status: 409,
          code: 'price-scheme-exists',
          message: `The project already has a price scheme named "${name}".`,
          hint: 'Choose another name, or draft a new version of that scheme.',
        });
      }
      return await get(projectId, priceSchemeId);
    },
    async draftVersion(projectId, priceSchemeId, version, by) {
      const project = projectOf(parts, projectId);
      requireOnGrid(project, version.effectiveFromMs, 'effectiveFromMs');
      const { medium } = await headOf(projectId, priceSchemeId);
      requireFaultless(await faultsOfDraft(database, project, medium, version));
      const priceVersionId = version.priceVersionId ?? newId('priceVersion');
      await database.transaction(async (transaction) => {
        if (!(await holdScheme(transaction, projectId, priceSchemeId))) throw schemeUnknown(priceSchemeId);
        await insertDraft(transaction, {
          priceVersionId,
          priceSchemeId,
          projectId,
          effectiveFromMs: version.effectiveFromMs,
          rates: version.rates,
          terms: version.terms ?? plainTerms,
          calendar: version.calendar ?? project.calendar,
          note: version.note ?? null,
          draftedBy: by,
          draftedAtMs: clock.nowMs(),
        });
      });
      return await versionOf(projectId, priceSchemeId, priceVersionId);
    },
    async preview(projectId, priceSchemeId, draft, sample) {
      const project = projectOf(parts, projectId);
      const { medium } = await headOf(projectId, priceSchemeId);
      return await previewDraft(database, project, medium, draft, sample);
    },
    submit: async (projectId, priceSchemeId, priceVersionId, by) =>
      await step({ projectId, priceSchemeId, priceVersionId }, 'submitted', by, (version) => {
        requireState(version, ['draft'], 'submitted');
      }),
    approve: async (projectId, priceSchemeId, priceVersionId, by) =>
      await step({ projectId, priceSchemeId, priceVersionId }, 'approved', by, (version) => {
        requireState(version, ['submitted'], 'approved');
        requireAnother(version, by);
      }),
    withdraw: async (projectId, priceSchemeId, priceVersionId, by) =>
      await step({ projectId, priceSchemeId, priceVersionId }, 'withdrawn', by, (version, nowMs) => {
        requireState(version, ['draft', 'submitted', 'listed', 'approved'], 'withdrawn');
        if (version.state === 'approved' && version.effectiveFromMs <= nowMs) requireAnother(version, by);
      }),
  };
}

async function findVersion(
  queryable: Queryable,
  ids: { readonly projectId: string; readonly priceSchemeId: string; readonly priceVersionId: string },
): Promise<BareVersion> {
  const versions = await loadVersions(queryable, ids.projectId, ids.priceSchemeId);
  const version = versions.find((candidate) => candidate.priceVersionId === ids.priceVersionId);
  if (version === undefined) throw versionUnknown(ids.priceVersionId);
  return version;
}

function requireFaultless(faults: readonly TermsFault[]): void {
  if (faults.length === 0) return;
  if (faults.every(({ path }) => path.startsWith('rates'))) {
    throw new RequestError({
      status: 422,
      code: 'rates-incomplete',
      message: 'The rates do not fit the calendar.',
      hint: 'Give one rate for each period that the calendar uses, and no other.',
      faults,
    });
  }
  throw new RequestError({
    status: 422,
    code: 'price-version-faulty',
    message: 'The price does not hold together.',
    hint: 'Correct the fields named; the preview of the draft lists them too.',
    faults,
  });
}

function requireState(version: BareVersion, from: readonly PriceVersionState[], to: string): void {
  if (from.includes(version.state)) return;
  throw new RequestError({
    status: 409,
    code: 'price-version-state',
    message: `Version ${version.number} is ${version.state}; it cannot become ${to}.`,
    hint: 'A version goes draft, submitted, approved. To change prices, draft a new version.',
  });
}

function requireAnother(version: BareVersion, by: Who): void {
  if (by.id !== version.draftedBy.id && by.id !== version.submittedBy?.id) return;
  throw new RequestError({
    status: 403,
    code: 'approver-is-author',
    message:
      'A price is approved, and once it has held withdrawn, by another person than the one who drafted or submitted it.',
    hint: 'Ask a colleague with the right price:write.',
  });
}

const schemeUnknown = (priceSchemeId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'price-scheme-unknown',
    message: `This project has no price scheme "${priceSchemeId}".`,
    hint: 'List the price schemes of the project.',
  });
const versionUnknown = (priceVersionId: string): RequestError =>
  new RequestError({
    status: 404,
    code: 'price-version-unknown',
    message: `This price scheme has no version "${priceVersionId}".`,
    hint: 'Open the price scheme to see its versions.',
  });
