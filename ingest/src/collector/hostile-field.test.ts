// SPDX-License-Identifier: Apache-2.0
/** The whole way from bad lines to the log: what a field full of faults leaves there is true, or it is not there. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, expect, test } from '@jest/globals';
import type { GatewayStates } from '@wattledger/contracts/http/ingest';
import type { FleetFault, MeterSpec } from '../simulated-fleet/index.ts';
import { idOf, projectId, siteCode, startField, until, type IngestField } from './ingest-fixture.ts';

const serials = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L'];
const perGateway = serials.length / 2;
/** So much power that every reading of a meter is another count, tens of thousands apart from its neighbour's. */
const meters: readonly MeterSpec[] = serials.map((serial, index) => ({
  serial,
  gateway: index < perGateway ? 'G1' : 'G2',
  unitId: 1 + (index % perGateway),
  modelId: 'acrel-dtsy1352',
  parent: null,
  registerAtStart: (index + 1) * 1_000_000_000,
  load: { kind: 'shop', dayConsumption: 200_000_000 + index, seed: index },
}));
const faults: readonly FleetFault[] = [
  { kind: 'late', delayMs: 150 },
  { kind: 'duplicate' },
  { kind: 'truncated', keepBytes: 5 },
  { kind: 'truncated', keepBytes: 11 },
  { kind: 'wrong-transaction' },
  { kind: 'foreign-unit' },
  { kind: 'wrong-length' },
  { kind: 'noise' },
  { kind: 'exception', code: 6 },
  { kind: 'exception', code: 11 },
  { kind: 'silent' },
  { kind: 'late', delayMs: 90 },
  { kind: 'duplicate' },
];

const gateways = ['G1', 'G2'];
let field: IngestField;
afterEach(async () => {
  await field.stop();
}, 60_000);

test.each<[string, readonly string[], readonly FleetFault[]]>([
  ['Modbus TCP', [], faults],
  // On RTU there is no transaction id to be wrong, but a check sum.
  [
    'RTU over TCP',
    gateways,
    faults.map((fault) => (fault.kind === 'wrong-transaction' ? { kind: 'bit-flipped' } : fault)),
  ],
])(
  '%s: no wrong reading reaches the log, and good ones keep coming from every meter',
  async (name, rtuGateways, troubles) => {
    field = await startField({
      name: `hostile-${name.toLowerCase().replaceAll(' ', '-')}`,
      gateways,
      rtuGateways,
      meters,
      timeoutMs: 100,
    });
    await field.tell(field.snapshots);
    // Each meter has a trouble of its own, in three of ten answers; the last has two.
    for (const [index, fault] of troubles.entries()) {
      const meter = meters[Math.min(index, meters.length - 1)];
      const target = { site: siteCode, gateway: meter?.gateway ?? '', unitId: meter?.unitId ?? 0 };
      field.fleet.setFault(target, fault, { share: 300 });
    }
    // Meters and collector share this process: where it stood still, an answer lay unread for so long.
    const stalls = monitorEventLoopDelay({ resolution: 10 });
    stalls.enable();
    await field.service.start();
    const countsOf = async (): Promise<ReadonlyMap<string, number>> => {
      const counts = new Map<string, number>();
      for (const { meterId } of await field.readings()) counts.set(meterId, (counts.get(meterId) ?? 0) + 1);
      return counts;
    };
    await until('eight readings of each meter', async () => {
      const counts = await countsOf();
      return serials.every((serial) => (counts.get(idOf(serial)) ?? 0) >= 8);
    });
    // Worth something only if trouble of several kinds was met.
    await until('faults of four kinds', async () => {
      const states = await field.http.send('GET', `/api/projects/${projectId}/gateway-states`);
      const kinds = (states.body as GatewayStates).gateways.flatMap(({ faults: counts }) =>
        Object.keys(counts),
      );
      return new Set(kinds).size >= 4;
    });
    const stallMs = Math.ceil(stalls.max / 1e6);
    stalls.disable();
    for (const { meterId, series } of await field.readings()) {
      const serial = serials.find((candidate) => idOf(candidate) === meterId) ?? '';
      for (const { instants, values } of series) {
        const instant = instants[0] ?? NaN;
        const value = values[0] ?? NaN;
        // The meter answered at some moment within the time-out before we had the answer.
        const low = field.fleet.countAt(siteCode, serial, instant - 150 - stallMs);
        const high = field.fleet.countAt(siteCode, serial, instant);
        expect({ serial, instant, value, within: value >= low && value <= high }).toMatchObject({
          within: true,
        });
      }
    }
  },
  300_000,
);
