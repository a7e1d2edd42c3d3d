// A package for the players' journey, made by the command as a user would, and what must be known of it to judge a player.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { timeOf } from "#test/fixtures/players/marks.ts";
import { sidecar } from "#wire/sidecar.ts";
import { command, ended } from "./encode-run.ts";
import { drawFilm, type FilmLength, framesOf } from "./pack-players-film.ts";

export interface Rung {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly rateBps: number;
}

export interface Segment {
  readonly number: number;
  readonly rungs: readonly string[];
}

export interface Package {
  /** Holds `dash/`, `hls/` and `package/`. */
  readonly folder: string;
  readonly frames: number;
  /** First frame of each segment but the first. */
  readonly boundaries: readonly number[];
  /** Cheapest first. */
  readonly rungs: readonly Rung[];
  /** Each video segment by the sha256 of its bytes. Two rungs may have one in common: a shot that is the same in both. */
  readonly segments: ReadonlyMap<string, Segment>;
  /** MIME types that a browser must play, with codecs. */
  readonly types: readonly string[];
}

export type Made =
  | { readonly kind: "made"; readonly made: Package }
  | { readonly kind: "left-out"; readonly why: string };

/** Draws, encodes and packages. A codec that this encoder does not offer is left out, in the encoder's words. */
export async function makePackage(
  folder: string,
  codec: string,
  length: FilmLength,
  signal: AbortSignal,
): Promise<Made> {
  const film = await drawFilm(folder, length, signal);
  const out = join(folder, codec);
  const heights = length === "long" ? [] : ["--heights", "180,90"];
  const args = ["encode", film, "--out", out, "--effort", "draft", "--codecs", codec, ...heights];
  const after = (stop: () => void): void => signal.addEventListener("abort", stop, { once: true });
  const { status, stderr } = await ended(command({ after }, args, { MILLRACE_ENCODE_ALLOW_HEVC: "yes" }));
  if (status === 2) return { kind: "left-out", why: stderr.trim().split("\n")[0] ?? "" };
  if (status !== 0) throw new Error(`millrace encode ended with ${status}: ${stderr}`);
  return { kind: "made", made: await packageIn(out, framesOf(length)) };
}

async function packageIn(folder: string, frames: number): Promise<Package> {
  const inside = (path: string): Promise<string> => readFile(join(folder, "package", path), "utf8");
  const facts = sidecar.parse(JSON.parse(await inside("sidecar.json")));
  const manifest = await inside("manifest.mpd");
  const rungs = rungsIn(manifest);
  const segments = new Map<string, Segment>();
  for (const { id } of rungs) {
    for (const number of facts.durationsMs.keys()) {
      const bytes = await readFile(join(folder, "package", id, `${number + 1}.m4s`));
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const others = segments.get(sha256)?.rungs ?? [];
      segments.set(sha256, { number: number + 1, rungs: [...others, id] });
    }
  }
  let at = 0;
  const ends = facts.durationsMs.map((ms) => {
    at += ms / 1000;
    return Math.round(at / timeOf(1));
  });
  return { folder, frames, boundaries: ends.slice(0, -1), rungs, segments, types: typesIn(manifest) };
}

function rungsIn(manifest: string): readonly Rung[] {
  const found = [...manifest.matchAll(/<Representation ([^>]*codecs="[^>]*\swidth="[^>]*)>/g)];
  const rungs = found.map(([, text = ""]) => {
    const word = (name: string): string => new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(text)?.[1] ?? "";
    const number = (name: string): number => Number(word(name));
    return { id: word("id"), width: number("width"), height: number("height"), rateBps: number("bandwidth") };
  });
  return rungs.sort((a, b) => a.rateBps - b.rateBps);
}

function typesIn(manifest: string): readonly string[] {
  return [...manifest.matchAll(/<Representation [^>]*codecs="([^"]*)"([^>]*)/g)].map(
    ([, codecs, rest = ""]) => `${rest.includes(" width=") ? "video" : "audio"}/mp4; codecs="${codecs}"`,
  );
}
