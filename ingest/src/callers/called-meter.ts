// SPDX-License-Identifier: Apache-2.0
/** Meters behind a gateway that calls in: which of them an upload speaks of. Pure. */
import type { MeterTarget } from '../collector/poll-targets.ts';
import type { UploadAddress } from './meter-upload.ts';

/**
 * By unit id or by the name the gateway gives it; the one meter of a caller that is itself the meter needs no address.
 * @param serial of the caller
 */
export function meterAt(
  meters: readonly MeterTarget[],
  address: UploadAddress,
  serial: string,
): MeterTarget | undefined {
  const { unitId, lineAddress } = address;
  const named = meters.find(
    ({ place }) =>
      (lineAddress !== null && place.lineAddress === lineAddress) ||
      (unitId !== null && place.lineAddress === null && place.unitId === unitId),
  );
  if (named !== undefined) return named;
  const bySerial = lineAddress === null ? undefined : meters.find((meter) => meter.serial === lineAddress);
  if (bySerial !== undefined) return bySerial;
  const [only] = meters;
  const isItself = meters.length === 1 && only?.serial === serial;
  return isItself || (unitId === null && lineAddress === null && meters.length === 1) ? only : undefined;
}

export function addressText({ unitId, lineAddress }: UploadAddress): string {
  if (lineAddress !== null) return `"${lineAddress}"`;
  return unitId === null ? 'without an address' : `unit ${unitId}`;
}
