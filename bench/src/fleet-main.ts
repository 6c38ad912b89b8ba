// SPDX-License-Identifier: Apache-2.0
/** A simulated estate in a process of its own, so that what is measured beside it is the product alone. Ends with its parent. */
import { createSimulatedFleet } from '@wattledger/ingest';
import { systemClock } from '@wattledger/platform';
import { estateCode as site, estateOf, type EstateSize } from './simulated-estate.ts';

const estate = estateOf(JSON.parse(process.argv[2] ?? '') as EstateSize);
const fleet = createSimulatedFleet({
  seed: 1,
  sites: [estate],
  clock: systemClock,
  directory: null,
  historyDays: 1,
});
await fleet.start();
for (const gateway of estate.dead) fleet.setFault({ site, gateway }, { kind: 'silent' });
for (const { gateway, unitId } of estate.silent)
  fleet.setFault({ site, gateway: gateway ?? '', unitId }, { kind: 'silent' });
process.on('disconnect', () => process.exit(0));
process.send?.(Object.fromEntries(estate.gateways.map((code) => [code, fleet.portOf(site, code)])));
