// SPDX-License-Identifier: Apache-2.0
/** What the electrical parameters of one poll say: overload, voltage loss, reverse flow, imbalance of phases, clock drift. Pure. */
import {
  above,
  below,
  figure,
  good,
  thresholdOf,
  worstOf,
  type Finding,
  type Thresholds,
} from './finding.ts';

/** Names as in the register maps; power in W, current in A, voltage in V. A cabinet's circuits have theirs with a prefix. */
export type Parameters = Readonly<Record<string, number>>;

const phases = ['l1', 'l2', 'l3'] as const;
type Phase = (typeof phases)[number];

interface Phased {
  readonly phase: Phase;
  readonly value: number;
}

function phased(parameters: Parameters, prefix: string, name: string): readonly Phased[] {
  return phases.flatMap((phase) => {
    const value = parameters[`${prefix}${name}.${phase}`];
    return value === undefined || !Number.isFinite(value) ? [] : [{ phase, value }];
  });
}

/** '' for the meter itself, and `circuit<n>.` for each circuit of a cabinet. */
function prefixesOf(parameters: Parameters): readonly string[] {
  return [...new Set(Object.keys(parameters).map((name) => /^circuit\d+\./.exec(name)?.[0] ?? ''))];
}

type Rule = (parameters: Parameters, prefix: string, thresholds: Thresholds) => Finding | null;

/** @returns null where the meter tells nothing that the rule could judge by */
function overCircuits(rule: Rule): (parameters: Parameters, thresholds: Thresholds) => Finding | null {
  return (parameters, thresholds) => {
    const findings = prefixesOf(parameters).flatMap((prefix) => {
      const found = rule(parameters, prefix, thresholds);
      if (found === null) return [];
      const circuit: Readonly<Record<string, string>> = prefix === '' ? {} : { circuit: prefix.slice(7, -1) };
      return [{ verdict: found.verdict, facts: { ...circuit, ...found.facts } }];
    });
    return findings.length === 0 ? null : worstOf(findings);
  };
}

/** Behind the prefix of a circuit: the limit that its mounting has, where the scheme gives none. */
export const usualPower = 'usualPowerW';

const overload: Rule = (parameters, prefix, thresholds) => {
  const powerLimit = thresholdOf(thresholds, 'powerW') || thresholdOf(thresholds, `${prefix}${usualPower}`);
  const currentLimit = thresholdOf(thresholds, 'currentA');
  const clear = thresholdOf(thresholds, 'clearPercent') / 100;
  const findings: Finding[] = [];
  const powerW = parameters[`${prefix}power.active.total`];
  if (powerLimit > 0 && powerW !== undefined) {
    const verdict = above(Math.abs(powerW), powerLimit, powerLimit * clear);
    findings.push({ verdict, facts: { powerW: figure(powerW), limit: figure(powerLimit) } });
  }
  for (const { phase, value } of currentLimit > 0 ? phased(parameters, prefix, 'current') : []) {
    const verdict = above(Math.abs(value), currentLimit, currentLimit * clear);
    findings.push({
      verdict,
      facts: { phase: phase.toUpperCase(), currentA: figure(value), limit: figure(currentLimit) },
    });
  }
  // A limit that was taken away ends what it raised.
  if (powerLimit === 0 && currentLimit === 0) return good;
  return findings.length === 0 ? null : worstOf(findings);
};

const voltageLoss: Rule = (parameters, prefix, thresholds) => {
  const voltages = phased(parameters, prefix, 'voltage');
  if (voltages.length === 0) return null;
  const limit = thresholdOf(thresholds, 'phaseV');
  const clear = Math.max(limit, thresholdOf(thresholds, 'clearV'));
  return worstOf(
    voltages.map(({ phase, value }) => ({
      verdict: below(value, limit, clear),
      facts: { phase: phase.toUpperCase(), voltageV: figure(value), limit: figure(limit) },
    })),
  );
};

const reverseFlow: Rule = (parameters, prefix, thresholds) => {
  const limit = thresholdOf(thresholds, 'powerW');
  const powers = phased(parameters, prefix, 'power.active');
  const total = parameters[`${prefix}power.active.total`];
  const findings: Finding[] = powers.map(({ phase, value }) => ({
    verdict: above(-value, limit, limit / 2),
    // One phase against the others is a transformer the wrong way round; all of them is energy that flows back.
    facts: {
      phase: phase.toUpperCase(),
      powerW: figure(value),
      cause: powers.some((other) => other.value > limit) ? 'phase-reversed' : 'reverse-power',
    },
  }));
  if (total !== undefined)
    findings.push({
      verdict: above(-total, limit, limit / 2),
      facts: { powerW: figure(total), cause: 'reverse-power' },
    });
  return findings.length === 0 ? null : worstOf(findings);
};

const phaseImbalance: Rule = (parameters, prefix, thresholds) => {
  const currents = phased(parameters, prefix, 'current').map(({ phase, value }) => ({
    phase,
    value: Math.abs(value),
  }));
  if (currents.length !== phases.length) return null;
  const mean = currents.reduce((sum, { value }) => sum + value, 0) / currents.length;
  // Of little current a lamp is a great part.
  if (mean < thresholdOf(thresholds, 'currentA') || mean === 0) return good;
  const limit = thresholdOf(thresholds, 'percent');
  const clear = Math.min(limit, thresholdOf(thresholds, 'clearPercent'));
  return worstOf(
    currents.map(({ phase, value }) => {
      const percent = (100 * Math.abs(value - mean)) / mean;
      return {
        verdict: above(percent, limit, clear),
        facts: {
          phase: phase.toUpperCase(),
          currentA: figure(value),
          percent: figure(percent),
          limit: figure(limit),
        },
      };
    }),
  );
};

const clockDrift: Rule = (parameters, prefix, thresholds) => {
  const drift = parameters[`${prefix}clock.driftSeconds`];
  if (drift === undefined) return null;
  const limit = thresholdOf(thresholds, 'seconds');
  const clear = Math.min(limit, thresholdOf(thresholds, 'clearSeconds'));
  return {
    verdict: above(Math.abs(drift), limit, clear),
    facts: { driftSeconds: figure(drift), limit: figure(limit) },
  };
};

/** Rules by kind; whether power may flow back at the point is the caller's knowledge. */
export const telemetryRules = {
  overload: overCircuits(overload),
  'voltage-loss': overCircuits(voltageLoss),
  'reverse-flow': overCircuits(reverseFlow),
  'phase-imbalance': overCircuits(phaseImbalance),
  'clock-drift': overCircuits(clockDrift),
} as const;
