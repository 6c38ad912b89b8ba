// SPDX-License-Identifier: Apache-2.0
import { Counter, type Registry } from 'prom-client';
import type { ChargeOutcome } from '../charging/post-charges.ts';

export interface BillingMetrics {
  readonly charged: (outcome: ChargeOutcome) => void;
}

/** Counters of what charging did, for /metrics. */
export function createBillingMetrics(registry: Registry): BillingMetrics {
  const slots = new Counter({
    name: 'wattledger_billing_slots_total',
    help: 'Slots of interval energy taken in by charging, repetitions included',
    registers: [registry],
  });
  const postings = new Counter({
    name: 'wattledger_billing_charge_postings_total',
    help: 'Charge postings written to the ledger',
    registers: [registry],
  });
  return {
    charged: (outcome) => {
      slots.inc(outcome.slots);
      postings.inc(outcome.postings);
    },
  };
}
