// A copy of the database at an admin's word: the only way while this process holds the embedded one.
import { join } from "node:path";
import { controlFaults } from "#control/faults.ts";
import { Fault } from "#units/fault.ts";
import { backupAnswer } from "#wire/backup.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import type { Desk } from "./desk.ts";

const perHour = 12;

export function backupRoute(app: App, desk: Desk, folder: string | undefined): void {
  app.post(
    "/v1/ops/backup",
    {
      config: { audience: "admin", rateLimit: { max: perHour, timeWindow: 3_600_000 } },
      schema: {
        summary: "Copy the database into a file beside it; the embedded one answers nobody else meanwhile",
        tags: ["admin"],
        response: answers(backupAnswer),
      },
    },
    async (request) => {
      if (folder === undefined) throw new Fault(controlFaults.noBackupFolder);
      const nowMs = desk.clock.wallMs();
      const facts = await desk.ports.stores.backUp({ file: join(folder, backupName(nowMs)), nowMs });
      request.log.info({ ...facts }, "the database was backed up");
      return facts;
    },
  );
}

/** "millrace-20260102T030405.678Z.backup" */
export function backupName(nowMs: number): string {
  return `millrace-${new Date(nowMs).toISOString().replaceAll(/[-:]/g, "")}.backup`;
}
