// SPDX-License-Identifier: Apache-2.0
/** Goal: no edit of the log goes unseen. Method: random chains, one random edit each. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  emptyChain,
  followChain,
  hashOfAction,
  textOfState,
  type ActionRow,
  type ChainedRow,
} from './action-chain.ts';

const rowArbitrary = fc.record({
  atMs: fc.nat(),
  principalKind: fc.constantFrom('staff' as const, 'api-key' as const, 'nobody' as const),
  principalId: fc.string(),
  principalName: fc.string(),
  projectId: fc.option(fc.string()),
  action: fc.string(),
  subject: fc.string(),
  before: fc.option(fc.json()),
  after: fc.option(fc.json()),
  remoteAddress: fc.ipV4(),
});

function chainOf(rows: readonly Omit<ActionRow, 'sequence'>[]): ChainedRow[] {
  let hash = '';
  return rows.map((row, index) => {
    const numbered = { ...row, sequence: index + 1 };
    const previousHash = hash;
    hash = hashOfAction(numbered, previousHash);
    return { ...numbered, previousHash, hash };
  });
}

describe('chain of actions', () => {
  test('an untouched chain has no fault, in whatever pages it is read', () => {
    fc.assert(
      fc.property(fc.array(rowArbitrary, { maxLength: 20 }), fc.nat(20), (rows, cutAt) => {
        const chain = chainOf(rows);
        const first = followChain(emptyChain, chain.slice(0, cutAt));
        const second = followChain(first.head, chain.slice(cutAt));
        expect([first.fault, second.fault]).toEqual([null, null]);
        expect(second.head.sequence).toBe(chain.length);
      }),
    );
  });

  test('a changed column is found at its row', () => {
    fc.assert(
      fc.property(
        fc.array(rowArbitrary, { minLength: 1, maxLength: 10 }),
        fc.nat(),
        fc.constantFrom('subject', 'principalId', 'after', 'atMs'),
        (rows, pick, column) => {
          const chain = chainOf(rows);
          const index = pick % chain.length;
          const changed = chain.map((row, at) =>
            at === index
              ? {
                  ...row,
                  [column]: column === 'atMs' ? row.atMs + 1 : `${String(row[column as 'subject'])}x`,
                }
              : row,
          );
          expect(followChain(emptyChain, changed).fault?.sequence).toBe(index + 1);
        },
      ),
    );
  });

  test('a changed row with its own hash recomputed breaks the next link', () => {
    fc.assert(
      fc.property(fc.array(rowArbitrary, { minLength: 2, maxLength: 10 }), fc.nat(), (rows, pick) => {
        const chain = chainOf(rows);
        const index = pick % (chain.length - 1);
        const forged = chain.map((row, at) => {
          if (at !== index) return row;
          const changed = { ...row, subject: `${row.subject}x` };
          return { ...changed, hash: hashOfAction(changed, row.previousHash) };
        });
        expect(followChain(emptyChain, forged).fault?.sequence).toBe(index + 2);
      }),
    );
  });

  test('a removed row is named', () => {
    fc.assert(
      fc.property(fc.array(rowArbitrary, { minLength: 2, maxLength: 10 }), fc.nat(), (rows, pick) => {
        const chain = chainOf(rows);
        const index = pick % (chain.length - 1);
        const fault = followChain(emptyChain, chain.toSpliced(index, 1)).fault;
        expect(fault?.message).toContain(`action ${index + 1} is missing`);
      }),
    );
  });
});

describe('states', () => {
  test('secrets are struck out at any depth', () => {
    const text =
      textOfState({ login: 'ann', newPassword: 'hunter22222', nested: [{ apiToken: 'abc' }] }) ?? '';
    expect(text).toContain('ann');
    expect(text).not.toMatch(/hunter|abc/);
  });
  test('a large state becomes its size and hash', () => {
    expect(JSON.parse(textOfState({ big: 'x'.repeat(70_000) }) ?? '')).toMatchObject({
      tooLarge: true,
      bytes: 70_010,
    });
  });
  test('nothing is null', () => {
    expect([textOfState(undefined), textOfState(null)]).toEqual([null, null]);
  });
});
