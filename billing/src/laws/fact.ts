// SPDX-License-Identifier: Apache-2.0
/** What every kind of fact is made with. */
import type { Step } from './history.ts';
import type { Fact, Story } from './story.ts';

/** The command that a step stands for in a story; null where there is nothing to do it to. */
export type FactOf = (story: Story, step: Step, place: number) => Fact<never> | null;
export const pick = <T>(list: readonly T[], drawn: number): T | undefined => list[drawn % list.length];
/** Keeps a fact of any answer beside the others. */
export const fact = <T>(of: Fact<T>): Fact<never> => of as unknown as Fact<never>;

export const openAccounts = (story: Story): readonly number[] =>
  story.accounts.flatMap(({ closed }, index) => (closed ? [] : [index]));
