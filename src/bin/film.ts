// The film that flows: the one that was named, or a sample that is made once.
import { access, constants, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { edgeFaults } from "#edge/faults.ts";
import { encodeFaults } from "#encode/faults.ts";
import { makeSampleFilm } from "#encode/io/sample-film.ts";
import type { Tools } from "#io/tools.ts";
import { Fault } from "#units/fault.ts";
import type { River } from "./river.ts";

/**
 * What the river cannot do without, asked before anything is opened: programs, and the film that was named.
 *
 * @throws Fault nginx-missing, encode-program-missing, film-missing
 */
export async function demandNeeds(film: string | undefined, tools: Tools): Promise<void> {
  if (tools.nginx === undefined) throw new Fault(edgeFaults.nginxMissing);
  for (const program of ["ffmpeg", "ffprobe"] as const) {
    if (tools[program] === undefined) throw new Fault(encodeFaults.programMissing, { program });
  }
  if (film === undefined) return;
  try {
    await access(film, constants.R_OK);
    if (!(await stat(film)).isFile()) throw new Error("it is not a file");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault(encodeFaults.filmMissing, { file: film, reason }, error);
  }
}

/** Path of the film. The sample's line is printed only when it has to be made. */
export async function filmFor(river: River): Promise<string> {
  const { order, home, tools, terminal, signal } = river;
  if (order.film !== undefined) return resolve(order.film);
  const path = join(home, "sample/millrace-sample.mp4");
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (!there) {
    terminal.say("          no film was named: making a short sample");
    await makeSampleFilm({ path, tools, signal });
  }
  return path;
}
