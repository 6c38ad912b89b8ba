// SPDX-License-Identifier: Apache-2.0
/** Which rule holds for a meter or a metering point: by the class of the tenant that is supplied there. */
import {
  ruleOf,
  withinHours,
  type AlarmRule,
  type AlarmSchemeSnapshot,
  type DetectedAlarmKind,
  type Medium,
  type MeteringPointSnapshot,
} from '@wattledger/contracts';
import type { SnapshotCopy } from '@wattledger/platform';
import type { Finding, Judged } from './finding.ts';

export type AlarmSnapshots = SnapshotCopy<
  'metering-point' | 'tenant' | 'alarm-scheme' | 'project' | 'gateway' | 'meter'
>;

/** A meter or point, with what judging it needs. */
export interface JudgedSubject {
  readonly projectId: string;
  readonly subjectKind: 'meter' | 'metering-point';
  readonly subjectId: string;
  readonly scheme: AlarmSchemeSnapshot | undefined;
  readonly zone: string;
  /** Energy that flows back is a fault here: not at generation, nor where a site meets its network. */
  readonly isLoad: boolean;
  readonly medium: Medium;
}

type Mounting = MeteringPointSnapshot['mountings'][number];

export interface AlarmRules {
  meter(projectId: string, meterId: string): JudgedSubject;
  point(projectId: string, pointId: string): JudgedSubject;
  /** By the prefix of its circuits (`''`, `circuit4.`): the most power that a meter's mountings allow, as the meter shows it. */
  powerLimits(meterId: string): ReadonlyMap<string, number>;
  /** Seconds between two readings of a meter. */
  pollSeconds(projectId: string, meterId: string): number;
  /** Something of the registry has changed: what was worked out is worked out anew. */
  forget(): void;
}

const loadRoles = new Set<MeteringPointSnapshot['role']>(['feeder', 'sub']);

export function createAlarmRules(snapshots: AlarmSnapshots): AlarmRules {
  let pointOfMeter: Map<string, MeteringPointSnapshot> | null = null;
  let limitsOfMeter: Map<string, Map<string, number>> | null = null;
  let schemes: Map<string, AlarmSchemeSnapshot> | null = null;

  function mountedNow(): Map<string, MeteringPointSnapshot> {
    pointOfMeter ??= new Map(
      snapshots
        .all('metering-point')
        .flatMap((point) =>
          point.mountings.filter(({ toMs }) => toMs === null).map(({ meterId }) => [meterId, point] as const),
        ),
    );
    return pointOfMeter;
  }
  function limitsNow(): Map<string, Map<string, number>> {
    if (limitsOfMeter !== null) return limitsOfMeter;
    const open = snapshots
      .all('metering-point')
      .flatMap(({ mountings }) => mountings.filter(({ toMs }) => toMs === null));
    const byMeter = Map.groupBy(open, ({ meterId }) => meterId);
    limitsOfMeter = new Map([...byMeter].map(([meterId, mountings]) => [meterId, limitsOf(mountings)]));
    return limitsOfMeter;
  }
  function schemeOf(
    projectId: string,
    point: MeteringPointSnapshot | undefined,
  ): AlarmSchemeSnapshot | undefined {
    schemes ??= new Map(
      snapshots
        .all('alarm-scheme')
        .map((scheme) => [`${scheme.projectId} ${scheme.tenantClass ?? ''}`, scheme]),
    );
    const tenant = point?.tenantId == null ? undefined : snapshots.get('tenant', point.tenantId);
    const ofClass = tenant === undefined ? undefined : schemes.get(`${projectId} ${tenant.tenantClass}`);
    return ofClass ?? schemes.get(`${projectId} `);
  }
  function subjectOf(
    about: Pick<JudgedSubject, 'projectId' | 'subjectKind' | 'subjectId'>,
    point: MeteringPointSnapshot | undefined,
  ): JudgedSubject {
    return {
      ...about,
      scheme: schemeOf(about.projectId, point),
      zone: snapshots.get('project', about.projectId)?.zone ?? 'UTC',
      isLoad: point !== undefined && loadRoles.has(point.role),
      medium: point?.medium ?? 'electricity',
    };
  }

  return {
    meter: (projectId, subjectId) =>
      subjectOf({ projectId, subjectKind: 'meter', subjectId }, mountedNow().get(subjectId)),
    point: (projectId, subjectId) =>
      subjectOf(
        { projectId, subjectKind: 'metering-point', subjectId },
        snapshots.get('metering-point', subjectId),
      ),
    powerLimits: (meterId) => limitsNow().get(meterId) ?? noLimits,
    pollSeconds(projectId, meterId) {
      const meter = snapshots.get('meter', meterId);
      const gateway = meter?.gatewayId == null ? undefined : snapshots.get('gateway', meter.gatewayId);
      const project = snapshots.get('project', projectId);
      return meter?.pollIntervalSeconds ?? gateway?.pollIntervalSeconds ?? project?.pollIntervalSeconds ?? 0;
    },
    forget() {
      pointOfMeter = null;
      limitsOfMeter = null;
      schemes = null;
    },
  };
}

const noLimits: ReadonlyMap<string, number> = new Map();

/** Of several registers of one circuit the greatest: nobody is overloaded by what another register allows. */
function limitsOf(mountings: readonly Mounting[]): Map<string, number> {
  const limits = new Map<string, number>();
  for (const mounting of mountings) {
    const { register, powerMax, multiplierNumerator = 1, multiplierDenominator = 1 } = mounting;
    if (powerMax == null) continue;
    const prefix = /^circuit\d+\./.exec(register)?.[0] ?? '';
    // What the meter shows is on its own side of the transformers.
    const limitW = (powerMax * multiplierDenominator) / multiplierNumerator;
    limits.set(prefix, Math.max(limits.get(prefix) ?? 0, limitW));
  }
  return limits;
}

export const ruleFor = (subject: JudgedSubject, kind: DetectedAlarmKind): AlarmRule =>
  ruleOf(subject.scheme, kind);

export function judged(
  { projectId, subjectKind, subjectId, zone }: JudgedSubject,
  kind: DetectedAlarmKind,
  rule: AlarmRule,
  finding: Finding,
  atMs: number,
): Judged {
  const inHours = withinHours(rule.hours, zone, atMs);
  return { projectId, subjectKind, subjectId, kind, rule, atMs, inHours, ...finding };
}
