// The options of `millrace encode`: read all at once, before any work, with a complaint for each that is wrong.
import { resolve } from "node:path";
import type { ArgsDef, ParsedArgs } from "citty";
import { type AudioRate, readAudioRates } from "#encode/audio-rates.ts";
import { codecNames } from "#encode/codecs.ts";
import type { LadderWish } from "#encode/ladder.ts";
import { type Effort, efforts } from "#encode/size.ts";
import { readSubtitleFiles, type SubtitleFile } from "#encode/subtitle-tracks.ts";
import type { Codec } from "#model/encoded.ts";
import { unfitTransport } from "#pack/transport-film.ts";
import { freshKeys, protectComplaints } from "./protect.ts";

export interface Wanted {
  readonly film: string;
  readonly out: string;
  readonly effort: Effort;
  readonly heights: readonly number[] | undefined;
  readonly codecs: readonly Codec[];
  readonly budgetSeconds: number | undefined;
  readonly ladder: LadderWish;
  readonly audio: readonly AudioRate[];
  readonly subtitles: readonly SubtitleFile[];
  readonly baselines: "wanted" | undefined;
  readonly json: boolean;
  /** Value of --encrypt. */
  readonly encrypt: string | undefined;
  readonly licenceUrl: string | undefined;
  readonly transport: "beside" | undefined;
}

export const encodeUsage =
  "millrace encode FILM --out DIR [--effort …] [--codecs …] [--heights …] [--audio …] [--subtitles …] [--encrypt KEYS.json|new] [--ts] [--baselines] [--json]";

export const encodeOptions = {
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
  baselines: {
    type: "boolean",
    default: false,
    description:
      "Also encode what the ladder is compared with (otherwise predicted): two fixed ladders, one CRF at full height, the per-title hull",
  },
  seed: {
    type: "string",
    default: "0",
    description: "Accepted as by every millrace command; encoding leaves nothing to chance",
  },
  encrypt: {
    type: "string",
    description: `Encrypt with the keys of this file; "${freshKeys}" makes keys, in OUT.keys.json beside the folder`,
  },
  "licence-url": {
    type: "string",
    description: "With --encrypt: where players ask for keys (ClearKey), written into the DASH manifest",
  },
  ts: {
    type: "boolean",
    default: false,
    description: "Also write MPEG-TS chunks with playlists for old devices, under package/ts",
  },
  json: { type: "boolean", default: false, description: "Print the report on standard output" },
} as const satisfies ArgsDef;

export type EncodeOptions = ParsedArgs<typeof encodeOptions>;

export type OptionsRead =
  | { readonly kind: "wanted"; readonly wanted: Wanted }
  | { readonly kind: "wrong"; readonly complaints: readonly string[] };

export function readEncodeOptions(args: EncodeOptions): OptionsRead {
  const effort = efforts.find((name) => name === args.effort);
  const heights = args.heights === undefined ? undefined : args.heights.split(",").map(Number);
  const codecs = codecsIn(args.codecs);
  const budgetSeconds = args.budget === undefined ? undefined : Number(args.budget);
  const ladder = ladderIn(args.bitrates, args.qualities);
  const audio = readAudioRates(args.audio);
  const subtitles = args.subtitles === undefined ? [] : readSubtitleFiles(args.subtitles);
  const complaints = [
    ...complaint(effort !== undefined, "effort", efforts.join(", "), args.effort),
    ...complaint(heights?.every(Number.isInteger) !== false, "heights", "numbers", args.heights),
    ...complaint(codecs !== undefined, "codecs", `some of ${codecNames.join(", ")}, each once`, args.codecs),
    ...complaint(budgetSeconds === undefined || budgetSeconds > 0, "budget", "seconds", args.budget),
    ...(ladder === undefined
      ? ["--bitrates, --qualities: wanted one of them, rising positive numbers between commas"]
      : []),
    ...complaint(audio.kind === "rates", "audio", "different rates such as aac64,aac128,opus96", args.audio),
    ...complaint(
      subtitles !== undefined,
      "subtitles",
      "LANGUAGE=FILE, as in de=film.de.vtt,en=film.srt",
      args.subtitles,
    ),
    ...protectComplaints({ encrypt: args.encrypt, licenceUrl: args["licence-url"], ts: args.ts }),
    ...(args.ts && args.encrypt === undefined && codecs !== undefined && audio.kind === "rates"
      ? transportComplaints(codecs, audio.rates)
      : []),
    ...complaint(Number.isInteger(Number(args.seed)), "seed", "a whole number", args.seed),
  ];
  if (complaints.length > 0) return { kind: "wrong", complaints };
  if (effort === undefined || codecs === undefined || ladder === undefined)
    return { kind: "wrong", complaints };
  if (audio.kind === "wrong" || subtitles === undefined) return { kind: "wrong", complaints };
  const about = { film: args.film, out: resolve(args.out), effort, heights, json: args.json };
  const tracks = { codecs, budgetSeconds, ladder, audio: audio.rates, subtitles };
  const baselines = args.baselines ? ("wanted" as const) : undefined;
  const around = { baselines, encrypt: args.encrypt, licenceUrl: args["licence-url"] };
  return {
    kind: "wanted",
    wanted: { ...about, ...tracks, ...around, transport: args.ts ? "beside" : undefined },
  };
}

/** Known now, and not after an hour of encoding. */
function transportComplaints(codecs: readonly Codec[], audio: readonly AudioRate[]): readonly string[] {
  const words = unfitTransport({ rungs: codecs.map((codec) => ({ rung: { codec } })), audio }, "clear");
  return words === undefined ? [] : [`--ts: ${words}`];
}

function complaint(
  isFit: boolean,
  option: string,
  wanted: string,
  found: string | undefined,
): readonly string[] {
  return isFit ? [] : [`--${option}: wanted ${wanted}, found "${found}"`];
}

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
