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
  files: z.record(z.string().max(4096), z.string().max(1 << 20)),
});
