// Masters that are told by a file each: `ID.json` with where the film lies, its size and its sha256.
import { join } from "node:path";
import { readIfThere } from "#io/files.ts";
import type { MasterFile } from "#publish/master-file.ts";
import { masterRecord } from "#wire/job-spec.ts";
import { idText } from "#wire/viewer.ts";

export function masterFiles(folder: string): { find(id: string): Promise<MasterFile | undefined> } {
  return {
    async find(id) {
      const text = idText.safeParse(id).success ? await readIfThere(join(folder, `${id}.json`)) : undefined;
      return text === undefined ? undefined : { id, ...masterRecord.parse(JSON.parse(text)) };
    },
  };
}
