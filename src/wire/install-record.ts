// What an installed appliance remembers of its installation: a file on that machine, read by later versions.
import { z } from "zod";
import { idPattern } from "#units/id.ts";

export const installRecord = z.object({
  id: z.string().regex(idPattern),
  user: z.string().max(64),
  dir: z.string().max(4096),
  prefix: z.string().max(4096),
  isTold: z.boolean(),
  switchedOffNginx: z.boolean(),
  /** Not in records of before it was kept. */
  made: z
    .object({ user: z.boolean(), group: z.boolean(), folders: z.array(z.string().max(4096)).max(1024) })
    .optional(),
  /** Not in records of before there were any; they stand in the ruleset among `files`. */
  sshPorts: z.array(z.number().int().min(1).max(65_535)).max(64).optional(),
  files: z.record(z.string().max(4096), z.string().max(1 << 20)),
});
