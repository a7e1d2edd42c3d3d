// What another program makes of a rendition before it is published. Our own check (verify.ts) knows every box, and so it
// shares whatever we misunderstand about them; ffprobe reads playlist, init and segments as a player would, without decoding.
import type { AudioCodec, Codec } from "#model/encoded.ts";

/** What a rendition was planned to be. */
export type Promised = PromisedTimes &
  (
    | {
        readonly kind: "video";
        readonly codec: Codec;
        readonly width: number;
        readonly height: number;
        readonly frames: number;
      }
    | {
        readonly kind: "audio";
        readonly codec: AudioCodec;
        readonly sampleRate: number;
        readonly channels: number;
      }
  );

interface PromisedTimes {
  /** From the first picture or sample to the end of the last. */
  readonly seconds: number;
  /** ffprobe decodes a little for what it says of size, rate and channels: of encrypted media that is noise, and not asked. */
  readonly isEncrypted: boolean;
}

/** What ffprobe read. */
export interface Opinion {
  /** Streams in it: one is wanted. */
  readonly streams: number;
  readonly codec: string;
  /** Zero for sound. */
  readonly width: number;
  readonly height: number;
  /** Zero for pictures. */
  readonly sampleRate: number;
  readonly channels: number;
  readonly packets: number;
  /** Between the first packet's time and the last one's. */
  readonly span: number;
  /** What the playlist's lengths add up to, seconds. */
  readonly listed: number;
}

/**
 * Packets are counted and their times listed, nothing is decoded. No other address or format can be reached from a
 * playlist. `playlist` is a name in the working directory: ffmpeg takes a "?" or "#" in a path for part of an address.
 */
export function opinionArgs(playlist: string): readonly string[] {
  return [
    ...["-v", "error", "-protocol_whitelist", "file", "-format_whitelist", "hls,mov", "-f", "hls"],
    ...["-i", `file:${playlist}`, "-count_packets", "-show_entries"],
    "packet=pts:stream=codec_name,width,height,sample_rate,channels,time_base,nb_read_packets:format=duration",
    ...["-of", "compact=p=1:nk=0"],
  ];
}

/** A playlist without its keys: ffprobe would ask for them although it decodes nothing. */
export function withoutKeyLines(playlist: string): string {
  return playlist
    .split("\n")
    .filter((line) => !line.startsWith("#EXT-X-KEY:"))
    .join("\n");
}

/** Text of `opinionArgs`: a line per packet, stream and format, `section|name=value|…`. Undefined when it is not whole. */
export function readOpinion(text: string): Opinion | undefined {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const streams: ReadonlyMap<string, string>[] = [];
  let listed = Number.NaN;
  for (const line of text.split("\n")) {
    if (line.startsWith("packet|")) {
      const pts = Number(fieldsIn(line).get("pts"));
      if (Number.isNaN(pts)) return undefined;
      [first, last] = [Math.min(first, pts), Math.max(last, pts)];
    } else if (line.startsWith("stream|")) streams.push(fieldsIn(line));
    else if (line.startsWith("format|")) listed = Number(fieldsIn(line).get("duration"));
  }
  const [stream] = streams;
  const [num, den] = (stream?.get("time_base") ?? "").split("/").map(Number);
  if (stream === undefined || !num || !den || last < first || Number.isNaN(listed)) return undefined;
  const count = (name: string): number => Number(stream.get(name) ?? 0);
  return {
    ...{ streams: streams.length, codec: stream.get("codec_name") ?? "" },
    ...{ width: count("width"), height: count("height") },
    ...{ sampleRate: count("sample_rate"), channels: count("channels") },
    ...{ packets: count("nb_read_packets"), span: ((last - first) * num) / den, listed },
  };
}

function fieldsIn(line: string): ReadonlyMap<string, string> {
  return new Map(
    line.split("|").map((field) => {
      const at = field.indexOf("=");
      return [field.slice(0, at), field.slice(at + 1)];
    }),
  );
}

export interface Disagreement {
  readonly wanted: string;
  readonly found: string;
}

/** The first thing that ffprobe sees otherwise than it was planned; undefined when it agrees. */
export function disagreement(promised: Promised, opinion: Opinion): Disagreement | undefined {
  return rows(promised, opinion).find(({ wanted, found }) => wanted !== found);
}

function rows(promised: Promised, opinion: Opinion): readonly Disagreement[] {
  const { seconds, isEncrypted } = promised;
  const shared = [
    { wanted: "1 stream", found: `${opinion.streams} stream${opinion.streams === 1 ? "" : "s"}` },
    { wanted: promised.codec, found: opinion.codec },
    lengthRow("its playlist", seconds, opinion.listed, [-listedTolerance, listedTolerance]),
  ];
  if (promised.kind === "audio") {
    const { sampleRate, channels } = promised;
    return [
      ...shared,
      ...decoded(isEncrypted, { wanted: `${sampleRate} Hz`, found: `${opinion.sampleRate} Hz` }),
      ...decoded(isEncrypted, { wanted: `${channels} channels`, found: `${opinion.channels} channels` }),
      // How long the last packet is, ffprobe does not say of every coding.
      lengthRow("its packets", seconds, opinion.span, [-longestSoundFrame, frameTolerance]),
    ];
  }
  const { width, height, frames } = promised;
  const frame = seconds / frames;
  const off = frameTolerance + guessedFrames * frame;
  return [
    ...shared,
    ...decoded(isEncrypted, { wanted: `${width}×${height}`, found: `${opinion.width}×${opinion.height}` }),
    { wanted: `${frames} frames`, found: `${opinion.packets} frames` },
    lengthRow("its packets", seconds, opinion.span + frame, [-off, off]),
  ];
}

function decoded(isEncrypted: boolean, row: Disagreement): readonly Disagreement[] {
  return isEncrypted ? [] : [row];
}

/** ffprobe cuts each length in a playlist down to a microsecond: this is ten thousand segments. */
const listedTolerance = 0.01;
/** A quarter of a frame at 120 frames/s: clocks count in whole ticks. */
const frameTolerance = 0.002;
/**
 * ffmpeg 5.1 guesses the time of a picture or two of some films wrong where pictures are reordered, by as many frames as they may
 * be moved: our encoders keep 3 pictures between two that others refer to. How many pictures there are is counted exactly.
 */
const guessedFrames = 3;
/** HE-AAC's 2048 samples at 32 kHz; everything we publish is shorter. */
const longestSoundFrame = 0.064;

function lengthRow(
  what: string,
  wanted: number,
  found: number,
  [least, most]: readonly [number, number],
): Disagreement {
  const words = (seconds: number): string => `${what} to last ${seconds.toFixed(3)} s`;
  const agrees = found - wanted >= least && found - wanted <= most;
  return { wanted: words(wanted), found: agrees ? words(wanted) : `${found.toFixed(3)} s` };
}
