// SPDX-License-Identifier: Apache-2.0
/** A demo project as data: what the registry imports, what the simulated field stands for, who has an account. */
import type { Medium, TariffCalendar } from '@wattledger/contracts';
import type { LoadProfile, Multiplier } from '@wattledger/ingest';

export interface PlannedProject {
  readonly code: string;
  readonly name: string;
  readonly zone: string;
  readonly currency: string;
  readonly slotMinutes: 15 | 30 | 60;
  readonly pollIntervalSeconds: number;
  readonly calendar: TariffCalendar;
  readonly areaM2: number;
  readonly address: string;
  readonly latitude: number;
  readonly longitude: number;
}

export interface PlannedPlace {
  readonly code: string;
  readonly parent: string | null;
  readonly kind: 'area' | 'building' | 'floor' | 'room';
  readonly name: string;
  readonly use: string | null;
  readonly areaM2: number | null;
  readonly sortOrder: number;
}

export interface PlannedTenant {
  readonly code: string;
  readonly name: string;
  readonly tenantClass: string;
  readonly phone: string;
}

export interface PlannedGateway {
  readonly code: string;
  readonly name: string;
}

/** A metering point and the one meter mounted at it. */
export interface PlannedPoint {
  readonly code: string;
  readonly name: string;
  readonly medium: Medium;
  readonly role: 'supply' | 'main' | 'feeder' | 'sub';
  readonly subItem: 'lighting' | 'air-conditioning' | 'power' | 'special' | 'tenant' | 'other';
  readonly place: string;
  readonly tenant: string | null;
  readonly areaM2: number | null;
  readonly headcount: number | null;
  /** Code of the metering point above. */
  readonly parent: string | null;
  readonly serial: string;
  readonly modelId: string;
  readonly gateway: string;
  readonly unitId: number;
  readonly switchable: boolean;
  /** Null: the project's. */
  readonly pollIntervalSeconds: number | null;
  readonly multiplier: Multiplier;
  /** Register name and the largest count before it rolls over. */
  readonly register: string;
  readonly registerMax: number | null;
  /** W, or l/h for water: bounds what a step of the register may mean. */
  readonly powerMax: number;
  readonly load: LoadProfile | null;
  readonly lossPermille: number;
  /** What the register showed when history begins, base units of the primary side. */
  readonly registerAtStart: number;
}

/**
 * How an account stands when its history is complete, and how its tenant behaves from then on.
 * - comfortable: pays in good time. - low-1, low-2: below the first or the second alarm threshold, pays tomorrow.
 * - nearly-out: runs out within the next hours. - cut-off: has run out and does not come back.
 * - by-the-hour: a stall that pays small amounts and runs out again and again, so that one can watch it.
 */
export const habits = ['comfortable', 'low-1', 'low-2', 'nearly-out', 'cut-off', 'by-the-hour'] as const;
export type Habit = (typeof habits)[number];

export const schemeKeys = ['commercial', 'residential', 'residential-tiers', 'demand', 'water'] as const;
export type SchemeKey = (typeof schemeKeys)[number];

export interface PlannedAccount {
  readonly tenant: string;
  readonly points: readonly { readonly point: string; readonly scheme: SchemeKey }[];
  readonly habit: Habit;
  readonly alarm1Micros: number;
  readonly alarm2Micros: number;
  readonly protectedSupply: boolean;
}

export interface SitePlan {
  readonly project: PlannedProject;
  readonly places: readonly PlannedPlace[];
  readonly tenants: readonly PlannedTenant[];
  readonly gateways: readonly PlannedGateway[];
  readonly points: readonly PlannedPoint[];
  readonly accounts: readonly PlannedAccount[];
}
