// `millrace encode`: one film into a package that any HLS or DASH player plays, with the report of how it was decided.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { defineCommand } from "citty";
import { type AudioRate, readAudioRates } from "#encode/audio-rates.ts";
import { codecNames } from "#encode/codecs.ts";
import { encodeFilm } from "#encode/io/encode-film.ts";
import type { EncodeEvent, EncodeResult } from "#encode/io/encode-order.ts";
import type { LadderWish } from "#encode/ladder.ts";
import { reportPage } from "#encode/report-page.ts";
import { encodeSettings } from "#encode/settings.ts";
import { withThumbnails } from "#encode/shot-pictures.ts";
import { type Effort, efforts } from "#encode/size.ts";
import { readSubtitleFiles, type SubtitleFile } from "#encode/subtitle-tracks.ts";
import { movedManifest, movedMaster } from "#encode/thin-copy.ts";
import { writeWhole } from "#io/files.ts";
import { programSettings } from "#io/settings.ts";
import { findTools } from "#io/tools.ts";
import type { Codec } from "#model/encoded.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import { titleId } from "#units/id.ts";
import { homeFolder, runProgram, settingsOf } from "./program.ts";
import { refusedUsage } from "./usage.ts";

interface Wanted {
  readonly film: string;
  readonly out: string;
  readonly effort: Effort;
  readonly heights: readonly number[] | undefined;
  readonly codecs: readonly Codec[];
  readonly budgetSeconds: number | undefined;
  readonly ladder: LadderWish;
  readonly audio: readonly AudioRate[];
  readonly subtitles: readonly SubtitleFile[];
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
    audio: {
      type: "string",
      default: "aac64,aac128,aac192",
      description: "Rates of each sound of the film: aac or opus with kbit/s, for example aac128,opus96",
    },
    subtitles: {
      type: "string",
      description: "WebVTT or SubRip files beside the film, for example de=film.de.vtt,en=film.srt",
    },
    codecs: {
      type: "string",
      default: "h264",
      description: `Codecs side by side, of ${codecNames.join(", ")}; the first is what others are compared with`,
    },
    budget: {
      type: "string",
      description: "Seconds the trials may take: the largest grid that fits is tried (default: the effort's)",
    },
    bitrates: {
      type: "string",
      description: "One rung per bitrate, kbit/s, for example 300,900,2500 (default: spread by quality)",
    },
    qualities: {
      type: "string",
      description: "One rung per quality on the metric's scale, for example 40,60,80,93",
    },
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
    const codecs = codecsIn(args.codecs);
    const budgetSeconds = args.budget === undefined ? undefined : Number(args.budget);
    const ladder = ladderIn(args.bitrates, args.qualities);
    const audio = readAudioRates(args.audio);
    const subtitles = args.subtitles === undefined ? [] : readSubtitleFiles(args.subtitles);
    const wrong = [
      ...(effort === undefined ? [`--effort: wanted ${efforts.join(", ")}, found "${args.effort}"`] : []),
      ...(heights?.every(Number.isInteger) === false
        ? [`--heights: wanted numbers, found "${args.heights}"`]
        : []),
      ...(codecs === undefined
        ? [`--codecs: wanted some of ${codecNames.join(", ")}, each once, found "${args.codecs}"`]
        : []),
      ...(budgetSeconds === undefined || budgetSeconds > 0
        ? []
        : [`--budget: wanted seconds, found "${args.budget}"`]),
      ...(ladder === undefined
        ? ["--bitrates, --qualities: wanted one of them, rising positive numbers between commas"]
        : []),
      ...(audio.kind === "rates"
        ? []
        : [`--audio: wanted different rates such as aac64,aac128,opus96, found "${args.audio}"`]),
      ...(subtitles === undefined
        ? [`--subtitles: wanted LANGUAGE=FILE, as in de=film.de.vtt,en=film.srt, found "${args.subtitles}"`]
        : []),
      ...(Number.isInteger(Number(args.seed)) ? [] : [`--seed: wanted a whole number, found "${args.seed}"`]),
    ];
<<<<<<< ours
    if (refusedUsage(wrong, "millrace encode FILM --out DIR [--effort …] [--heights …] [--json]")) return;
    if (effort === undefined || codecs === undefined || ladder === undefined) return;
    if (audio.kind === "wrong" || subtitles === undefined) return;
    const about = { film: args.film, out: resolve(args.out), effort, heights, json: args.json };
    const wanted = { ...about, codecs, budgetSeconds, ladder, audio: audio.rates, subtitles };
=======
    if (
      refusedUsage(
        wrong,
        "millrace encode FILM --out DIR [--effort …] [--heights …] [--audio …] [--subtitles …] [--json]",
      )
    )
      return;
    if (effort === undefined || audio.kind === "wrong" || subtitles === undefined) return;
    const { film, json } = args;
    const wanted = { film, out: resolve(args.out), effort, heights, audio: audio.rates, subtitles, json };
>>>>>>> theirs
    await runProgram((signal) => encode(wanted, signal));
  },
});

function codecsIn(text: string): readonly Codec[] | undefined {
  const names = text.split(",");
  const found = names.flatMap((name) => codecNames.find((codec) => codec === name) ?? []);
  return found.length === names.length && new Set(found).size === found.length ? found : undefined;
}

function ladderIn(bitrates: string | undefined, qualities: string | undefined): LadderWish | undefined {
  if (bitrates === undefined && qualities === undefined) return { kind: "spread" };
  if (bitrates !== undefined && qualities !== undefined) return undefined;
  const numbers = (bitrates ?? qualities ?? "").split(",").map(Number);
  const rising = numbers.every((n, index) => n > 0 && n > (numbers[index - 1] ?? 0));
  if (!rising) return undefined;
  return bitrates === undefined
    ? { kind: "qualities", targets: numbers }
    : { kind: "bitrates", targets: numbers.map((kilobits) => kilobits * 1000) };
}

async function encode(
  { film: path, out, effort, heights, codecs, budgetSeconds, ladder, audio, subtitles, json }: Wanted,
  signal: AbortSignal,
): Promise<void> {
  const tools = await findTools(homeFolder(), settingsOf(programSettings), signal);
  const encoded = await encodeFilm({
    film: path,
    workDir: join(out, "work"),
    effort,
    codecs,
    ladder,
    ...(heights === undefined ? {} : { heights }),
    ...(budgetSeconds === undefined ? {} : { budgetSeconds }),
    ...{ audio, subtitles },
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
      const film = `${event.fileName}: ${width}×${height}, ${frames} frames, ${duration.toFixed(1)} s, ${sound}`;
      return [
        `film         ${film}`,
        ...event.mended.map((reason) => `mended       ${reason}`),
        ...event.leftOut.map((what) => `left out     ${what}`),
      ].join("\n");
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
      return `${event.kind.padEnd(12)} ${event.codec}: ${event.done} of ${event.total}${reused}${rest}`;
    }
    case "hulls": {
      const saved = event.bitsSavedPercent;
      const words = saved === undefined ? "not comparable" : `${saved.toFixed(1)} % fewer bits than`;
      return `hulls        ${event.codec}: ${event.hulls.length} hulls, ${words} a fixed ladder at equal quality`;
    }
    case "encoded":
      return `rungs        ${event.rungs.map(({ rung }) => `${rung.id} ${Math.round(rung.bitrate / 1000)} kbit/s`).join(", ")}`;
  }
}
