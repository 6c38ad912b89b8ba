// SPDX-License-Identifier: Apache-2.0
/**
 * Writes site files (JSON) for the real data sets, for `wattledger import-site`.
 *
 *   node tools/real-sites/make-sites.ts DATA_DIRECTORY OUTPUT_DIRECTORY
 *
 * DATA_DIRECTORY holds bdg2, cambridge, london_lcl, rsf2011, ampds2 (those that are there are used). What is written and
 * why is in README.md of this folder; the readings are imported with the descriptions in `formats/`.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataText, distinctFirstFields, numberOrNull, tableOf } from './data-files.ts';
import { siteOfBuildings, type MeteredBuilding, type SiteJson } from './site-json.ts';

/** Clocks of the BDG2 sites. Fox is in Arizona, which the metadata calls US/Mountain but which has no summer time. */
const bdg2Zones: Readonly<Record<string, string>> = {
  Bear: 'America/Los_Angeles',
  Cockatoo: 'America/New_York',
  Fox: 'America/Phoenix',
  Lamb: 'Europe/London',
  Moose: 'America/Toronto',
  Mouse: 'Europe/London',
  Panther: 'America/New_York',
  Rat: 'America/New_York',
  Robin: 'Europe/London',
  Shrew: 'Europe/London',
};

type Sites = Readonly<Record<string, SiteJson>>;

/** One project per BDG2 site, since a project has one clock. */
function bdg2(directory: string): Sites {
  const metadata = tableOf(dataText(directory, 'bdg2/metadata.csv'));
  const bySite = Map.groupBy(metadata, (row) => row['site_id'] ?? '');
  return Object.fromEntries(
    [...bySite].map(([site, rows]) => {
      const zone = bdg2Zones[site];
      if (zone === undefined) throw new Error(`BDG2 has a site "${site}" whose clock is not known`);
      const buildings = rows.map((row): MeteredBuilding => ({
        name: row['building_id'] ?? '',
        use: row['primaryspaceusage'] ?? null,
        areaM2: numberOrNull(row['sqm']),
      }));
      const code = `bdg2-${site.toLowerCase()}`;
      const currency = zone === 'Europe/London' ? 'GBP' : zone === 'America/Toronto' ? 'CAD' : 'USD';
      return [
        code,
        siteOfBuildings({ code, name: `BDG2 ${site}`, zone, currency, slot_minutes: 60 }, buildings),
      ];
    }),
  );
}

/** The same buildings twice: with days of the London clock, and with UTC days, as the two sets of reference figures have it. */
function cambridge(directory: string): Sites {
  const areas = new Map(
    tableOf(dataText(directory, 'cambridge/building_floor_roof_areas.csv')).map((row) => [
      row['Building ID'],
      numberOrNull(row['GIA (m2)']),
    ]),
  );
  const names = distinctFirstFields(dataText(directory, 'cambridge/electricity.csv.gz'));
  const buildings = names.map((name): MeteredBuilding => ({
    name,
    use: 'university',
    areaM2: areas.get(name) ?? null,
  }));
  const site = (code: string, zone: string): SiteJson =>
    siteOfBuildings(
      { code, name: `Cambridge (${zone})`, zone, currency: 'GBP', slot_minutes: 60 },
      buildings,
    );
  return {
    'cambridge-london': site('cambridge-london', 'Europe/London'),
    'cambridge-utc': site('cambridge-utc', 'UTC'),
  };
}

/** The file's clock is GMT all year, and so are the days of its reference figures. */
function londonHouseholds(directory: string): Sites {
  const names = distinctFirstFields(dataText(directory, 'london_lcl/halfhourly_2013-01_2013-10.csv.gz'));
  const households = names.map((name): MeteredBuilding => ({ name, use: 'flat', areaM2: null }));
  const code = 'london-lcl';
  return {
    [code]: siteOfBuildings(
      { code, name: 'Low Carbon London', zone: 'UTC', currency: 'GBP', slot_minutes: 30 },
      households,
    ),
  };
}

/** Metering point, column of the file, sub-item. */
const rsfUses: readonly (readonly [string, string, string])[] = [
  ['cooling', 'Total Cooling (kW)', 'air-conditioning'],
  ['heating', 'Total Heating (kW)', 'air-conditioning'],
  ['mechanical', 'Total Mechanical (kW)', 'power'],
  ['lighting', 'Total Lighting (kW)', 'lighting'],
  ['plug-loads', 'Total Plug Loads (kW)', 'other'],
  ['data-center', 'Total Data Center (kW)', 'special'],
];

