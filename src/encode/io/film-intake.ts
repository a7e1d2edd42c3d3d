// Looks at the film someone handed in, refuses what cannot be encoded, and brings the rest into one plain shape.
import { appendFile, open, readFile, realpath, stat, statfs } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Input, Reference } from "#encode/argv.ts";
import {
  changesArgs,
  fieldsArgs,
  normaliseArgs,
  packetsArgs,
  picturesFile,
  streamsArgs,
} from "#encode/argv-intake.ts";
import { type Container, headBytes, recognise } from "#encode/container.ts";
import { leastRoom } from "#encode/disk-room.ts";
import { encodeFaults } from "#encode/faults.ts";
import { added, type FieldCounts, noFields, readFields, stretches } from "#encode/fields.ts";
import { packetsReader, readFacts } from "#encode/film-facts.ts";
import { type Intake, type Judgement, judge, judgeHeader, type Limits, pictureOf } from "#encode/intake.ts";
import {
  changesReader,
  type FrameFacts,
  frameFacts,
  packedChanges,
  unpackedFacts,
} from "#encode/shots-facts.ts";
import { sha256Of } from "#io/files.ts";
import { assert } from "#units/assert.ts";
import { Fault } from "#units/fault.ts";
import type { Bench } from "./bench.ts";
import { isKept, keepFile, keyOf } from "./vault.ts";
import { type WorkOrder, withScratch } from "./workshop.ts";

export interface Accepted {
  readonly film: Input;
  readonly fileName: string;
  readonly sha256: string;
  readonly intake: Intake;
}

export interface Prepared {
  readonly reference: Reference;
  readonly changes: readonly FrameFacts[];
  /** Why the film could not be used as it is, a phrase each; empty when it is the reference itself. */
  readonly mended: readonly string[];
  /** Names the reference in the keys of everything made from it. */
  readonly key: string;
}

/** What is done with what a program says while it runs. */
type Hearing = Pick<WorkOrder, "onStdout" | "onRestart">;

const normalised = "reference.mp4";

/** Writes nothing. @throws Fault when the film is refused */
export async function acceptFilm(path: string, limits: Limits, bench: Bench): Promise<Accepted> {
  const fileName = basename(path);
  const real = await realpath(path).catch((cause: Error) => {
    throw new Fault(encodeFaults.filmMissing, { file: fileName, reason: cause.message }, cause);
  });
  // A pipe would be waited for without end, a device has no first bytes.
  if (!(await stat(real)).isFile()) {
    throw new Fault(encodeFaults.notAFilm, { file: fileName, found: "a folder, a pipe or a device" });
  }
  const recognised = recognise(await readHead(real, fileName));
  if (recognised.kind === "other") {
    throw new Fault(encodeFaults.notAFilm, { file: fileName, found: recognised.found });
  }
  const { container } = recognised;
  const look = async (args: readonly string[], hear: Hearing = {}): Promise<string> =>
    probe({ args, ...hear }, real, fileName, container, bench);
  const facts = readFacts(await look(streamsArgs({ path: real, container })));
  const early = judgeHeader(facts, limits);
  if (early !== undefined) refuse(early, fileName);
  const picture = pictureOf(facts);
  // Other streams only matter where the picture does not say how long it is.
  const only = picture?.duration === undefined ? undefined : picture.index;
  let reader = packetsReader();
  const hear: Hearing = {
    onStdout: (text) => reader.take(text),
    onRestart: () => {
      reader = packetsReader();
    },
  };
  await look(packetsArgs({ path: real, container }, only), hear);
  const packets = reader.end();
  const first = judge(facts, packets, container, limits);
  if (first.kind === "refused") return refuse(first, fileName);
  const film = { path: real, container, stream: first.intake.stream };
  const fields = await lookAtFields(film, first.intake, bench);
  const judgement = judge(facts, packets, container, limits, fields);
  if (judgement.kind === "refused") return refuse(judgement, fileName);
  return { film, fileName, sha256: await sha256Of(real, bench.signal), intake: judgement.intake };
}

