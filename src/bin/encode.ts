// `millrace encode`: one film into a package that any HLS or DASH player plays, with the report of how it was decided.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { defineCommand } from "citty";
import { type AudioRate, readAudioRates } from "#encode/audio-rates.ts";
import { type EncodeEvent, encodeFilm } from "#encode/io/encode-film.ts";
import { reportPage } from "#encode/report-page.ts";
import { encodeSettings } from "#encode/settings.ts";
import { readSubtitleFiles, type SubtitleFile } from "#encode/subtitle-tracks.ts";
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
    const audio = readAudioRates(args.audio);
    const subtitles = args.subtitles === undefined ? [] : readSubtitleFiles(args.subtitles);
    const wrong = [
      ...(effort === undefined ? [`--effort: wanted ${efforts.join(", ")}, found "${args.effort}"`] : []),
      ...(heights?.every(Number.isInteger) === false
        ? [`--heights: wanted numbers, found "${args.heights}"`]
        : []),
      ...(audio.kind === "rates"
        ? []
        : [`--audio: wanted different rates such as aac64,aac128,opus96, found "${args.audio}"`]),
      ...(subtitles === undefined
        ? [`--subtitles: wanted LANGUAGE=FILE, as in de=film.de.vtt,en=film.srt, found "${args.subtitles}"`]
        : []),
      ...(args.codecs === "h264" ? [] : [`--codecs: wanted h264, found "${args.codecs}"`]),
      ...(Number.isInteger(Number(args.seed)) ? [] : [`--seed: wanted a whole number, found "${args.seed}"`]),
    ];
    if (refusedUsage(wrong, "millrace encode FILM --out DIR [--effort …] [--heights …] [--json]")) return;
    if (effort === undefined || audio.kind === "wrong" || subtitles === undefined) return;
    const { film, json } = args;
    const wanted = { film, out: resolve(args.out), effort, heights, audio: audio.rates, subtitles, json };
    await runProgram((signal) => encode(wanted, signal));
  },
});

async function encode(
  { film: path, out, effort, heights, audio, subtitles, json }: Wanted,
  signal: AbortSignal,
): Promise<void> {
  const tools = await findTools(homeFolder(), settingsOf(programSettings), signal);
  const { film, report } = await encodeFilm({
    film: path,
    workDir: join(out, "work"),
    effort,
    ...(heights === undefined ? {} : { heights }),
    ...{ audio, subtitles },
    tools,
    settings: settingsOf(encodeSettings),
    signal,
    onEvent: tell,
  });
  const packageFolder = join(out, "package");
  const id = titleId(`film-${film.source.sha256.slice(0, 8)}`);
  const packed = await packTitle({ film, titleId: id, outDir: packageFolder, signal });
  const [master, manifest] = await Promise.all(
    [packed.hls, packed.dash].map((file) => readFile(join(packageFolder, file), "utf8")),
  );
  await writeWhole(join(out, "hls/master.m3u8"), movedMaster(master ?? "", "../package/"));
  await writeWhole(join(out, "dash/manifest.mpd"), movedManifest(manifest ?? "", "../package/"));
  const text = `${JSON.stringify(report, null, 2)}\n`;
  await writeWhole(join(out, "report.json"), text);
  await writeWhole(join(out, "report.html"), reportPage(report));
  process.stderr.write(`written      ${join(out, "report.html")} and ${join(out, "hls/master.m3u8")}\n`);
  if (json) process.stdout.write(text);
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
