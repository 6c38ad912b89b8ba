// SPDX-License-Identifier: Apache-2.0
import type { GatewaySnapshot, MeterSnapshot } from '@wattledger/contracts';
import type { MeterState } from '@wattledger/contracts/http/ingest';
import { deviceLines, type DeviceFilter, type DeviceTree } from './device-lines.ts';

const gateway = (id: string): GatewaySnapshot => ({
  id,
  projectId: 'p',
  code: id.toUpperCase(),
  name: `Riser ${id}`,
  transport: { kind: 'modbus-tcp', host: 'h', port: 502 },
  timeoutMs: 1000,
  pollIntervalSeconds: null,
  enabled: true,
});
const meter = (id: string, gatewayId: string | null): MeterSnapshot => ({
  id,
  projectId: 'p',
  serial: `S${id}`,
  modelId: 'acrel-dtsy1352',
  gatewayId,
  unitId: gatewayId === null ? null : 1,
  lineAddress: null,
  pollIntervalSeconds: null,
  switchable: false,
  enabled: true,
});
const answering = (online: boolean) =>
  ({ online, missedCycles: online ? 0 : 3, lastReadingMs: 5 }) as unknown as MeterState;

const tree: DeviceTree = {
  gateways: [gateway('g1'), gateway('g2')],
  meters: [meter('m1', 'g1'), meter('m2', 'g1'), meter('m3', 'g2'), meter('m4', null)],
  gatewayStates: new Map(),
  meterStates: new Map([
    ['m1', answering(true)],
    ['m2', answering(false)],
    ['m3', answering(true)],
  ]),
};
const all: DeviceFilter = {
  text: '',
  states: [],
  openAtFirst: true,
  toggled: new Set(),
  namesOf: (id) => (id === 'm3' ? 'P3 Bakery' : ''),
};
const idsOf = (filter: Partial<DeviceFilter>): readonly string[] =>
  deviceLines(tree, { ...all, ...filter }).lines.map((line) => line.id);

test('meters stand below their gateways; those without one at the end', () => {
  expect(idsOf({})).toEqual(['g1', 'm1', 'm2', 'g2', 'm3', 'loose', 'm4']);
  expect(idsOf({ openAtFirst: false })).toEqual(['g1', 'g2', 'loose']);
  expect(idsOf({ openAtFirst: false, toggled: new Set(['g2']) })).toEqual(['g1', 'g2', 'm3', 'loose']);
  expect(idsOf({ toggled: new Set(['g1', 'loose']) })).toEqual(['g1', 'g2', 'm3', 'loose']);
});

test('a search finds by serial, place of counting, code and name, and shows what it found', () => {
  expect(idsOf({ openAtFirst: false, text: 'sm2' })).toEqual(['g1', 'm2']);
  expect(idsOf({ openAtFirst: false, text: 'bakery' })).toEqual(['g2', 'm3']);
  // A gateway found by itself brings its meters, folded.
  expect(idsOf({ openAtFirst: false, text: 'riser g2' })).toEqual(['g2']);
  expect(idsOf({ text: 'nothing' })).toEqual([]);
});

test('a filter by state keeps the counts of the others', () => {
  const { lines, counts } = deviceLines(tree, { ...all, states: ['offline'] });
  expect(lines.map((line) => line.id)).toEqual(['g1', 'm2']);
  expect(Object.fromEntries(counts)).toEqual({ 'not-polled': 3, online: 2, offline: 1 });
});

test('ten thousand meters make lines in one go', () => {
  const gateways = Array.from({ length: 200 }, (_, index) => gateway(`g${String(index)}`));
  const meters = Array.from({ length: 10_000 }, (_, index) =>
    meter(`m${String(index)}`, `g${String(index % 200)}`),
  );
  const large = { ...tree, gateways, meters };
  expect(deviceLines(large, all).lines).toHaveLength(10_200);
  expect(deviceLines(large, { ...all, text: 'sm9999' }).lines).toHaveLength(2);
});
