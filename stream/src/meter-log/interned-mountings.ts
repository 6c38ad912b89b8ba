// SPDX-License-Identifier: Apache-2.0
/** Mountings as they are in force, parsed once per record; equal calendars are one object, so that their periods are worked out once. */
import type { Mounting, TariffCalendar } from '@wattledger/contracts';
import type { MeterRecord } from '../interval-energy/course.ts';
import { mountingInForce, type MountingInForce } from '../interval-energy/meter-state.ts';

const mountingsMax = 50_000;
const calendarsMax = 10_000;

export class InternedMountings {
  readonly #inForce = new Map<string, MountingInForce>();
  readonly #calendars = new Map<string, TariffCalendar>();

  /** The mounting with this offset, if it has been seen. */
  get(projectId: string, meterId: string, offset: number): MountingInForce | undefined {
    const found = this.#inForce.get(`${projectId} ${meterId}`);
    return found?.offset === offset ? found : undefined;
  }

  put(mounting: Mounting, offset: number): MountingInForce {
    const interned = this.withCalendar(mounting);
    const inForce = mountingInForce(interned, offset);
    if (this.#inForce.size >= mountingsMax) this.#inForce.clear();
    this.#inForce.set(`${mounting.projectId} ${mounting.meterId}`, inForce);
    return inForce;
  }

  /** A record whose calendar, if it has one, is the one object of its content. */
  record(record: MeterRecord): MeterRecord {
    return record.value.kind === 'mounting' ? { ...record, value: this.withCalendar(record.value) } : record;
  }

  withCalendar(mounting: Mounting): Mounting {
    const text = JSON.stringify(mounting.calendar);
    let calendar = this.#calendars.get(text);
    if (calendar === undefined) {
      if (this.#calendars.size >= calendarsMax) this.#calendars.clear();
      this.#calendars.set(text, (calendar = mounting.calendar));
    }
    return { ...mounting, calendar };
  }
}
