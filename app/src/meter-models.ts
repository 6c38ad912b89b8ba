// SPDX-License-Identifier: Apache-2.0
/** The register maps of ingest in the few words that the registry needs to claim meters by. */
import { canSwitch, circuitRegister, findRow, primaryRowOf, registerMaps } from '@wattledger/ingest';
import type { MeterModels } from '@wattledger/registry';

export const meterModels: MeterModels = (modelId) => {
  const map = registerMaps.get(modelId);
  if (map === undefined) return null;
  const main = primaryRowOf(map)?.name ?? null;
  return {
    medium: map.medium,
    switchable: canSwitch(map),
    // The first user stands for a cabinet of which nothing is mounted yet.
    mainRegister: main === null || map.circuits === undefined ? main : circuitRegister(1, main),
    register: (name) => {
      const row = findRow(map, name);
      if (row?.kind !== 'counted') return null;
      return { quantity: row.quantity ?? null, registerMax: row.registerMax ?? null };
    },
  };
};
