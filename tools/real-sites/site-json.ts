// SPDX-License-Identifier: Apache-2.0
/** The parts of a site file (docs/operating/site-file.md) that a site known only from its readings needs. */

export interface SiteJson {
  readonly project: readonly Record<string, string | number>[];
  readonly places: readonly Record<string, string | number>[];
  readonly meters: readonly Record<string, string | number>[];
  readonly metering_points: readonly Record<string, string | number>[];
}

export interface MeteredBuilding {
  /** Serial of the meter and code of point and place: the name the readings file uses. */
  readonly name: string;
  readonly use: string | null;
  readonly areaM2: number | null;
}

export interface ProjectHead {
  readonly code: string;
  readonly name: string;
  readonly zone: string;
  readonly currency: string;
  readonly slot_minutes: 15 | 30 | 60;
  readonly address?: string;
}

const withArea = (areaM2: number | null): Record<string, number> =>
  areaM2 === null ? {} : { area_m2: areaM2 };

/** One building per meter, one meter per building, nothing above them. */
export function siteOfBuildings(
  project: ProjectHead,
  buildings: readonly MeteredBuilding[],
  register = 'energy.import.total',
): SiteJson {
  return {
    project: [{ ...project }],
    places: buildings.map(({ name, use, areaM2 }) => ({
      code: name,
      name: name.replaceAll('_', ' '),
      kind: 'building',
      ...(use === null ? {} : { use }),
      ...withArea(areaM2),
    })),
    meters: buildings.map(({ name }) => ({ serial: name })),
    metering_points: buildings.map(({ name, areaM2 }) => ({
      code: name,
      name: name.replaceAll('_', ' '),
      role: 'main',
      place: name,
      meter_serial: name,
      register,
      ...withArea(areaM2),
    })),
  };
}