/** A building with six end uses below it, solar power, and what it exchanges with the grid. */
function rsf(): Sites {
  const imported = { quantity: 'active-import', register: 'energy.import.total' };
  const exported = { quantity: 'active-export', register: 'energy.export.total' };
  const code = 'rsf2011';
  const serials = [
    'Total Building (kW)',
    'PV (kW)',
    'Building Net (kW)',
    ...rsfUses.map(([, serial]) => serial),
  ];
  return {
    [code]: {
      project: [
        {
          code,
          name: 'Research Support Facility',
          zone: 'America/Denver',
          currency: 'USD',
          slot_minutes: 60,
        },
      ],
      places: [{ code: 'rsf', name: 'Research Support Facility', kind: 'building', use: 'office' }],
      meters: serials.map((serial) => ({ serial })),
      metering_points: [
        {
          code: 'building',
          name: 'Building',
          role: 'main',
          place: 'rsf',
          meter_serial: 'Total Building (kW)',
          ...imported,
        },
        ...rsfUses.map(([point, serial, subItem]) => ({
          code: point,
          name: point,
          role: 'sub',
          sub_item: subItem,
          place: 'rsf',
          parent: 'building',
          meter_serial: serial,
          ...imported,
        })),
        {
          code: 'pv',
          name: 'Solar power',
          role: 'generation',
          place: 'rsf',
          meter_serial: 'PV (kW)',
          ...exported,
        },
        {
          code: 'pv-own-use',
          name: 'Solar power, own use',
          role: 'sub',
          place: 'rsf',
          meter_serial: 'PV (kW)',
          ...imported,
        },
        {
          code: 'grid-import',
          name: 'Grid, taken',
          role: 'supply',
          place: 'rsf',
          meter_serial: 'Building Net (kW)',
          ...imported,
        },
        {
          code: 'grid-export',
          name: 'Grid, given back',
          role: 'supply',
          place: 'rsf',
          meter_serial: 'Building Net (kW)',
          ...exported,
        },
      ],
    },
  };
}

/** One house: a water and a gas register. The water meter was exchanged in 2012 and its register goes on: one segment. */
function ampds(): Sites {
  const code = 'ampds2';
  return {
    [code]: {
      project: [{ code, name: 'AMPds2 house', zone: 'America/Vancouver', currency: 'CAD', slot_minutes: 60 }],
      places: [{ code: 'house', name: 'House', kind: 'building', use: 'flat' }],
      meters: [{ serial: 'Water_WHW' }, { serial: 'NaturalGas_FRG' }],
      metering_points: [
        {
          code: 'Water_WHW',
          name: 'Water, whole house',
          medium: 'water',
          role: 'main',
          place: 'house',
          meter_serial: 'Water_WHW',
          quantity: 'water-volume',
          register: 'volume.forward',
        },
        {
          code: 'NaturalGas_FRG',
          name: 'Gas, furnace',
          medium: 'gas',
          role: 'sub',
          place: 'house',
          meter_serial: 'NaturalGas_FRG',
          quantity: 'gas-volume',
          register: 'volume.forward',
        },
      ],
    },
  };
}

const makers: Readonly<Record<string, (directory: string) => Sites>> = {
  bdg2,
  cambridge,
  london_lcl: londonHouseholds,
  rsf2011: rsf,
  ampds2: ampds,
};

/** @returns the codes of the sites written */
export function makeSites(dataDirectory: string, outputDirectory: string): readonly string[] {
  mkdirSync(outputDirectory, { recursive: true });
  const written: string[] = [];
  for (const [folder, make] of Object.entries(makers)) {
    if (!existsSync(join(dataDirectory, folder))) continue;
    for (const [code, site] of Object.entries(make(dataDirectory))) {
      writeFileSync(join(outputDirectory, `${code}.json`), `${JSON.stringify(site, null, 1)}\n`);
      written.push(code);
    }
  }
  return written;
}

const [dataDirectory, outputDirectory] = process.argv.slice(2);
if (import.meta.main) {
  if (dataDirectory === undefined || outputDirectory === undefined) {
    console.error('usage: node tools/real-sites/make-sites.ts DATA_DIRECTORY OUTPUT_DIRECTORY');
    process.exitCode = 2;
  } else {
    for (const code of makeSites(dataDirectory, outputDirectory))
      console.log(`${outputDirectory}/${code}.json`);
  }
}
