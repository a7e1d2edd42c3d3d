// `millrace encode`: one film into a package that any HLS or DASH player plays, with the report of how it was decided.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { defineCommand } from "citty";
import { type EncodeEvent, type EncodeResult, encodeFilm } from "#encode/io/encode-film.ts";
import { reportPage } from "#encode/report-page.ts";
import { encodeSettings } from "#encode/settings.ts";
import { withThumbnails } from "#encode/shot-pictures.ts";
import { movedManifest, movedMaster } from "#encode/thin-copy.ts";
import { type Effort, efforts } from "#encode/trial-grid.ts";
import { writeWhole } from "#io/files.ts";
import { programSettings } from "#io/settings.ts";
import { findTools } from "#io/tools.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import { titleId } from "#units/id.ts";
import { homeFolder, runProgram, settingsOf } from "./program.ts";
import { refusedUsage } from "./usage.ts";

interface Wanted {
  readonly film: string;
  readonly out: string;
  readonly effort: Effort;
  readonly heights: readonly number[] | undefined;
  readonly json: boolean;
}

export const encodeCommand = defineCommand({
  meta: {
    name: "encode",
    description: "Encode a film shot by shot at constant slope; write package and report",
  },
  args: {
    film: {
      type: "positional",
      required: true,
      description: "Film to encode: MP4, MOV, Matroska, WebM, MPEG-TS",
    },
    out: {
      type: "string",
      required: true,
      description: "Folder for report, package, manifests and what is kept between runs",
    },
    effort: { type: "string", default: "standard", description: `How many trials: ${efforts.join(", ")}` },
    heights: {
      type: "string",
      description: "Heights to try, for example 240,360,480 (default: from the film)",
    },
    codecs: { type: "string", default: "h264", description: "Codecs; only h264 so far" },
    seed: {
      type: "string",
      default: "0",
      description: "Accepted as by every millrace command; encoding leaves nothing to chance",
    },
    json: { type: "boolean", default: false, description: "Print the report on standard output" },
  },
  run: async ({ args }) => {
    const effort = efforts.find((name) => name === args.effort);
    const heights = args.heights === undefined ? undefined : args.heights.split(",").map(Number);
    const wrong = [
      ...(effort === undefined ? [`--effort: wanted ${efforts.join(", ")}, found "${args.effort}"`] : []),
      ...(heights?.every(Number.isInteger) === false
        ? [`--heights: wanted numbers, found "${args.heights}"`]
        : []),
      ...(args.codecs === "h264" ? [] : [`--codecs: wanted h264, found "${args.codecs}"`]),
      ...(Number.isInteger(Number(args.seed)) ? [] : [`--seed: wanted a whole number, found "${args.seed}"`]),
    ];
    if (refusedUsage(wrong, "millrace encode FILM --out DIR [--effort …] [--heights …] [--json]")) return;
    if (effort === undefined) return;
    const wanted = { film: args.film, out: resolve(args.out), effort, heights, json: args.json };
    await runProgram((signal) => encode(wanted, signal));
  },
});

async function encode(
  { film: path, out, effort, heights, json }: Wanted,
  signal: AbortSignal,
): Promise<void> {
  const tools = await findTools(homeFolder(), settingsOf(programSettings), signal);
  const encoded = await encodeFilm({
    film: path,
    workDir: join(out, "work"),
    effort,
    ...(heights === undefined ? {} : { heights }),
    tools,
    settings: settingsOf(encodeSettings),
    signal,
    onEvent: tell,
    shotPictures: "wanted",
  });
  const { film } = encoded;
  const packageFolder = join(out, "package");
  const id = titleId(`film-${film.source.sha256.slice(0, 8)}`);
  const packed = await packTitle({ film, titleId: id, outDir: packageFolder, signal });
  const [master, manifest] = await Promise.all(
    [packed.hls, packed.dash].map((file) => readFile(join(packageFolder, file), "utf8")),
  );
  await writeWhole(join(out, "hls/master.m3u8"), movedMaster(master ?? "", "../package/"));
  await writeWhole(join(out, "dash/manifest.mpd"), movedManifest(manifest ?? "", "../package/"));
  const text = await writeReport(encoded, out);
  process.stderr.write(`written      ${join(out, "report.html")} and ${join(out, "hls/master.m3u8")}\n`);
  if (json) process.stdout.write(text);
}

/** report.json, the sheet its shots' pictures are on, and report.html with that sheet inside. Returns the JSON. */
async function writeReport({ report: bare, shotSheet }: EncodeResult, out: string): Promise<string> {
  const sheetName = "shots.jpg";
  const report =
    shotSheet === undefined
      ? bare
      : { ...bare, shots: withThumbnails(bare.shots, shotSheet.pictures, sheetName) };
  const text = `${JSON.stringify(report, null, 2)}\n`;
  const sheet = shotSheet && { jpegBase64: Buffer.from(shotSheet.jpeg).toString("base64") };
  if (shotSheet !== undefined) await writeWhole(join(out, sheetName), shotSheet.jpeg);
  await writeWhole(join(out, "report.json"), text);
  await writeWhole(join(out, "report.html"), reportPage(report, sheet));
  return text;
}

/** One line per stage, and one per finished trial or tenth of the pieces. */
function tell(event: EncodeEvent): void {
  const line = wordsFor(event);
  if (line !== undefined) process.stderr.write(`${line}\n`);
}

function wordsFor(event: EncodeEvent): string | undefined {
  switch (event.kind) {
    case "probed": {
      const { width, height, frames, duration, audio } = event.source;
      const sound = audio === undefined ? "no sound" : audio.codec;
      return `film         ${event.fileName}: ${width}×${height}, ${frames} frames, ${duration.toFixed(1)} s, ${sound}`;
    }
    case "shots":
      return `shots        ${event.shots.length} shots in ${event.plan.boundaries.length} segments`;
    case "trials":
    case "encoding": {
      const tenth = Math.max(1, Math.floor(event.total / 10));
      if (event.kind === "encoding" && event.done % tenth !== 0 && event.done !== event.total)
        return undefined;
      const rest = event.etaSeconds === undefined ? "" : `, ${Math.ceil(event.etaSeconds)} s to go`;
      const reused = event.reused === 0 ? "" : ` (${event.reused} from an earlier run)`;
      return `${event.kind.padEnd(12)} ${event.done} of ${event.total}${reused}${rest}`;
    }
    case "hulls": {
      const saved = event.bitsSavedPercent;
      const words = saved === undefined ? "not comparable" : `${saved.toFixed(1)} % fewer bits than`;
      return `hulls        ${event.hulls.length} hulls: ${words} a fixed ladder at equal quality`;
    }
    case "encoded":
      return `rungs        ${event.rungs.map(({ rung }) => `${rung.id} ${Math.round(rung.bitrate / 1000)} kbit/s`).join(", ")}`;
  }
}
