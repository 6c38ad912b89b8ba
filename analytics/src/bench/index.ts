// SPDX-License-Identifier: Apache-2.0
export {
  benchQuestions,
  type QuestionsBenchOptions,
  type QuestionsBenchResult,
  type QuestionTime,
} from './questions-bench.ts';
export {
  fillSyntheticSite,
  settlePartitions,
  syntheticSnapshots,
  type SyntheticSite,
} from './synthetic-site.ts';
