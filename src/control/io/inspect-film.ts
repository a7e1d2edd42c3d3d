// Looks at a film that a stranger sent, as an encode would before it begins: magic bytes, then ffprobe inside the sandbox
// with one demuxer and no protocol but files, limits on length, streams, pixels and rate. Source: control-telemetry §8.3.
import { basename, dirname } from "node:path";
import type { Values } from "#config/setting.ts";
import { type Bench, benchOf } from "#encode/io/bench.ts";
import { acceptFilm } from "#encode/io/film-intake.ts";
import { openWorkshop, type Workshop } from "#encode/io/workshop.ts";
import type { encodeSettings } from "#encode/settings.ts";
import type { Tools } from "#io/tools.ts";
import { Fault } from "#units/fault.ts";
import type { Inspection, Inspector } from "./check-queue.ts";

export interface InspectorOrder {
  /** Asked for at most once, when the first film comes. */
  readonly tools: (signal: AbortSignal) => Promise<Tools>;
  readonly settings: Values<typeof encodeSettings>;
}

interface Place {
  readonly tools: Tools;
  readonly workshop: Workshop;
}

/** What the sandbox ends is the film's doing as far as anyone can tell; a second look would end as the first did. */
const endedByWalls = new Set([
  "process-timeout",
  "encode-out-of-memory",
  "encode-cpu-limit",
  "encode-file-limit",
  "encode-program-killed",
]);

export function openInspector({ tools, settings }: InspectorOrder): Inspector {
  const open = async (signal: AbortSignal): Promise<Place> => {
    const here = await tools(signal);
    const workshop = await openWorkshop(here, settings, signal);
    // Tried out here, so that what is missing is told before a film comes.
    benchOf(here, workshop, "/", signal);
    return { tools: here, workshop };
  };
  let found: Promise<Place> | undefined;
  const place = (signal: AbortSignal): Promise<Place> => {
    found ??= open(signal).catch((error: unknown) => {
      // What is missing may be installed meanwhile.
      found = undefined;
      throw error;
    });
    return found;
  };
  return {
    async trouble(signal) {
      try {
        await place(signal);
        return undefined;
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        return error.message.replace(/\.$/, "");
      }
    },
    async inspect(path, shown, signal) {
      const here = await place(signal);
      const bench = benchOf(here.tools, here.workshop, dirname(path), signal);
      try {
        return await look(path, settings, bench);
      } catch (error) {
        const refusal = refusalOf(error, basename(path), shown);
        if (refusal === undefined) throw error;
        return refusal;
      }
    },
  };
}

async function look(path: string, settings: InspectorOrder["settings"], bench: Bench): Promise<Inspection> {
  const { sha256, intake } = await acceptFilm(path, settings, bench);
  const { display, frames, rate, sounds, subtitles, reasons, leftOut } = intake;
  const facts = {
    width: display.width,
    height: display.height,
    frames,
    frameRate: { num: rate.num, den: rate.den },
    durationMs: Math.round((frames * rate.den * 1000) / rate.num),
    sounds: sounds.length,
    subtitles: subtitles.length,
    mended: reasons,
    leftOut,
  };
  return { kind: "accepted", sha256, facts };
}

function refusalOf(error: unknown, name: string, shown: string): Inspection | undefined {
  if (!(error instanceof Fault)) return undefined;
  const isFilms = error.status < 500 && error.code !== "film-missing";
  if (!isFilms && !endedByWalls.has(error.code)) return undefined;
  // Functions, because a sender's name may hold "$&".
  const sentence = error.message.replaceAll(name, () => shown);
  return { kind: "refused", refusal: { code: error.code, sentence } };
}
