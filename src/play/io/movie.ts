// A film for the simulator: Sabre's table of sizes, or the sidecar of a package of ours.
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { playFaults } from "#play/faults.ts";
import { filmOf } from "#play/ladder.ts";
import { filmOfSizes } from "#play/sim-film.ts";
import type { Film } from "#play/types.ts";
import { Fault } from "#units/fault.ts";
import { sidecar } from "#wire/sidecar.ts";
import { sizeTable } from "#wire/simulation.ts";
import { fitting, parsedJson, textOf, unreadable } from "./text-files.ts";

export interface Movie {
  readonly name: string;
  readonly film: Film;
  /** Which renditions play, where a package has several codecs. */
  readonly codec: string | undefined;
}

/**
 * The film in a file, or in the sidecar.json of a folder.
 *
 * @throws Fault that names the file and the field
 */
export async function readMovie(given: string): Promise<Movie> {
  const about = await stat(given).catch((error: unknown) => {
    throw unreadable(given, error);
  });
  const path = about.isDirectory() ? join(given, "sidecar.json") : given;
  const because = (complaint: string): Fault =>
    new Fault(playFaults.movieBroken, { path, because: complaint });
  const value = parsedJson(await textOf(path), because);
  if (has(value, "renditions")) return packaged(value, because);
  if (!has(value, "segment_sizes_bits")) {
    throw because(
      "wanted either segment_duration_ms, bitrates_kbps and segment_sizes_bits, or a package's sidecar with durationsMs and renditions",
    );
  }
  const read = fitting(sizeTable, value, because);
  const made = filmOfSizes({
    segmentMs: read.segment_duration_ms,
    kbps: read.bitrates_kbps,
    bits: read.segment_sizes_bits,
  });
  if (made.kind === "refused") throw because(made.because);
  return { name: basename(path, ".json"), film: made.film, codec: undefined };
}

function has(value: unknown, field: string): boolean {
  return typeof value === "object" && value !== null && field in value;
}

/** A player stays with one codec: h264 where the package has it, since everything plays that; otherwise the first. */
function packaged(value: unknown, because: (complaint: string) => Fault): Movie {
  const title = fitting(sidecar, value, because);
  const codecs = title.renditions.map((rendition) => rendition.codec ?? "h264");
  const codec = codecs.find((each) => each === "h264") ?? codecs[0];
  if (codec === undefined) throw because("renditions: wanted at least one, found none");
  if (title.durationsMs.length === 0) throw because("durationsMs: wanted at least one segment, found none");
  const short = title.durationsMs.findIndex((ms) => !(ms > 0));
  if (short >= 0)
    throw because(`durationsMs.${short}: wanted more than 0, found ${title.durationsMs[short]}`);
  for (const [index, { bytes, bitrateBps }] of title.renditions.entries()) {
    if (!(bitrateBps > 0))
      throw because(`renditions.${index}.bitrateBps: wanted more than 0, found ${bitrateBps}`);
    if (bytes.length !== title.durationsMs.length) {
      throw because(
        `renditions.${index}.bytes: wanted ${title.durationsMs.length} sizes, one per segment, found ${bytes.length}`,
      );
    }
    const empty = bytes.findIndex((size) => !(size > 0));
    if (empty >= 0)
      throw because(`renditions.${index}.bytes.${empty}: wanted more than 0, found ${bytes[empty]}`);
  }
  const usable = title.renditions.filter((_, index) => codecs[index] === codec).map(({ id }) => id);
  return {
    name: title.titleId,
    film: filmOf(title, new Set(usable)),
    codec: new Set(codecs).size > 1 ? codec : undefined,
  };
}
