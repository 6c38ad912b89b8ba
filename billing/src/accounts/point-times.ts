// SPDX-License-Identifier: Apache-2.0
/** The times of one metering point at one account, and what a change makes of them. Pure. */

/** [openedAtMs, closedAtMs) at one scheme. One without length says that the account had the point once. */
export interface PointTime {
  readonly priceSchemeId: string;
  readonly contractedDemandW: number | null;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
}

export type PointTerms = Pick<PointTime, 'priceSchemeId' | 'contractedDemandW'>;

const endOf = (time: PointTime): number => time.closedAtMs ?? Infinity;
const isEmpty = (time: PointTime): boolean => endOf(time) <= time.openedAtMs;

/** The time that holds an instant. */
export const timeAt = (times: readonly PointTime[], atMs: number): PointTime | undefined =>
  times.find((time) => time.openedAtMs <= atMs && atMs < endOf(time));

/** The time that has no end yet: the account's at present. */
export const openTime = (times: readonly PointTime[]): PointTime | undefined =>
  times.find((time) => time.closedAtMs === null);

const sameTerms = (a: PointTerms, b: PointTerms): boolean =>
  a.priceSchemeId === b.priceSchemeId && a.contractedDemandW === b.contractedDemandW;

/**
 * One way to write the same times: those without length left out, neighbours of the same terms joined. What is undone is
 * then as if it had never been. A point that was only there for no time keeps one such, because charges may name it.
 */
function tidied(times: readonly PointTime[]): readonly PointTime[] {
  const inOrder = [...times].sort((a, b) => a.openedAtMs - b.openedAtMs);
  const tidy: PointTime[] = [];
  for (const time of inOrder.filter((candidate) => !isEmpty(candidate))) {
    const last = tidy.at(-1);
    if (last?.closedAtMs === time.openedAtMs && sameTerms(last, time)) {
      tidy[tidy.length - 1] = { ...last, closedAtMs: time.closedAtMs };
    } else tidy.push(time);
  }
  return tidy.length > 0 ? tidy : inOrder.slice(0, 1);
}

/** Nothing from an instant on. */
export function withoutFrom(times: readonly PointTime[], fromMs: number): readonly PointTime[] {
  return tidied(
    times.map((time) =>
      endOf(time) <= fromMs ? time : { ...time, closedAtMs: Math.max(time.openedAtMs, fromMs) },
    ),
  );
}

/** At these terms from an instant on, whatever was said of later ones. */
export function withTermsFrom(
  times: readonly PointTime[],
  fromMs: number,
  terms: PointTerms,
): readonly PointTime[] {
  return tidied([
    ...withoutFrom(times, fromMs).filter((time) => !isEmpty(time)),
    { ...terms, openedAtMs: fromMs, closedAtMs: null },
  ]);
}

/** Another contracted demand from an instant on, each scheme staying as it is. */
export function withDemandFrom(
  times: readonly PointTime[],
  fromMs: number,
  contractedDemandW: number | null,
): readonly PointTime[] {
  return tidied(
    times.flatMap((time) => {
      if (isEmpty(time) || endOf(time) <= fromMs) return [time];
      if (time.openedAtMs >= fromMs) return [{ ...time, contractedDemandW }];
      return [
        { ...time, closedAtMs: fromMs },
        { ...time, openedAtMs: fromMs, contractedDemandW },
      ];
    }),
  );
}

/** Another scheme from an instant on, the contracted demand of each time staying as it is. */
export function withSchemeFrom(
  times: readonly PointTime[],
  fromMs: number,
  priceSchemeId: string,
): readonly PointTime[] {
  return tidied(
    times.flatMap((time) => {
      if (isEmpty(time) || endOf(time) <= fromMs) return [time];
      if (time.openedAtMs >= fromMs) return [{ ...time, priceSchemeId }];
      return [
        { ...time, closedAtMs: fromMs },
        { ...time, openedAtMs: fromMs, priceSchemeId },
      ];
    }),
  );
}
