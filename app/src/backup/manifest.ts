// SPDX-License-Identifier: Apache-2.0
/** What an archive holds, by name, number and checksum; the first file in it. */
import { z } from 'zod';

/** Of the archive's own form. Greater ones are refused: they were made by a newer program. */
export const formatVersion = 1;
export const manifestName = 'manifest.json';
/** SHA-256 of the manifest's text. */
export const manifestSumName = 'manifest.sha256';

/** Names within the archive: folders of ours, nothing that leads elsewhere. */
const pathShape = z.string().regex(/^(database|warehouse|files)(\/[A-Za-z0-9_][\w.-]*)+$/);
const fileShape = z.object({ path: pathShape, bytes: z.number().int(), sha256: z.string() });
const rowsShape = z.number().int().min(0);

export const manifestShape = z.object({
  format: z.literal('wattledger-backup'),
  formatVersion: z.number().int(),
  /** When the instant was whose contents these are. */
  takenAtMs: z.number().int(),
  /** The environment it ran with, without addresses of servers and passwords. */
  settings: z.record(z.string(), z.string()),
  schemas: z.array(z.object({ schema: z.string(), checksums: z.array(z.string()) })),
  warehouse: z.array(z.object({ name: z.string(), checksums: z.array(z.string()) })),
  tables: z.array(
    z.object({
      schema: z.string(),
      table: z.string(),
      columns: z.array(z.string()),
      rows: rowsShape,
      file: pathShape,
    }),
  ),
  sequences: z.array(z.object({ schema: z.string(), name: z.string(), last: z.string().nullable() })),
  warehouseTables: z.array(
    z.object({ table: z.string(), columns: z.array(z.string()), rows: rowsShape, file: pathShape }),
  ),
  files: z.array(fileShape),
});
export type Manifest = z.infer<typeof manifestShape>;
