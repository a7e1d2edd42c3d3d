// What ffprobe said about a film, as values. Text in, facts out; whether the film is accepted is decided in intake.ts.
import type { FrameRate } from "#units/quantity.ts";

export interface StreamFacts {
  readonly index: number;
  readonly type: string;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: string;
  readonly colourRange: string;
  readonly colourTransfer: string;
  /** Width of a pixel over its height. */
  readonly pixelAspect: number;
  readonly fieldOrder: string;
  /** Degrees, a multiple of 90. */
  readonly rotation: number;
  readonly rates: readonly FrameRate[];
  readonly start: number;
  readonly duration: number | undefined;
  readonly sampleRate: number;
  readonly channels: number;
  /** A cover picture inside the file, not a film. */
  readonly isCover: boolean;
}

export interface FilmFacts {
  readonly streams: readonly StreamFacts[];
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

/** Text of `ffprobe -show_streams -show_format -of default`. */
export function readFacts(text: string): FilmFacts {
  const streams: StreamFacts[] = [];
  let format: Fields = new Map();
  for (const section of readSections(text)) {
    if (section.name === "STREAM") streams.push(streamFacts(section.fields));
    if (section.name === "FORMAT") format = section.fields;
  }
  return { streams, start: number(format, "start_time") ?? 0, duration: number(format, "duration") };
}

/** Text of `ffprobe -show_entries packet=stream_index,pts_time,flags -of csv=p=0`, in decode order. */
export function readPackets(text: string): readonly PacketFacts[] {
  const packets: PacketFacts[] = [];
  for (const line of text.split("\n")) {
    const [stream, pts, flags = ""] = line.split(",");
    const time = Number(pts);
    if (pts === undefined || pts === "" || !Number.isFinite(time)) continue;
    packets.push({
      stream: Number(stream),
      pts: time,
      isKey: flags[0] === "K",
      isDiscarded: flags[1] === "D",
    });
  }
  return packets;
}

/** Sections in brackets; what is nested (side data) adds to the section around it. */
function readSections(text: string): readonly { readonly name: string; readonly fields: Fields }[] {
  const sections: { name: string; fields: Map<string, string> }[] = [];
  let open: { name: string; fields: Map<string, string> } | undefined;
  for (const line of text.split("\n")) {
    const opened = /^\[([A-Z_]+)\]$/.exec(line)?.[1];
    if (opened !== undefined && open === undefined) open = { name: opened, fields: new Map() };
    else if (open !== undefined && line === `[/${open.name}]`) {
      sections.push(open);
      open = undefined;
    } else {
      const cut = line.indexOf("=");
      if (cut > 0) open?.fields.set(line.slice(0, cut), line.slice(cut + 1).trim());
    }
  }
  return sections;
}

function streamFacts(fields: Fields): StreamFacts {
  const text = (key: string): string => fields.get(key) ?? "";
  const rates = ["avg_frame_rate", "r_frame_rate"].flatMap((key) => rate(text(key)) ?? []);
  return {
    index: number(fields, "index") ?? 0,
    type: text("codec_type"),
    codec: text("codec_name"),
    width: number(fields, "width") ?? 0,
    height: number(fields, "height") ?? 0,
    pixelFormat: text("pix_fmt"),
    colourRange: text("color_range"),
    colourTransfer: text("color_transfer"),
    pixelAspect: aspect(text("sample_aspect_ratio")),
    fieldOrder: text("field_order"),
    rotation: number(fields, "rotation") ?? 0,
    rates,
    start: number(fields, "start_time") ?? 0,
    duration: number(fields, "duration") ?? clock(text("TAG:DURATION")),
    sampleRate: number(fields, "sample_rate") ?? 0,
    channels: number(fields, "channels") ?? 0,
    isCover: text("DISPOSITION:attached_pic") === "1",
  };
}

function number(fields: Fields, key: string): number | undefined {
  const value = Number(fields.get(key) ?? "N/A");
  return Number.isFinite(value) ? value : undefined;
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
