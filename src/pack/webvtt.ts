// Subtitles as cues, read from whatever calls itself WebVTT and written again as plain WebVTT. The file comes from a film that
// a stranger made, so nothing of it is passed on unread: only times, text, and settings that are well-formed. Reading is
// tolerant, as players are: without a header, with commas as SubRip writes them, cues in any order and on top of each
// other. Style sheets, regions, comments and time maps are left out; the file's clock is the film's.
// Sources: W3C WebVTT §4 and §6; RFC 8216 §3.5 for the time map.
import { type Refused, refused } from "./boxes.ts";

export interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  /** "align:start line:90%", or empty. */
  readonly settings: string;
  /** One or more lines, none of them blank. */
  readonly text: string;
}

export type CuesRead = { readonly kind: "read"; readonly cues: readonly Cue[] } | Refused;

/** A line of two hours has some two thousand; ten times a line per second for two hours is not speech. */
const maxCues = 50_000;
/** What stands behind this on one line is left out: no line on a screen is that long. */
const maxLine = 2000;

/** The cues that are shown before the film's end, by when they begin. */
export function readCues(bytes: Uint8Array, filmMs: number): CuesRead {
  const lines = new TextDecoder()
    .decode(bytes)
    .replaceAll("\0", "\uFFFD")
    .split(/\r\n|\n|\r/);
  const cues: Cue[] = [];
  for (let at = 0; at < lines.length; ) {
    const timing = timingOf(lines[at] ?? "");
    at += 1;
    if (timing === undefined) continue;
    const from = at;
    while (at < lines.length && !endsCue(lines[at] ?? "")) at += 1;
    const text = lines
      .slice(from, at)
      .map(cleaned)
      .filter((line) => line !== "")
      .join("\n");
    const endMs = Math.min(timing.endMs, filmMs);
    if (text !== "" && timing.startMs < endMs) cues.push({ ...timing, endMs, text });
    if (cues.length > maxCues) return refused(`it holds more than ${maxCues} cues`);
  }
  if (cues.length === 0 && !/^\uFEFF?WEBVTT\b/.test(lines[0] ?? "")) {
    return refused("it holds neither the header WEBVTT nor a cue within the film");
  }
  const sorted = cues.toSorted((one, other) => one.startMs - other.startMs || one.endMs - other.endMs);
  return { kind: "read", cues: sorted };
}

/**
 * A whole file. Its time 0 is that of the pictures: the map says so to HLS players, which would else have to assume it.
 */
export function vttText(cues: readonly Cue[]): string {
  const head = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n";
  const blocks = cues.map(({ startMs, endMs, settings, text }) => {
    const words = settings === "" ? "" : ` ${settings}`;
    return `${vttClock(startMs)} --> ${vttClock(endMs)}${words}\n${text}\n`;
  });
  return [head, ...blocks].join("\n");
}

/** "01:02:03.004" */
export function vttClock(milliseconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const wholeSeconds = Math.floor(milliseconds / 1000);
  const hours = two(Math.floor(wholeSeconds / 3600));
  const minutes = two(Math.floor(wholeSeconds / 60) % 60);
  return `${hours}:${minutes}:${two(wholeSeconds % 60)}.${String(milliseconds % 1000).padStart(3, "0")}`;
}

/** A line with an arrow; undefined when its times cannot be read. */
export function timingOf(line: string): Omit<Cue, "text"> | undefined {
  const parts = line.slice(0, maxLine).split("-->");
  const [from = "", rest = ""] = parts;
  const [to = "", ...words] = rest.trim().split(/\s+/);
  const startMs = timeOf(from.trim());
  const endMs = timeOf(to);
  if (parts.length !== 2 || startMs === undefined || endMs === undefined) return undefined;
  return { startMs, endMs, settings: words.filter(isSetting).join(" ") };
}

/** "[hours:]minutes:seconds.milliseconds", with a comma too. */
function timeOf(text: string): number | undefined {
  const match = /^(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const [, hours = "0", minutes = "", seconds = "", thousandths = ""] = match;
  if (Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return whole * 1000 + Number(thousandths.padEnd(3, "0"));
}

const percent = "(?:100(?:\\.0{1,6})?|\\d{1,2}(?:\\.\\d{1,6})?)%";
const settingPattern = new RegExp(
  [
    "vertical:(?:rl|lr)",
    `line:(?:-?\\d{1,3}|${percent})(?:,(?:start|center|end))?`,
    `position:${percent}(?:,(?:line-left|center|line-right))?`,
    `size:${percent}`,
    "align:(?:start|center|end|left|right)",
  ]
    .map((one) => `^${one}$`)
    .join("|"),
);

function isSetting(word: string): boolean {
  return settingPattern.test(word);
}

/** A blank line ends a cue, and so does one that holds an arrow: its blank line was forgotten. */
function endsCue(line: string): boolean {
  return line.trim() === "" || line.includes("-->");
}

/** A line of text without control characters. */
function cleaned(line: string): string {
  return line
    .slice(0, maxLine)
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim();
}
