// The sounds and subtitles a film brings along, and what in it is left out and why. Nothing is dropped without a word.
import type { FilmFacts, StreamFacts } from "./film-facts.ts";

export interface SoundIntake {
  readonly stream: number;
  readonly codec: string;
  readonly sampleRate: number;
  readonly channels: number;
  /** BCP 47; "und" when the film does not say. */
  readonly language: string;
  /** Empty when the film does not say. */
  readonly title: string;
  /** Where the picture starts on the sound's clock, seconds. */
  readonly pictureStart: number;
}

export interface SubtitleIntake {
  readonly stream: number;
  readonly language: string;
  readonly title: string;
  readonly isForced: boolean;
  readonly pictureStart: number;
}

export interface TrackLimits {
  readonly maxAudioTracks: number;
  readonly maxSubtitleTracks: number;
}

export interface Tracks {
  /** The film's default first. */
  readonly sounds: readonly SoundIntake[];
  readonly subtitles: readonly SubtitleIntake[];
  /** One phrase for each part of the film that is not used. */
  readonly leftOut: readonly string[];
}

const textCodecs = new Set(["mov_text", "subrip", "srt", "webvtt", "ass", "ssa", "text"]);
const pictureCodecs = new Set(["hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle", "xsub"]);

export function tracksOf(facts: FilmFacts, picture: StreamFacts, limits: TrackLimits): Tracks {
  const pictureStart = picture.start - facts.start;
  const audio = facts.streams.filter((stream) => isSound(stream));
  const sounds = [...audio].sort((a, b) => Number(b.isDefault) - Number(a.isDefault));
  const texts = facts.streams.filter((stream) => stream.type === "subtitle" && textCodecs.has(stream.codec));
  const others = facts.streams
    .filter((stream) => stream !== picture && !audio.includes(stream) && !texts.includes(stream))
    .map((stream) => `${nameOf(stream)}: ${whyNot(stream)}`);
  const tooMany = [
    ...sounds
      .slice(limits.maxAudioTracks)
      .map((stream) => over(stream, limits.maxAudioTracks, "MILLRACE_ENCODE_MAX_AUDIO_TRACKS")),
    ...texts
      .slice(limits.maxSubtitleTracks)
      .map((stream) => over(stream, limits.maxSubtitleTracks, "MILLRACE_ENCODE_MAX_SUBTITLE_TRACKS")),
  ];
  const chapters = facts.chapters === 0 ? [] : [`${facts.chapters} chapter marks: not published`];
  return {
    sounds: sounds.slice(0, limits.maxAudioTracks).map((stream) => {
      const { index, codec, sampleRate, channels } = stream;
      return { stream: index, codec, sampleRate, channels, ...saidOf(stream), pictureStart };
    }),
    subtitles: texts.slice(0, limits.maxSubtitleTracks).map((stream) => {
      return { stream: stream.index, ...saidOf(stream), isForced: stream.isForced, pictureStart };
    }),
    leftOut: [...others, ...tooMany, ...chapters],
  };
}

/** ISO 639-2 in either spelling, or BCP 47, as BCP 47; "und" for what is no language tag. */
export function languageOf(tag: string): string {
  if (!/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$/.test(tag)) return "und";
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "und";
  } catch (error) {
    if (error instanceof RangeError) return "und";
    throw error;
  }
}

/** A title that a menu and a playlist can hold: one line, no quotes, at most 64 letters. */
export function titleOf(text: string): string {
  const line = text.replaceAll(/[\p{C}\p{Z}]+/gu, " ").replaceAll(/["“”]/g, "'");
  return [...line.trim()].slice(0, 64).join("").trim();
}

/** What a menu shows for a language, in that language. */
export function languageName(language: string): string {
  if (language === "und") return "Original";
  return titleOf(new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language);
}

function isSound(stream: StreamFacts): boolean {
  const isDecodable = !["", "none", "unknown", "N/A"].includes(stream.codec);
  return stream.type === "audio" && isDecodable && stream.channels > 0 && stream.sampleRate > 0;
}

function saidOf(stream: StreamFacts): { readonly language: string; readonly title: string } {
  return { language: languageOf(stream.language), title: titleOf(stream.title) };
}

function nameOf(stream: StreamFacts): string {
  const language = languageOf(stream.language);
  const what = [stream.codec || "no codec", ...(language === "und" ? [] : [language])].join(", ");
  return `stream ${stream.index} (${what})`;
}

function whyNot(stream: StreamFacts): string {
  if (stream.isCover) return "a cover picture";
  switch (stream.type) {
    case "video":
      return "a second picture";
    case "audio":
      return "sound in a codec that is not known";
    case "subtitle":
      return pictureCodecs.has(stream.codec)
        ? "subtitles that are pictures, not text"
        : "subtitles in a format that is not text";
    case "attachment":
      return "an attachment";
    default:
      return "data, neither picture nor sound";
  }
}

function over(stream: StreamFacts, limit: number, setting: string): string {
  return `${nameOf(stream)}: more than ${limit} of its kind (${setting})`;
}