/** A stretch that cannot be decoded says nothing here: reading the whole film will tell what is wrong with it. */
async function lookAtFields(film: Input, { frames, rate }: Intake, bench: Bench): Promise<FieldCounts> {
  let counts = noFields;
  for (const start of stretches(frames, rate)) {
    const args = fieldsArgs(film, start);
    const order = { tool: bench.ffmpeg, args, reads: [film.path], filmSeconds: 60, signal: bench.signal };
    try {
      counts = added(counts, readFields((await bench.workshop.run(order)).stdout));
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "process-failed") throw error;
    }
  }
  return counts;
}

/**
 * The reference everything is measured against, with its decoded frames counted.
 *
 * @throws Fault film-damaged when far fewer frames can be decoded than the file holds; then nothing is kept
 */
export async function prepareFilm(accepted: Accepted, bench: Bench): Promise<Prepared> {
  const { intake, film, sha256 } = accepted;
  const { display, rate } = intake;
  const colours = intake.colours.to;
  let mended = intake.reasons;
  if (mended.length === 0) {
    const reference = { ...film, display, rate, colours };
    const key = keyOf({ reference: "as-is", sha256, stream: film.stream });
    const changes = await changesOf(reference, accepted, key, bench);
    if (changes.length === intake.frames) return { reference, changes, mended, key };
    mended = [`decodes to ${changes.length} frames where its times promise ${intake.frames}`];
  }
  const args = normaliseArgs(film, intake, normalised);
  const nameless = args.map((arg) => arg.replaceAll(film.path, "FILM"));
  const key = keyOf({ reference: nameless, sha256, by: bench.ffmpeg.build });
  const path = join(bench.workDir, "references", `${key}.mp4`);
  const reference: Reference = { path, container: "mov", stream: 0, display, rate, colours };
  if (await isKept(path, bench.signal)) {
    return { reference, key, mended, changes: await changesOf(reference, accepted, key, bench) };
  }
  const changes = await withScratch(bench.workDir, async (scratch) => {
    await assertRoom(accepted, true, bench);
    const fresh = join(scratch, normalised);
    const { corrupt } = await decode(accepted, { args, reads: [film.path], scratch }, bench);
    assertWhole(accepted, intake.frames - corrupt);
    const found = await changesOf({ ...reference, path: fresh }, accepted, key, bench);
    await keepFile(fresh, path, bench.signal);
    return found;
  });
  return { reference, changes, mended, key };
}

/** What is known of each decoded frame: the pass that finds the cuts also proves that the film is whole. */
async function changesOf(
  reference: Reference,
  accepted: Accepted,
  key: string,
  bench: Bench,
): Promise<readonly FrameFacts[]> {
  const nameless = changesArgs({ ...reference, path: "FILM" });
  const name = keyOf({ frameFacts: key, args: nameless, by: bench.ffmpeg.build });
  const path = join(bench.workDir, "changes", `${name}.facts`);
  const kept = (await isKept(path, bench.signal)) ? unpackedFacts(await readFile(path)) : undefined;
  if (kept !== undefined) return kept;
  return withScratch(bench.workDir, async (scratch) => {
    if (reference.path === accepted.film.path) await assertRoom(accepted, false, bench);
    let reader = changesReader();
    const hear: Hearing = {
      onStdout: (text) => reader.take(text),
      onRestart: () => {
        reader = changesReader();
      },
    };
    const work = { args: changesArgs(reference), reads: [reference.path], scratch, ...hear };
    const { corrupt } = await decode(accepted, work, bench);
    const changes = reader.end();
    const fresh = join(scratch, picturesFile);
    const frames = frameFacts(changes, await readFile(fresh));
    assert(frames !== undefined, "one pass wrote figures and pictures of different frames");
    assertWhole(accepted, frames.length - corrupt);
    await appendFile(fresh, packedChanges(changes));
    await keepFile(fresh, path, bench.signal);
    return frames;
  });
}

