// SPDX-License-Identifier: Apache-2.0
/** Events of the live stream. */
import { z } from 'zod';
import { alarmSignalShape } from '../../topics/alarms.ts';
import { accountEventShape } from '../../topics/charges.ts';
import { commandOutcomeShape, telemetryShape } from '../../topics/commands.ts';
import { whole } from './asking.ts';

/**
 * GET …/live answers text/event-stream. Event names and their data (JSON). At most one event of a name per second;
 * a screen that cannot keep up misses events and gets `resync` before the next: ask again then. Comment lines
 * (': ping') every 15 s. The stream ends when the session does.
 */
export const liveEventShapes = {
  /** First event: what the caller will be told. */
  hello: z.object({ projectId: z.string(), nowMs: whole, events: z.array(z.string()) }),
  /** Slots that changed, summed over segments of the message: newest slot per point. Needs energy:read. */
  energy: z.object({
    points: z.array(
      z.object({
        meteringPointId: z.string(),
        quantity: z.string(),
        lastReadingMs: whole,
        /** Slots of the newest local day in this second: start, consumption of the segment, quality. */
        slots: z.array(
          z.object({
            segmentId: z.string(),
            slotStartMs: whole,
            consumption: whole,
            quality: z.enum(['measured', 'estimated', 'edited', 'missing']),
          }),
        ),
      }),
    ),
  }),
  /** Newest per meter. Needs meter:read. */
  telemetry: z.object({ meters: z.array(telemetryShape) }),
  /** Newest per account. Needs account:read. */
  accounts: z.object({ accounts: z.array(accountEventShape) }),
  /** Needs alarm:read. */
  alarms: z.object({ alarms: z.array(alarmSignalShape) }),
  /** Needs meter:read. */
  commands: z.object({ outcomes: z.array(commandOutcomeShape) }),
  /** Some events were skipped. */
  resync: z.object({ nowMs: whole }),
  /** Last event before the server closes. */
  bye: z.object({ reason: z.enum(['session-ended', 'shutting-down']) }),
} as const;
export type LiveEventName = keyof typeof liveEventShapes;
export type LiveEvent<Name extends LiveEventName> = z.infer<(typeof liveEventShapes)[Name]>;
