// SPDX-License-Identifier: Apache-2.0
/** All register maps of the house, read once from `models/*.json`. A meter model joins by adding one file. */
import { readdirSync, readFileSync } from 'node:fs';
import type { RegisterMapSummary } from '@wattledger/contracts/http/ingest';
import { circuitRegister, findRow, primaryRowOf } from './circuits.ts';
import {
  canSwitch,
  protocolOf,
  registerMapShape,
  spaceOf,
  type RegisterMap,
  type RegisterRow,
} from './register-map.ts';

export const modelsDirectory = new URL('./models/', import.meta.url);

/** @throws Error naming the file when one is no valid map */
export function loadRegisterMaps(directory: URL = modelsDirectory): ReadonlyMap<string, RegisterMap> {
  const maps = new Map<string, RegisterMap>();
  for (const file of readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .sort()) {
    const parsed = registerMapShape.safeParse(JSON.parse(readFileSync(new URL(file, directory), 'utf8')));
    if (!parsed.success) {
      const faults = parsed.error.issues
        .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
        .join('; ');
      throw new Error(`register map ${file} is not valid: ${faults}`);
    }
    if (`${parsed.data.id}.json` !== file)
      throw new Error(`register map ${file} says it is "${parsed.data.id}"`);
    maps.set(parsed.data.id, parsed.data);
  }
  return maps;
}

export const registerMaps: ReadonlyMap<string, RegisterMap> = loadRegisterMaps();

/** @throws RangeError when there is no such map */
export function registerMapOf(modelId: string): RegisterMap {
  const map = registerMaps.get(modelId);
  if (map === undefined) {
    throw new RangeError(`no register map "${modelId}"; there are: ${[...registerMaps.keys()].join(', ')}`);
  }
  return map;
}

/** @throws RangeError when the map has no such row */
export function rowOf(map: RegisterMap, name: string): RegisterRow {
  const row = findRow(map, name);
  if (row === undefined) throw new RangeError(`${map.id} has no register "${name}"`);
  return row;
}

/** What a screen shows of a map. Secrets are named, so that one sees they are left alone; their values are never read. */
export function summaryOf(map: RegisterMap): RegisterMapSummary {
  return {
    modelId: map.id,
    vendor: map.vendor,
    model: map.model,
    aliases: map.aliases,
    medium: map.medium,
    phases: map.phases,
    protocol: protocolOf(map),
    switchable: canSwitch(map),
    readFunctionCode: map.readFunctionCode,
    wordOrder: map.wordOrder,
    registersPerReadMax: map.limits.maxRegistersPerRead,
    minGapMs: map.limits.minGapMs,
    circuits:
      map.circuits === undefined
        ? null
        : {
            max: map.circuits.max,
            unitIdStep: map.circuits.unitIdStep,
            namedAs: circuitRegister(1, primaryRowOf(map)?.name ?? ''),
            confidence: map.circuits.confidence,
          },
    settings: settingsOf(map),
    registers: map.registers.map((row) => ({
      name: row.name,
      kind: row.kind,
      space: spaceOf(map, row),
      address: row.address,
      dataId: row.dataId ?? null,
      type: row.type,
      unit: row.unit,
      scaler: row.scaler,
      countsPerUnit: row.countsPerUnit ?? null,
      polled: row.polled ?? false,
      quantity: row.quantity ?? null,
      primary: row.primary ?? false,
      confidence: row.confidence,
      source: row.source.map((key) => map.sources[key] ?? key).join('; '),
      note: row.note ?? null,
    })),
    notes: map.notes,
  };
}

function settingsOf({ settings, sources }: RegisterMap): RegisterMapSummary['settings'] {
  const offered: RegisterMapSummary['settings'] = [];
  for (const [kind, setting] of [
    ['clock', settings?.clock],
    ['tou-plan', settings?.touPlan],
  ] as const) {
    if (setting === undefined) continue;
    const { byteOrder, source } = setting;
    offered.push({ kind, byteOrder, source: sources[source] ?? source });
  }
  return offered;
}
