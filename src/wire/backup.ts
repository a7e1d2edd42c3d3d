// First and last line of a backup: what stands between them, `src/data/io/backup.ts` says.
import { z } from "zod";

export const backupHead = z.object({
  millrace: z.literal("backup"),
  version: z.literal(1),
  /** Of the database it came from, in their order. */
  migrations: z.array(z.string()).min(1),
  engine: z.string(),
  createdAtMs: z.number(),
});
export type BackupHead = z.infer<typeof backupHead>;

export const backupFoot = z.object({
  end: z.object({ rows: z.number().int(), /** Of all bytes before this line. */ sha256: z.string() }),
});

/** What an admin who asked for one is told. */
export const backupAnswer = z.object({
  file: z.string(),
  tables: z.number().int(),
  rows: z.number().int(),
});
