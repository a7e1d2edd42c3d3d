// What ffprobe said about a film, as values. Text in, facts out; whether the film is accepted is decided in intake.ts.
import type { FrameRate } from "#units/quantity.ts";
import { lineReader } from "./line-reader.ts";

export interface StreamFacts {
  readonly index: number;
  readonly type: string;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: string;
  readonly colourRange: string;
  readonly colourMatrix: string;
  readonly colourPrimaries: string;
  readonly colourTransfer: string;
  /** Brightest light the header promises, cd/m²: of the picture, else of the display it was made on. */
  readonly peakNits: number | undefined;
  readonly dolbyVision: DolbyVision | undefined;
  /** Width of a pixel over its height. */
  readonly pixelAspect: number;
  readonly fieldOrder: string;
  /** Degrees. */
  readonly rotation: number;
  readonly isMirrored: boolean;
  readonly rates: readonly FrameRate[];
  readonly start: number;
  readonly duration: number | undefined;
  readonly sampleRate: number;
  readonly channels: number;
  /** As the file has it, unchecked; empty when it says nothing. */
  readonly language: string;
  readonly title: string;
  readonly isDefault: boolean;
  readonly isForced: boolean;
  /** A cover picture inside the file, not a film. */
  readonly isCover: boolean;
}

/** Source: Dolby Vision Streams Within the ISO Base Media File Format, DOVIDecoderConfigurationRecord. */
export interface DolbyVision {
  readonly profile: number;
  /** 0: what lies below the enhancement is of no use to other decoders. */
  readonly compatibility: number;
}

export interface FilmFacts {
  readonly streams: readonly StreamFacts[];
  readonly chapters: number;
  readonly start: number;
  readonly duration: number | undefined;
}

export interface PacketFacts {
  readonly stream: number;
  readonly pts: number;
  readonly isKey: boolean;
  /** Hidden by an edit list. */
  readonly isDiscarded: boolean;
}

type Fields = ReadonlyMap<string, string>;

/** Text of `ffprobe -of flat`: one `path.to.field=value` a line, text in quotes, so that no tag can pose as a field. */
export function readFacts(text: string): FilmFacts {
  const streams = new Map<number, Map<string, string>>();
  const format = new Map<string, string>();
  let chapters = 0;
  for (const line of text.split("\n")) {
    const cut = line.indexOf("=");
    const path = line.slice(0, Math.max(0, cut));
    const value = unquoted(line.slice(cut + 1).trim());
    if (/^chapters\.chapter\.\d+\.id$/.test(path)) chapters++;
    if (path.startsWith("format.")) format.set(path.slice("format.".length), value);
    const [, number = "", key = ""] = /^streams\.stream\.(\d+)\.(.+)$/.exec(path) ?? [];
    if (key === "") continue;
    const fields = streams.get(Number(number)) ?? new Map<string, string>();
    streams.set(Number(number), fields.set(key.replace(/^side_data_list\.side_data\.\d+\./, ""), value));
  }
  return {
    streams: [...streams.values()].map(streamFacts),
    chapters,
    start: number(format, "start_time") ?? 0,
    duration: number(format, "duration"),
  };
}

export interface PacketsReader {
  readonly take: (text: string) => void;
  readonly end: () => readonly PacketFacts[];
}

/** Reads `ffprobe -show_entries packet=stream_index,pts_time,flags -of csv=p=0` as it comes, in decode order. */
export function packetsReader(): PacketsReader {
  const packets: PacketFacts[] = [];
  const lines = lineReader((line) => {
    const [stream, pts, flags = ""] = line.split(",");
    const time = Number(pts);
    if (pts === undefined || pts === "" || !Number.isFinite(time)) return;
    packets.push({
      stream: Number(stream),
      pts: time,
      isKey: flags[0] === "K",
      isDiscarded: flags[1] === "D",
    });
  });
  return {
    take: lines.take,
    end: () => {
      lines.end();
      return packets;
    },
  };
}