/**
 * Reads a film from end to end. `corrupt` counts pictures that the decoder had to guess in part.
 *
 * What ffmpeg's H.264 decoder guesses depends on its number of threads, with slices even on their race (measured with 5.1;
 * whole films came out alike with 1 to 16 threads in seven codecs). So a film with a few damaged pictures, which is still
 * accepted, is not the same reference on every machine.
 */
async function decode(
  { film, intake, fileName }: Accepted,
  work: Pick<WorkOrder, "args" | "reads" | "scratch" | keyof Hearing>,
  bench: Bench,
): Promise<{ readonly corrupt: number }> {
  let corrupt = 0;
  const onStderr = (text: string): void => {
    corrupt += text.split("corrupt decoded frame").length - 1;
  };
  const filmSeconds = (intake.frames * intake.rate.den) / intake.rate.num;
  const onRestart = (): void => {
    corrupt = 0;
    work.onRestart?.();
  };
  const order = { ...work, tool: bench.ffmpeg, filmSeconds, signal: bench.signal, onStderr, onRestart };
  try {
    await bench.workshop.run(order);
    return { corrupt };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "process-failed") throw error;
    const { status = "", stderr = "" } = error.facts;
    const reason = withoutPath(`${stderr}`, film.path, fileName) || "no reason given";
    throw new Fault(encodeFaults.undecodable, { file: fileName, status, reason }, error);
  }
}

/** Asked before anything is made of the film: what goes on has its room already. */
async function assertRoom(
  { fileName, intake }: Accepted,
  isNormalised: boolean,
  { workDir, workshop }: Bench,
): Promise<void> {
  if (!workshop.checksRoom) return;
  const wanted = leastRoom({ ...intake, isNormalised, jobs: workshop.jobs });
  const { bavail, bsize } = await statfs(workDir);
  const free = bavail * bsize;
  if (wanted <= free) return;
  const facts = { file: fileName, folder: workDir, wanted: megabytes(wanted), free: megabytes(free) };
  throw new Fault(encodeFaults.diskShort, facts);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** Half a second may be missing: some containers count a last frame that no decoder shows. */
function assertWhole({ intake, fileName }: Accepted, found: number): void {
  const tolerated = Math.max(2, (intake.rate.num / intake.rate.den) * 0.5);
  if (found > 0 && found >= intake.frames - tolerated) return;
  throw new Fault(encodeFaults.damaged, { file: fileName, found, expected: intake.frames });
}

async function readHead(path: string, file: string): Promise<Uint8Array> {
  try {
    const handle = await open(path, "r");
    try {
      const { bytesRead, buffer } = await handle.read(new Uint8Array(headBytes), 0, headBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault(encodeFaults.filmMissing, { file, reason }, cause);
  }
}

/** ffprobe's refusals in the operator's words. */
async function probe(
  work: Pick<WorkOrder, "args" | keyof Hearing>,
  path: string,
  file: string,
  container: Container,
  bench: Bench,
): Promise<string> {
  const order = { ...work, tool: bench.ffprobe, reads: [path], filmSeconds: 60, signal: bench.signal };
  try {
    return (await bench.workshop.run(order)).stdout;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "process-failed") throw error;
    if (error.facts.status === "too much output") {
      throw new Fault(encodeFaults.unreadable, { file, container, reason: "its header is too long" }, error);
    }
    const reason = `${error.facts.stderr ?? ""}`;
    if (reason.includes("moov atom not found")) throw new Fault(encodeFaults.indexMissing, { file }, error);
    const told = withoutPath(reason, path, file) || "ffprobe gave no reason";
    throw new Fault(encodeFaults.unreadable, { file, container, reason: told }, error);
  }
}

function withoutPath(text: string, path: string, file: string): string {
  return text.replaceAll(path, file).replaceAll("file:", "");
}

function refuse(judgement: Judgement, file: string): never {
  if (judgement.kind === "accepted") throw new Error("cannot happen: an accepted film is refused");
  throw new Fault(encodeFaults[judgement.fault], { file, ...judgement.facts });
}
