// SPDX-License-Identifier: Apache-2.0
/** One question and its answer, in whatever protocol: what a line must know of it to tell answers apart. */
import type { Buffer } from 'node:buffer';
import type { PollFaultKind } from '@wattledger/contracts/http/ingest';

export type AnswerFaultKind = Extract<
  PollFaultKind,
  'exception' | 'target-silent' | 'foreign-answer' | 'wrong-length'
>;
export type Verdict =
  /** `words`: what was read, as it came; empty for writes. */
  | { readonly ok: true; readonly words: Buffer }
  | { readonly ok: false; readonly fault: AnswerFaultKind; readonly reason: string };

export type Deframed<Frame> =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly rest: Buffer }
  | { readonly kind: 'more' }
  /** The stream is out of step: nothing after this point can be trusted. */
  | { readonly kind: 'garbled'; readonly reason: string };

/** A frame as it came, its check sum proven. */
export interface AnswerFrame {
  /** null: the framing has none. */
  readonly transactionId: number | null;
  readonly body: Buffer;
}

export interface Exchange {
  /** @throws RangeError when the question cannot be said in its protocol (a mistake of ours) */
  encode(transactionId: number): Buffer;
  deframe(bytes: Buffer): Deframed<AnswerFrame>;
  /** Whether the frame answers this question. Everything the protocol can tell is checked. */
  judge(frame: AnswerFrame): Verdict;
  /** What its answer looks like from outside; null: its answer carries the id of its question. */
  readonly shape: string | null;
  /** A write is not asked again for its own sake. */
  readonly isWrite: boolean;
  /** Bytes of an answer that may come apart from the rest without making it doubtful. */
  readonly loneBytes: number;
  /** Longest answer, for the time it takes on a slow wire. */
  readonly answerBytes: number;
  /** A question without effect whose answer looks otherwise; null where there are ids. */
  fence(): Exchange | null;
}

export type Answer =
  | {
      readonly ok: true;
      readonly words: Buffer;
      readonly atMs: number;
      /** The registers themselves came in several pieces: a cut answer and a stray piece can look like that. */
      readonly inPieces: boolean;
    }
  | { readonly ok: false; readonly fault: PollFaultKind; readonly reason: string };
