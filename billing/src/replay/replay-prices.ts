// SPDX-License-Identifier: Apache-2.0
/** Accounts and prices as they would be if a version had held. Pure: what follows from them is left to charging's own functions. */
import type { ReplayKind } from '@wattledger/contracts/http/billing';
import type { AccountSpan, PriceBook } from '../charging/rate-slot-day.ts';
import { approvedInOrder, type PriceVersionTerms } from '../prices/price-version.ts';

/** A scheme of the version alone, to which a what-if moves accounts. No id of a stored scheme has a space. */
const movedSchemeId = 'replayed version';

export interface ReplayQuestion {
  readonly kind: ReplayKind;
  readonly version: PriceVersionTerms;
  /** The version holds in [fromMs, toMs); a list ends with the day of asking. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Null, both: all that are charged by the version's scheme. */
  readonly chosenPointIds: readonly string[] | null;
  readonly chosenAccountIds: readonly string[] | null;
}

/** What the version would change of a point: its accounts' times with their schemes, and which of the accounts are concerned. */
export interface ReplayedSpans {
  readonly spans: readonly AccountSpan[];
  readonly accountIds: ReadonlySet<string>;
}

/**
 * A list changes nobody's scheme: the version takes its place among those in force. A what-if cuts the span of asking out
 * of each account's time and charges it by the version alone.
 */
export function replayedSpans(
  question: ReplayQuestion,
  meteringPointId: string,
  spans: readonly AccountSpan[],
): ReplayedSpans {
  const concerned = spans.filter((span) => isConcerned(question, meteringPointId, span));
  const accountIds = new Set(concerned.map((span) => span.accountId));
  if (question.kind === 'list') return { spans, accountIds };
  return {
    spans: spans.flatMap((span) => (concerned.includes(span) ? cutSpan(span, question) : [span])),
    accountIds,
  };
}

function isConcerned(question: ReplayQuestion, meteringPointId: string, span: AccountSpan): boolean {
  const { fromMs, toMs, chosenPointIds, chosenAccountIds, version } = question;
  if (span.openedAtMs >= toMs || (span.closedAtMs !== null && span.closedAtMs <= fromMs)) return false;
  if (chosenPointIds === null && chosenAccountIds === null)
    return span.priceSchemeId === version.priceSchemeId;
  return (
    (chosenPointIds?.includes(meteringPointId) ?? false) ||
    (chosenAccountIds?.includes(span.accountId) ?? false)
  );
}

function cutSpan(span: AccountSpan, { fromMs, toMs }: ReplayQuestion): readonly AccountSpan[] {
  const closedAtMs = span.closedAtMs ?? Infinity;
  const cutFromMs = Math.max(span.openedAtMs, fromMs);
  const cut: AccountSpan[] = [];
  if (span.openedAtMs < cutFromMs) cut.push({ ...span, closedAtMs: cutFromMs });
  const ends = closedAtMs <= toMs;
  cut.push({
    ...span,
    priceSchemeId: movedSchemeId,
    openedAtMs: cutFromMs,
    closedAtMs: ends ? span.closedAtMs : toMs,
  });
  if (!ends) cut.push({ ...span, openedAtMs: toMs });
  return cut;
}

/** Prices with the version among them, as if it had been approved. */
export function replayedBook({ kind, version }: ReplayQuestion, book: PriceBook): PriceBook {
  const approved = { ...version, approved: true };
  const moved = [{ ...approved, effectiveFromMs: 0 }];
  const inOrder = approvedInOrder([...book.inOrder(version.priceSchemeId), approved]);
  return {
    inOrder: (priceSchemeId) => {
      if (priceSchemeId === movedSchemeId) return moved;
      return kind === 'list' && priceSchemeId === version.priceSchemeId
        ? inOrder
        : book.inOrder(priceSchemeId);
    },
    version: (priceVersionId) => book.version(priceVersionId),
    series: book.series,
  };
}