/** The same of text that is there already. */
export function readPackets(text: string): readonly PacketFacts[] {
  const reader = packetsReader();
  reader.take(text);
  return reader.end();
}

/** Source: FFmpeg, ffprobe.c, flat_escape_value_str. */
function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  const inside = value.slice(1, value.endsWith('"') && value.length > 1 ? -1 : undefined);
  return inside.replaceAll(/\\(.)/g, (_, letter: string) =>
    letter === "n" ? "\n" : letter === "r" ? "\r" : letter,
  );
}

function streamFacts(fields: Fields): StreamFacts {
  const text = (key: string): string => fields.get(key) ?? "";
  const flag = (key: string): boolean => text(`disposition.${key}`) === "1";
  const rates = ["avg_frame_rate", "r_frame_rate"].flatMap((key) => rate(text(key)) ?? []);
  return {
    index: number(fields, "index") ?? 0,
    type: text("codec_type"),
    codec: text("codec_name"),
    width: number(fields, "width") ?? 0,
    height: number(fields, "height") ?? 0,
    pixelFormat: text("pix_fmt"),
    colourRange: text("color_range"),
    colourMatrix: text("color_space"),
    colourPrimaries: text("color_primaries"),
    colourTransfer: text("color_transfer"),
    peakNits: positive(number(fields, "max_content")) ?? positive(fraction(text("max_luminance"))),
    dolbyVision: dolbyVision(fields),
    pixelAspect: aspect(text("sample_aspect_ratio")),
    fieldOrder: text("field_order"),
    rotation: number(fields, "rotation") ?? 0,
    isMirrored: mirrors(text("displaymatrix")),
    rates,
    start: number(fields, "start_time") ?? 0,
    duration: number(fields, "duration") ?? clock(text("tags.DURATION")),
    sampleRate: number(fields, "sample_rate") ?? 0,
    channels: number(fields, "channels") ?? 0,
    language: text("tags.language"),
    title: text("tags.title"),
    isDefault: flag("default"),
    isForced: flag("forced"),
    isCover: flag("attached_pic"),
  };
}

function dolbyVision(fields: Fields): DolbyVision | undefined {
  const profile = number(fields, "dv_profile");
  if (profile === undefined) return undefined;
  return { profile, compatibility: number(fields, "dv_bl_signal_compatibility_id") ?? 0 };
}

/**
 * Whether a display matrix turns left into right: its plane part then has a negative determinant.
 * ffprobe prints it as lines "00000000:  65536  0  0".
 */
function mirrors(matrix: string): boolean {
  const rows = [...matrix.matchAll(/^\d{8}:\s+(-?\d+)\s+(-?\d+)/gm)];
  const [a = 1, b = 0] = rows[0]?.slice(1).map(Number) ?? [];
  const [c = 0, d = 1] = rows[1]?.slice(1).map(Number) ?? [];
  return a * d - b * c < 0;
}

function number(fields: Fields, key: string): number | undefined {
  const text = fields.get(key) ?? "";
  const value = Number(text);
  return text !== "" && Number.isFinite(value) ? value : undefined;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

/** "10000000/10000". */
function fraction(text: string): number | undefined {
  const parts = rate(text);
  return parts && parts.num / parts.den;
}

function rate(text: string): FrameRate | undefined {
  const [num = 0, den = 0] = text.split("/").map(Number);
  return num > 0 && den > 0 ? { num, den } : undefined;
}

/** Less than a per cent from square is a container's rounding, not an anamorphic picture. */
function aspect(text: string): number {
  const [across = 0, down = 0] = text.split(":").map(Number);
  const ratio = across > 0 && down > 0 ? across / down : 1;
  return Math.abs(ratio - 1) < 0.01 ? 1 : ratio;
}

/** "00:01:02.500000000", as Matroska notes a stream's length. */
function clock(text: string): number | undefined {
  const [hours, minutes, seconds] = text.split(":").map(Number);
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined;
  const total = hours * 3600 + minutes * 60 + seconds;
  return Number.isFinite(total) ? total : undefined;
}
