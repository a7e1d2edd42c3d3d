// A file of subtitles that somebody hands in for a title that is out already. A film's own tracks are read tolerantly, since nobody
// could mend them (webvtt.ts); whoever hands in a file can, so here the first thing that is wrong refuses it, with its line.
// Source: W3C WebVTT §4.1 to §4.2.2.
import { type Refused, refused } from "./boxes.ts";
import { type Cue, type CuesRead, readCues, timingOf, vttClock } from "./webvtt.ts";

export interface SubtitleLimits {
  readonly filmMs: number;
  readonly maxBytes: number;
}

/** A last cue may stand a little longer than the film, as when its rate was rounded: it is cut at the end. */
const overhangMs = 1000;

/** The cues of a WebVTT file in which nothing is wrong. */
export function readSubtitleFile(bytes: Uint8Array, limits: SubtitleLimits): CuesRead {
  if (bytes.length > limits.maxBytes) {
    return refused(
      `it has ${bytes.length} bytes, at most ${limits.maxBytes} are taken (MILLRACE_PACK_SUBTITLE_MIB)`,
    );
  }
  const text = utf8(bytes);
  if (text === undefined || text.includes("\0")) return refused("it is not text in UTF-8");
  const lines = text.split(/\r\n|\n|\r/);
  if (!/^WEBVTT([ \t].*)?$/.test(lines[0] ?? "")) return refused("its first line is not WEBVTT");
  const wrong = firstWrong(lines, limits.filmMs);
  if (wrong !== undefined) return wrong;
  const read = readCues(bytes, limits.filmMs);
  return read.kind === "read" && read.cues.length === 0 ? refused("no cue of it shows a word") : read;
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Lines are counted from 1, as editors do. */
function firstWrong(lines: readonly string[], filmMs: number): Refused | undefined {
  let [before, isInCue] = [0, false];
  for (const [index, line] of lines.entries()) {
    const at = `line ${index + 1}: `;
    if (line.includes("-->")) {
      const timing = timingOf(line);
      const wrong =
        timing === undefined
          ? "its times cannot be read, wanted 00:01:02.345 --> 00:01:04.000"
          : wrongTimes(timing, before, filmMs);
      if (timing === undefined || wrong !== undefined) return refused(at + wrong);
      [before, isInCue] = [timing.startMs, true];
    } else if (line.trim() === "") isInCue = false;
    else if (isInCue) {
      const wrong = wrongMarkup(line);
      if (wrong !== undefined) return refused(at + wrong);
    }
  }
  return undefined;
}

function wrongTimes(
  { startMs, endMs }: Pick<Cue, "startMs" | "endMs">,
  before: number,
  filmMs: number,
): string | undefined {
  const [start, end] = [vttClock(startMs), vttClock(endMs)];
  if (endMs <= startMs) return `the cue ends at ${end}, which is not after its beginning at ${start}`;
  if (startMs < before)
    return `the cue begins at ${start}, before the cue above it does (${vttClock(before)})`;
  if (startMs >= filmMs || endMs > filmMs + overhangMs) {
    return `the cue from ${start} to ${end} lies beyond the film's end at ${vttClock(filmMs)}`;
  }
  return undefined;
}

const span = "(?:c|i|b|u|v|lang|ruby|rt)";
/** The tags there are. Only a voice and a language say something behind their name. */
const knownTag = new RegExp(
  [
    `</${span}>`,
    "<(?:c|i|b|u|ruby|rt)(?:\\.[\\p{L}\\p{N}_-]+)*>",
    "<(?:v|lang)(?:\\.[\\p{L}\\p{N}_-]+)*[ \\t][^<>=]*>",
    "<(?:\\d{2,4}:)?\\d{2}:\\d{2}\\.\\d{3}>",
  ].join("|"),
  "gu",
);

/** What a player could take for markup that is none of WebVTT. */
function wrongMarkup(line: string): string | undefined {
  const rest = line.replaceAll(knownTag, "");
  const at = rest.indexOf("<");
  if (at < 0) return undefined;
  const name = /^<\/?([A-Za-z][A-Za-z0-9-]{0,15})/.exec(rest.slice(at))?.[1];
  return name === undefined
    ? "a < begins no tag there, write &lt; for the letter"
    : `<${name}> as it stands there is no tag of WebVTT`;
}
