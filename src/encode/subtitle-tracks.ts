// Subtitles that are published: from files beside the film, then from the film, each with its id and name.
import { distinct } from "./audio-rates.ts";
import { languageName, languageOf, titleOf } from "./tracks.ts";
import type { Cue } from "./web-vtt.ts";

/** A subtitle file beside the film, whose time 0 is the film's. */
export interface SubtitleFile {
  readonly path: string;
  /** BCP 47. */
  readonly language: string;
}

export interface ReadSubtitles {
  readonly language: string;
  /** Empty: named after its language. */
  readonly title: string;
  readonly isForced: boolean;
  readonly cues: readonly Cue[];
}

export interface SubtitleOrder extends ReadSubtitles {
  readonly id: string;
  readonly name: string;
}

export function subtitleOrders(read: readonly ReadSubtitles[]): readonly SubtitleOrder[] {
  const names = distinct(
    read.map(({ title, language }) => titleOf(title) || languageName(language)),
    (name, nth) => `${name} ${nth}`,
  );
  const ids = distinct(
    read.map(({ language }) => `subtitles-${language}`),
    (id, nth) => `${id}-${nth}`,
  );
  return read.map((one, index) => ({ ...one, id: ids[index] ?? "", name: names[index] ?? "" }));
}

/** "de=film.de.vtt,en=film.srt"; undefined when a part is not LANGUAGE=FILE. */
export function readSubtitleFiles(text: string): readonly SubtitleFile[] | undefined {
  const files = text.split(",").map((part): SubtitleFile | undefined => {
    const [, tag = "", path = ""] = /^([A-Za-z0-9-]+)=(.+)$/.exec(part.trim()) ?? [];
    const language = languageOf(tag);
    return path === "" || (language === "und" && tag !== "und") ? undefined : { path, language };
  });
  const known = files.filter((file) => file !== undefined);
  return known.length === files.length ? known : undefined;
}
