// The DASH manifest as text: static, one period, exact segment timeline. Sources: ISO/IEC 23009-1 §5, and
// DASH-IF IOP 4.3 §6.2.6 for the sprite sheets. Every URL is relative: a signed prefix stands before them all.
//
// Players switch within an adaptation set and not between sets. So each codec of the picture is a set, and each voice in each
// codec of the sound; pictures share one boundary list, whatever their codec.
import type { Codec } from "#model/encoded.ts";
import { contentProtection } from "./protection.ts";
import { systemProtection } from "./signalling.ts";
import { distinct, type Voice, voicesOf } from "./sounds.ts";
import {
  type AudioTrack,
  filmMicroseconds,
  microsecondsOf,
  type PackedTitle,
  peakRate,
  type Storyboard,
  type SubtitleTrack,
  secondsText,
  type VideoTrack,
} from "./track.ts";
import { type Element, element, textElement, xmlText } from "./xml.ts";

export function dashManifest(title: PackedTitle): string {
  const duration = `PT${secondsText(filmMicroseconds(title))}S`;
  const longest = title.video.flatMap(microsecondsOf).reduce((most, length) => Math.max(most, length), 0);
  const sets = [
    ...videoSets(title),
    ...audioSets(title.audio),
    ...subtitleSets(title.subtitles, filmMicroseconds(title)),
    ...imageSets(title.storyboard),
  ].map((set, index) => ({ ...set, attributes: [["id", `${index + 1}`] as const, ...set.attributes] }));
  const manifest = element(
    "MPD",
    [
      ["xmlns", "urn:mpeg:dash:schema:mpd:2011"],
      ["profiles", "urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019"],
      ["type", "static"],
      ["mediaPresentationDuration", duration],
      ["minBufferTime", `PT${secondsText(longest)}S`],
    ],
    [
      element(
        "Period",
        [
          ["id", "film"],
          ["start", "PT0S"],
          ["duration", duration],
        ],
        sets,
      ),
    ],
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xmlText(manifest)}`;
}

/** Players that know several should take the leanest: the higher, the better. Source: ISO/IEC 23009-1 §5.3.3.2. */
const codecPriority: Readonly<Record<Codec, number>> = { h264: 1, vp9: 2, hevc: 3, av1: 4 };

function videoSets(title: PackedTitle): readonly Element[] {
  const codecs = [...new Set(title.video.map((track) => track.codec))];
  const { num, den } = title.frameRate;
  return codecs.flatMap((codec) => {
    const tracks = title.video.filter((track) => track.codec === codec);
    const [first] = tracks;
    if (first === undefined) return [];
    const attributes = [
      ...mediaAttributes("video"),
      ["frameRate", den === 1 ? `${num}` : `${num}/${den}`],
      ["maxWidth", `${Math.max(...tracks.map((track) => track.width))}`],
      ["maxHeight", `${Math.max(...tracks.map((track) => track.height))}`],
      ...(codecs.length > 1 ? [["selectionPriority", `${codecPriority[codec]}`] as const] : []),
    ] as const;
    return [element("AdaptationSet", attributes, [template(first), ...tracks.map(videoRepresentation)])];
  });
}

function videoRepresentation(track: VideoTrack): Element {
  const attributes = [
    ["id", track.id],
    ["codecs", track.codecs],
    ["width", `${track.width}`],
    ["height", `${track.height}`],
    ["sar", "1:1"],
    ["bandwidth", `${peakRate(track)}`],
  ] as const;
  return element("Representation", attributes, protectionOf(track));
}

/** A voice's rates in one codec. Should their segments not coincide, they are sets apart: nothing could switch between them. */
function audioSets(audio: readonly AudioTrack[]): readonly Element[] {
  const voices = voicesOf(audio);
  return voices.flatMap((voice, index) => {
    const alike = Map.groupBy(voice.tracks, (track) =>
      JSON.stringify([track.codecs, xmlText(template(track))]),
    );
    return [...alike.values()].map((tracks) => audioSet(voice, tracks, index === 0, voices.length));
  });
}

function audioSet(voice: Voice, tracks: readonly AudioTrack[], isMain: boolean, voices: number): Element {
  const attributes = [
    ...mediaAttributes("audio"),
    ...langAttribute(voice.language),
    // Without it a player that goes by codecs may begin in another language.
    ...(voices > 1 ? [["selectionPriority", isMain ? "2" : "1"] as const] : []),
  ];
  return element("AdaptationSet", attributes, [
    textElement("Label", voice.name),
    role(isMain ? "main" : "alternate"),
    ...tracks.slice(0, 1).map(template),
    ...tracks.map(audioRepresentation),
  ]);
}

function audioRepresentation(track: AudioTrack): Element {
  const attributes = [
    ["id", track.id],
    ["codecs", track.codecs],
    ["audioSamplingRate", `${track.sampleRate}`],
    ["bandwidth", `${peakRate(track)}`],
  ] as const;
  // Source: ISO/IEC 23091-3, ChannelConfiguration: 1 to 6 are that many channels in the usual order.
  const scheme = "urn:mpeg:mpegB:cicp:ChannelConfiguration";
  const channels =
    track.channels > 6 ? [] : [property("AudioChannelConfiguration", scheme, `${track.channels}`)];
  return element("Representation", attributes, [...channels, ...protectionOf(track)]);
}

export function subtitleSets(subtitles: readonly SubtitleTrack[], microseconds: number): readonly Element[] {
  const names = distinct(subtitles);
  return subtitles.map((track, index) =>
    element(
      "AdaptationSet",
      [...typeAttributes("text", "text/vtt"), ...langAttribute(track.language)],
      [
        textElement("Label", names[index] ?? track.name),
        role(track.isForced ? "forced-subtitle" : "subtitle"),
        wholeFile(track, microseconds / 1e6),
      ],
    ),
  );
}

function wholeFile(track: SubtitleTrack, seconds: number): Element {
  const bandwidth = `${Math.ceil((track.bytes * 8) / seconds)}`;
  return element(
    "Representation",
    [
      ["id", track.id],
      ["bandwidth", bandwidth],
    ],
    [textElement("BaseURL", `${track.id}.vtt`)],
  );
}

/** In the representation, because the rungs of one set have different keys. */
function protectionOf({ protection }: VideoTrack | AudioTrack): readonly Element[] {
  return protection === undefined ? [] : [...contentProtection(protection), ...systemProtection(protection)];
}

/** Pictures for the seek bar. */
function imageSets(board: Storyboard): readonly Element[] {
  const { columns, rows, tileWidth, tileHeight, every, count } = board;
  if (count === 0) return [];
  const length = Math.round(columns * rows * every * 1000);
  const peak = Math.ceil((Math.max(...board.sheets) * 8 * 1000) / length);
  const sheets = element("SegmentTemplate", [
    ["timescale", "1000"],
    ["media", "$RepresentationID$-$Number$.jpg"],
    ["startNumber", "1"],
    ["duration", `${length}`],
  ]);
  const attributes = [
    ["id", "storyboard"],
    ["width", `${columns * tileWidth}`],
    ["height", `${rows * tileHeight}`],
    ["bandwidth", `${peak}`],
  ] as const;
  const scheme = "http://dashif.org/guidelines/thumbnail_tile";
  const tiles = property("EssentialProperty", scheme, `${columns}x${rows}`);
  return [
    element("AdaptationSet", typeAttributes("image", "image/jpeg"), [
      sheets,
      element("Representation", attributes, [tiles]),
    ]),
  ];
}

/** All representations of a set have the same boundaries, so the set says them once. */
function template(track: VideoTrack | AudioTrack): Element {
  const attributes = [
    ["timescale", `${track.timescale}`],
    ["presentationTimeOffset", "0"],
    ["startNumber", "1"],
    ["initialization", "$RepresentationID$/init.mp4"],
    ["media", "$RepresentationID$/$Number$.m4s"],
  ] as const;
  return element("SegmentTemplate", attributes, [element("SegmentTimeline", [], timeline(track))]);
}

/** Runs of equal lengths as one S; `t` only where the run does not follow from the one before. */
function timeline({ segments }: VideoTrack | AudioTrack): readonly Element[] {
  const runs: { start: number; duration: number; more: number; end: number }[] = [];
  for (const { start, duration } of segments) {
    const last = runs.at(-1);
    if (last !== undefined && last.end === start && last.duration === duration) {
      last.more += 1;
      last.end += duration;
    } else {
      runs.push({ start, duration, more: 0, end: start + duration });
    }
  }
  return runs.map(({ start, duration, more }, index) =>
    element("S", [
      ...(index === 0 || runs[index - 1]?.end !== start ? [["t", `${start}`] as const] : []),
      ["d", `${duration}`],
      ...(more === 0 ? [] : [["r", `${more}`] as const]),
    ]),
  );
}

type Attributes = Element["attributes"];

function mediaAttributes(type: "video" | "audio"): Attributes {
  return [...typeAttributes(type, `${type}/mp4`), ["segmentAlignment", "true"], ["startWithSAP", "1"]];
}

function typeAttributes(contentType: string, mimeType: string): Attributes {
  return [
    ["contentType", contentType],
    ["mimeType", mimeType],
  ];
}

function langAttribute(language: string): Attributes {
  return language === "und" ? [] : [["lang", language]];
}

function role(value: "main" | "alternate" | "subtitle" | "forced-subtitle"): Element {
  return property("Role", "urn:mpeg:dash:role:2011", value);
}

function property(name: string, scheme: string, value: string): Element {
  return element(name, [
    ["schemeIdUri", scheme],
    ["value", value],
  ]);
}
