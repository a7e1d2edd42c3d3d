// Showings that are finished, one file each, so that a killed run goes on. They count for one run of the benchmark only: the next begins anew.
import { createHash } from "node:crypto";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { readIfThere, removeTree, writeWhole } from "#io/files.ts";
import { type Showing, showing } from "./play-showing.ts";

export interface Kept {
  find(course: CourseName): Promise<Showing | undefined>;
  keep(finished: Showing): Promise<void>;
  /** The run is complete: what was seen stays to be looked at, and is not taken for a later run's. */
  complete(): Promise<string>;
}

type CourseName = Pick<Showing, "trace" | "run" | "player">;

/** `conditions`: everything that a showing depends on. Another film, rule or player is another run. */
export function keptIn(folder: string, conditions: readonly string[]): Kept {
  const name = createHash("sha256").update(JSON.stringify(conditions)).digest("hex").slice(0, 12);
  const open = join(folder, `run-${name}`);
  const path = ({ trace, run, player }: CourseName): string => join(open, `${trace}-${run}-${player}.json`);
  return {
    async find(course) {
      const text = await readIfThere(path(course));
      return text === undefined ? undefined : showing.parse(JSON.parse(text));
    },
    keep: (finished) => writeWhole(path(finished), JSON.stringify(finished)),
    async complete() {
      const done = join(folder, `complete-${name}`);
      await removeTree(done);
      await rename(open, done);
      return done;
    },
  };
}
