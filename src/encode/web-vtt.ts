// WebVTT and SubRip read into cues, and cues written as plain WebVTT: only words, times and where they stand. What a
// stranger's file holds beside them (styles, regions, notes, fonts) never reaches a player.
// Sources: W3C WebVTT §4–6; SubRip has no standard, its form is that of the program's own output.

export interface Cue {
  /** Seconds on the film's clock. */
  readonly start: number;
  readonly end: number;
  /** Cue settings ("line:0 align:start"), or nothing. */
  readonly settings: string;
  readonly text: string;
}

export type CueReading =
  | { readonly kind: "cues"; readonly cues: readonly Cue[] }
  | { readonly kind: "unreadable"; readonly reason: string };

const timing =
  /^\s*(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})\s+-->\s+(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})(.*)$/;
const knownSetting = /^(line|position|size|align|vertical):[A-Za-z0-9.,%-]{1,24}$/;
const mostCueLetters = 2000;

/** Cues of a WebVTT or SubRip text, in the order of their times. A text in which a time cannot be read is refused whole. */
export function readCues(text: string): CueReading {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const isVtt = /^WEBVTT([ \t].*)?$/.test(lines[0] ?? "");
  if (!isVtt && !lines.some((line) => timing.test(line))) {
    return { kind: "unreadable", reason: "it is neither WebVTT nor SubRip: no line holds a time" };
  }
  const cues: Cue[] = [];
  for (let at = isVtt ? afterBlock(lines, 0) : 0; at < lines.length; ) {
    const end = afterBlock(lines, at);
    const block = lines.slice(at, end);
    const cue = cueOf(block);
    if (cue === "wrong") {
      return {
        kind: "unreadable",
        reason: `the time near line ${at + 1} cannot be read: wanted 00:01:02.345 --> 00:01:04.000`,
      };
    }
    if (cue !== undefined) cues.push(cue);
    at = end;
  }
  return { kind: "cues", cues: cues.sort((a, b) => a.start - b.start || a.end - b.end) };
}

/** Cues on the clock of a film whose time 0 lies at `zero` and which lasts `duration`; what is outside is cut off. */
export function onFilmClock(cues: readonly Cue[], zero: number, duration: number): readonly Cue[] {
  return cues
    .map((cue) => ({
      ...cue,
      start: Math.max(0, cue.start - zero),
      end: Math.min(duration, cue.end - zero),
    }))
    .filter(({ start, end }) => toMilliseconds(end) > toMilliseconds(start));
}

export function writeCues(cues: readonly Cue[]): string {
  const blocks = cues.map(({ start, end, settings, text }) => {
    const line = `${clock(start)} --> ${clock(end)}${settings === "" ? "" : ` ${settings}`}`;
    return `${line}\n${text}\n`;
  });
  return ["WEBVTT\n", ...blocks].join("\n");
}

/** First line after the block that starts at `at`, and after the empty lines behind it. */
function afterBlock(lines: readonly string[], at: number): number {
  let end = at;
  while (end < lines.length && lines[end]?.trim() !== "") end++;
  while (end < lines.length && lines[end]?.trim() === "") end++;
  return end;
}

/** A block without a time (a note, a style, a number alone) is no cue; one with half a time is wrong. */
function cueOf(block: readonly string[]): Cue | "wrong" | undefined {
  const at = block.findIndex((line) => line.includes("-->"));
  if (at < 0 || /^(NOTE|STYLE|REGION)\b/.test(block[0] ?? "")) return undefined;
  const found = timing.exec(block[at] ?? "");
  if (found === null) return "wrong";
  const [start, end] = [secondsOf(found.slice(1, 5)), secondsOf(found.slice(5, 9))];
  const text = cueText(block.slice(at + 1));
  if (end <= start || text === "") return undefined;
  const settings = (found[9] ?? "").split(/\s+/).filter((setting) => knownSetting.test(setting));
  return { start, end, settings: settings.join(" "), text };
}

/** Words with italics, bold, underlines and voices; every other tag goes, and what looks like markup is shown as letters. */
function cueText(lines: readonly string[]): string {
  const words = lines
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n")
    .slice(0, mostCueLetters)
    .replaceAll(/\{\\[^}]*\}/g, "")
    .replaceAll(/\p{Cc}/gu, (letter) => (letter === "\n" ? letter : ""));
  const parts = words.split(/(<\/?(?:[ibu]|v(?:[ .][^<>]*)?)>)/i);
  return parts
    .map((part, index) => (index % 2 === 1 ? part : plainText(part)))
    .join("")
    .trim();
}

function plainText(text: string): string {
  return text
    .replaceAll(/<\/?[a-z][^<>]*>|<\d[\d:.]*>/gi, "")
    .replaceAll(/&(?!(?:amp|lt|gt|nbsp|lrm|rlm|#\d{1,7});)/g, "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

function secondsOf([hours = "0", minutes = "0", seconds = "0", part = "0"]: readonly (
  | string
  | undefined
)[]): number {
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(part.padEnd(3, "0")) / 1000;
}

function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000);
}

function clock(seconds: number): string {
  const ms = toMilliseconds(seconds);
  const two = (value: number): string => `${value}`.padStart(2, "0");
  const hours = Math.floor(ms / 3_600_000);
  const rest = `${ms % 1000}`.padStart(3, "0");
  return `${two(hours)}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1000) % 60)}.${rest}`;
}
