// SPDX-License-Identifier: Apache-2.0
/**
 * What the simulated field must remember. Loads are a function of time and need no memory; what people and faults did
 * to the meters does: switches moved, registers set, ports given. Each is one line of a file, on the disk before it is
 * acknowledged, so that a kill at any moment leaves the meters as a power cut leaves real ones. Beside it stands a
 * checkpoint of all registers, by which registers are carried over when a new version models loads differently.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { open, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const eventShape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('fleet'),
    seed: z.number().int(),
    /** When the fleet was made: history ends and live running begins. */
    madeMs: z.number().int(),
    /** First local day of the model, counted from 1970-01-01. */
    firstDay: z.number().int(),
  }),
  z.object({ kind: z.literal('port'), gateway: z.string(), port: z.number().int() }),
  z.object({
    kind: z.literal('supply'),
    meter: z.string(),
    atMs: z.number().int(),
    words: z.array(z.number().int()),
    closed: z.boolean(),
  }),
  z.object({
    kind: z.literal('register'),
    meter: z.string(),
    atMs: z.number().int(),
    value: z.number().int(),
  }),
]);
export type FleetEvent = z.infer<typeof eventShape>;

const checkpointShape = z.object({
  atMs: z.number().int(),
  registers: z.record(z.string(), z.number().int()),
});
export type RegisterCheckpoint = z.infer<typeof checkpointShape>;

export interface FleetJournal {
  /** As found when it was opened, oldest first. */
  readonly events: readonly FleetEvent[];
  readonly checkpoint: RegisterCheckpoint | null;
  /** Durable when it resolves. */
  append(event: FleetEvent): Promise<void>;
  /** Replaces the checkpoint; a kill meanwhile leaves the one before. */
  keep(checkpoint: RegisterCheckpoint): Promise<void>;
  close(): Promise<void>;
}

/** A journal that remembers nothing beyond the process. */
export function createForgetfulJournal(): FleetJournal {
  const nothing = (): Promise<void> => Promise.resolve();
  return { events: [], checkpoint: null, append: nothing, keep: nothing, close: nothing };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function eventOf(line: string, number: number, path: string): FleetEvent {
  const parsed = eventShape.safeParse(parseJson(line));
  if (parsed.success) return parsed.data;
  throw new Error(
    `${path}, line ${number}: not a fleet event; restore the file or remove the directory to start the simulated field anew`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Opens (or begins) the journal in a directory. A last line without its end was being written when the process died:
 * it was never acknowledged and is cut off.
 * @throws Error naming the line when the file is damaged elsewhere
 */
export async function openFleetJournal(directory: string): Promise<FleetJournal> {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'fleet.jsonl');
  const checkpointPath = join(directory, 'registers.json');
  const text = readIfThere(path);
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const events = whole
    .split('\n')
    .slice(0, -1)
    .map((line, index) => eventOf(line, index + 1, path));
  const checkpoint = checkpointShape.safeParse(parseJson(readIfThere(checkpointPath)));
  const file = await open(path, 'a');
  if (whole.length !== text.length) await file.truncate(Buffer.byteLength(whole));
  const { append, drain } = createAppender(file);
  return {
    events,
    checkpoint: checkpoint.success ? checkpoint.data : null,
    append: (event) => append(`${JSON.stringify(event)}\n`),
    async keep(next) {
      const temporary = `${checkpointPath}.new`;
      const handle = await open(temporary, 'w');
      await handle.writeFile(JSON.stringify(next));
      await handle.datasync();
      await handle.close();
      await rename(temporary, checkpointPath);
    },
    async close() {
      await drain();
      await file.close();
    },
  };
}

/** Lines that come while the disk is busy share the next write and the next sync. */
function createAppender(file: FileHandle): { append(line: string): Promise<void>; drain(): Promise<void> } {
  let waiting = '';
  let next: Promise<void> | null = null;
  let running: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    const lines = waiting;
    waiting = '';
    next = null;
    await file.appendFile(lines);
    await file.datasync();
  };
  return {
    append(line) {
      waiting += line;
      if (next === null) {
        next = running.catch(() => undefined).then(write);
        running = next;
      }
      return next;
    },
    drain: () => running.catch(() => undefined),
  };
}
