// SPDX-License-Identifier: Apache-2.0
/** Rules of a meter by itself; the same hold for a person's change and for an imported file. */
import type { MeterSnapshot } from '@wattledger/contracts';
import { unitIdMax, unitIdMin } from '@wattledger/contracts/http/registry';
import type { FieldFault } from '../changes/faults.ts';

export function faultsOfMeter(
  meter: Pick<MeterSnapshot, 'gatewayId' | 'unitId' | 'lineAddress' | 'modelId' | 'switchable'>,
): readonly FieldFault[] {
  const faults: FieldFault[] = [];
  if (meter.unitId !== null && (meter.unitId < unitIdMin || meter.unitId > unitIdMax)) {
    faults.push({
      path: 'unitId',
      message: `Modbus unit ids are ${unitIdMin} to ${unitIdMax}, not ${meter.unitId}`,
    });
  }
  if (meter.gatewayId !== null && meter.unitId === null && meter.lineAddress === null) {
    faults.push({
      path: 'unitId',
      message: 'a meter on a gateway needs its unit id on the bus (1 to 247), or its line address',
    });
  }
  if (meter.gatewayId === null && meter.unitId !== null) {
    faults.push({
      path: 'gatewayId',
      message: 'a unit id means nothing without the gateway whose bus it is on',
    });
  }
  if (meter.gatewayId === null && meter.lineAddress !== null) {
    faults.push({
      path: 'gatewayId',
      message: 'a line address means nothing without the gateway whose line it is on',
    });
  }
  if (meter.gatewayId !== null && meter.modelId === null) {
    faults.push({
      path: 'modelId',
      message: 'a meter on a gateway is polled by its register map: name the model, e.g. acrel-dtsy1352',
    });
  }
  if (meter.switchable && meter.modelId === null) {
    faults.push({
      path: 'switchable',
      message: 'supply is switched through a register map: name the model, or leave switchable off',
    });
  }
  return faults;
}
