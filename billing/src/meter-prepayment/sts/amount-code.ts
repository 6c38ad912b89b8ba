// SPDX-License-Identifier: Apache-2.0
/**
 * Amounts in a credit token: sixteen bits, two of them an exponent and fourteen a mantissa. Each step of the exponent
 * begins where the one before ends, with ten times its step: 0.1, 1, 10, 100 units.
 */

const mantissas = 0x4000;

interface Step {
  readonly exponent: number;
  /** Tenths of a unit where it begins and by which it goes on. */
  readonly fromTenths: number;
  readonly stepTenths: number;
}

const steps: readonly Step[] = [0, 1, 2, 3].map((exponent) => {
  let fromTenths = 0;
  for (let below = 0; below < exponent; below += 1) fromTenths += mantissas * 10 ** below;
  return { exponent, fromTenths, stepTenths: 10 ** exponent };
});

/** 1,820,162.4 units. */
export const amountTenthsMax = 18_201_624;

/** The amount's code, rounded down to the coding's step: a meter never gets more than was paid for. */
export function codeOfTenths(tenths: number): number {
  if (!Number.isInteger(tenths) || tenths < 1 || tenths > amountTenthsMax)
    throw new RangeError(`a credit token carries 0.1 to ${amountTenthsMax / 10} units, not ${tenths / 10}`);
  const step = steps.findLast((candidate) => candidate.fromTenths <= tenths) as Step;
  const mantissa = Math.floor((tenths - step.fromTenths) / step.stepTenths);
  return (step.exponent << 14) | mantissa;
}

/** What an amount becomes when it is coded: tenths of a unit that a meter will add. */
export function carriedTenths(tenths: number): number {
  const code = codeOfTenths(tenths);
  const step = steps[code >> 14] as Step;
  return step.fromTenths + (code & (mantissas - 1)) * step.stepTenths;
}
