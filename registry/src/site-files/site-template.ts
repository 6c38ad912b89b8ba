// SPDX-License-Identifier: Apache-2.0
/** A small site as an example of the file: a supply, a main, two shops, public lighting and a water meter. */
import { readSiteFile } from './read-site-file.ts';
import { createSiteFaults } from './site-faults.ts';
import { writeSiteFile, type SiteFileFormat } from './write-site-file.ts';

const workday = [
  ['00:00', 'valley'],
  ['08:00', 'peak'],
  ['12:00', 'flat'],
  ['18:00', 'peak'],
  ['22:00', 'valley'],
] as const;
const weekdays = {
  monday: 'workday',
  tuesday: 'workday',
  wednesday: 'workday',
  thursday: 'workday',
  friday: 'workday',
};

const example = {
  project: {
    code: 'example-tower',
    name: 'Example Tower',
    zone: 'Asia/Shanghai',
    currency: 'CNY',
    slot_minutes: 30,
    poll_interval_seconds: 1800,
    area_m2: 75000,
    address: '1 Example Road',
    calendar_id: 'shops-2026',
    calendar_name: 'Shops 2026',
  },
  day_profiles: [
    ...workday.map(([from, period]) => ({ profile: 'workday', from, period })),
    { profile: 'holiday', from: '00:00', period: 'flat' },
  ],
  seasons: [{ name: 'year', from: '01-01', ...weekdays, saturday: 'holiday', sunday: 'holiday' }],
  special_days: [{ day: '2026-10-01', profile: 'holiday' }],
  places: [
    { code: 'T', name: 'Tower', kind: 'building', area_m2: 75000 },
    { code: 'T-1', name: 'First floor', kind: 'floor', parent: 'T', sort_order: 1 },
    { code: 'T-101', name: 'Shop 101', kind: 'room', parent: 'T-1', use: 'shop', area_m2: 85.5 },
    { code: 'T-102', name: 'Shop 102', kind: 'room', parent: 'T-1', use: 'shop', area_m2: 120 },
  ],
  tenants: [
    { code: '101', name: 'Bakery Lin', class: 'shop', phone: '+86 21 5555 0101' },
    { code: '102', name: 'Bookshop Chen', class: 'shop', email: 'books@example.com' },
  ],
  gateways: [{ code: 'G1', name: 'Switch room, ground floor', host: '192.0.2.10', port: 502 }],
  meters: [
    { serial: '240100001', model: 'acrel-adl3000', gateway: 'G1', unit_id: 1 },
    { serial: '240100101', model: 'acrel-dtsy1352', gateway: 'G1', unit_id: 11, switchable: 'yes' },
    { serial: '240100102', model: 'acrel-dtsy1352', gateway: 'G1', unit_id: 12, switchable: 'yes' },
    { serial: '240100201', model: 'acrel-ddsy1352', gateway: 'G1', unit_id: 21 },
    { serial: 'W-77', model: 'xintai-water', gateway: 'G1', unit_id: 31 },
  ],
  metering_points: [
    {
      code: 'MAIN',
      name: 'Main, transformer 1',
      role: 'main',
      sub_item: 'power',
      place: 'T',
      meter_serial: '240100001',
      register: 'energy.active.total',
      multiplier: '1000/5',
      register_max: 999999999,
      power_max: 630000,
    },
    {
      code: 'E-101',
      name: 'Shop 101',
      sub_item: 'tenant',
      place: 'T-101',
      tenant: '101',
      area_m2: 85.5,
      parent: 'MAIN',
      meter_serial: '240100101',
      register: 'energy.active.total',
      mounted_from: '2026-01-01',
      opening: '12.34',
    },
    {
      code: 'E-102',
      name: 'Shop 102',
      sub_item: 'tenant',
      place: 'T-102',
      tenant: '102',
      area_m2: 120,
      headcount: 4,
      parent: 'MAIN',
      meter_serial: '240100102',
      register: 'energy.active.total',
      mounted_from: '2026-01-01',
    },
    {
      code: 'E-LIGHT',
      name: 'Public lighting',
      sub_item: 'lighting',
      place: 'T',
      parent: 'MAIN',
      meter_serial: '240100201',
      register: 'energy.active.total',
    },
    {
      code: 'W-102',
      name: 'Water, shop 102',
      medium: 'water',
      sub_item: 'tenant',
      place: 'T-102',
      tenant: '102',
      meter_serial: 'W-77',
      register: 'volume.forward',
    },
  ],
};

/** The example in either form; it is a file that can be imported as it is. */
export async function writeSiteTemplate(format: SiteFileFormat): Promise<Buffer> {
  const faults = createSiteFaults();
  const { tables } = await readSiteFile(Buffer.from(JSON.stringify(example)), faults);
  if (faults.total > 0) throw new Error(`the template is at fault: ${JSON.stringify(faults.listed[0])}`);
  return await writeSiteFile(tables, format);
}
