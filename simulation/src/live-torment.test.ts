// SPDX-License-Identifier: Apache-2.0
/**
 * Goal: the living demo survives kills, from the first second of its first start on. `wattledger simulate --live` does the
 * same with twenty kills until the whole history is there.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { liveTorment } from './live-torment.ts';

test('killed while it starts and while it runs: energy and money close, a fold of the readings finds no difference', async () => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'wattledger-live-'));
  try {
    const { health, audits } = await liveTorment({
      dataDirectory,
      seed: 5,
      kills: 4,
      lifeMsMax: 20_000,
      untilFilled: false,
    });
    expect(health.state).not.toBe('failed');
    expect(audits.map(({ name, ok, output }) => ({ name, ok, output: ok ? '' : output }))).toEqual(
      ['doctor, running', 'doctor, stopped', 'rebuild --compare'].map((name) => ({
        name,
        ok: true,
        output: '',
      })),
    );
  } finally {
    await rm(dataDirectory, { recursive: true, force: true });
  }
}, 600_000);
