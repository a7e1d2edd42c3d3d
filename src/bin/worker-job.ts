// One job on a worker's machine: its inputs are laid into a folder, the part of the encode is run there, and what came out beside
// the inputs is the result.
import { join } from "node:path";
import type { Values } from "#config/setting.ts";
import type { Reference } from "#encode/argv.ts";
import { readAudioRates } from "#encode/audio-rates.ts";
import { benchOf } from "#encode/io/bench.ts";
import {
  elsewhere,
  makeOfferedPieces,
  makeOfferedScores,
  makeOfferedTrials,
  measureNamed,
  WorkLacks,
} from "#encode/io/elsewhere.ts";
import { encodeFilm } from "#encode/io/encode-film.ts";
import type { TrialOrder } from "#encode/io/kept-trials.ts";
import type { WantedPiece } from "#encode/io/pieces.ts";
import { sweepScratch, type Workshop } from "#encode/io/workshop.ts";
import type { encodeSettings } from "#encode/settings.ts";
import type { Tools } from "#io/tools.ts";
import type { KeyRef } from "#model/content-key.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import type { ProtectionOrder, RunPackager } from "#pack/io/shaka-packager.ts";
import { keyringOf } from "#pack/protection.ts";
import { packSettings } from "#pack/settings.ts";
import type { WorkerFolder } from "#publish/io/worker-folder.ts";
import { workerFaults } from "#publish/worker-faults.ts";
import { Fault } from "#units/fault.ts";
import { titleId } from "#units/id.ts";
import type { PackingKeys } from "#wire/content-keys.ts";
import type {
  JobManifestText,
  JobSpec,
  PieceAt,
  ReferenceAt,
  ResultFile,
  TrialOrderAt,
} from "#wire/job-spec.ts";
import type { TakenJob } from "#wire/jobs.ts";
import { settingsHere } from "./encode-wish.ts";
import { settingsOf } from "./program.ts";
import { probeFor } from "./second-opinion.ts";
import { workOnWire } from "./worker-wire.ts";

export interface JobPlace {
  readonly job: TakenJob;
  readonly store: WorkerFolder;
  readonly tools: Tools;
  /** Opened once: its walls are tried out then. */
  readonly workshop: Workshop;
  /** Of this machine, as the worker's environment says. */
  readonly settings: Values<typeof encodeSettings>;
  /** Where the master lies, once it is needed. */
  readonly master: string;
  readonly signal: AbortSignal;
  readonly onShare: (share: number) => void;
  /** The keys of an encrypted title, when it is packaged and not before. */
  readonly keys: () => Promise<PackingKeys>;
  /** Undefined: this worker cannot encrypt. */
  readonly packager: RunPackager | undefined;
}

export interface JobDone {
  readonly manifest: JobManifestText;
  /** Where the files of the manifest lie, by name. */
  readonly placeOf: (name: string) => string;
}

/** Whether a job is made from the master itself. */
export function needsMaster(spec: JobSpec): boolean {
  switch (spec.kind) {
    case "encode":
      return true;
    case "trials":
    case "scores":
      return spec.order.reference.at === "master";
    case "pieces":
      return spec.reference.at === "master";
    case "publish":
      return false;
  }
}

/** @throws Fault of encode, of pack, strange-job; the signal's reason */
export async function doJob(place: JobPlace): Promise<JobDone> {
  const { job, store, signal } = place;
  const workDir = join(store.jobFolder(job.id), "work");
  const packageDir = join(store.jobFolder(job.id), "package");
  for (const input of job.inputs) await store.place(input, workDir);
  await sweepScratch(workDir);
  const outcome = await work(place, workDir, packageDir);
  const made = await store.made(workDir, job.inputs, signal);
  const packed: readonly ResultFile[] =
    outcome.kind === "packaged"
      ? (await store.made(packageDir, [], signal)).map((file) => ({ ...file, name: `package/${file.name}` }))
      : [];
  const placeOf = (name: string): string =>
    join(name.startsWith("package/") ? store.jobFolder(job.id) : workDir, name);
  return { manifest: { files: [...made, ...packed], outcome }, placeOf };
}

type Outcome = JobManifestText["outcome"];

async function work(place: JobPlace, workDir: string, packageDir: string): Promise<Outcome> {
  const { job, onShare } = place;
  const { spec } = job;
  if (spec.kind === "encode") return goThrough(place, spec, workDir, packageDir);
  const bench = benchOf(place.tools, place.workshop, workDir, place.signal);
  switch (spec.kind) {
    case "trials":
      await makeOfferedTrials(spec.points, trialOrder(place, spec.order, workDir), bench, onShare);
      return { kind: "made" };
    case "pieces": {
      const reference = referenceHere(place, spec.reference, workDir);
      const batches = spec.batches.map((batch) => batch.map((piece) => pieceHere(piece, workDir)));
      await makeOfferedPieces(batches, reference, bench, onShare);
      return { kind: "made" };
    }
    case "scores": {
      const pieces = spec.pieces.map((piece) => pieceHere(piece, workDir));
      await makeOfferedScores(pieces, trialOrder(place, spec.order, workDir), bench, onShare);
      return { kind: "made" };
    }
    case "publish":
      throw strange(job, "publishing is the control plane's");
  }
}

type EncodeSpec = Extract<JobSpec, { kind: "encode" }>;

/** As far as what is there allows; to the end, when nothing lacks. */
async function goThrough(
  place: JobPlace,
  spec: EncodeSpec,
  workDir: string,
  packageDir: string,
): Promise<Outcome> {
  const { job, tools, signal, master } = place;
  const { effort, codecs, heights, audio } = spec.wish;
  const reading = settingsHere(spec.wish.settings, process.env);
  if (reading.kind === "refused") throw strange(job, reading.complaints.join("; "));
  const settings = { ...reading.values, jobs: place.settings.jobs };
  const rates = readAudioRates(audio);
  if (rates.kind === "wrong") throw strange(job, `"${audio}" names no rates of sound`);
  try {
    const { film, report } = await encodeFilm({
      ...{ film: master, workDir, effort, codecs, audio: rates.rates, tools, settings, signal },
      ...(heights === undefined ? {} : { heights }),
      elsewhere: elsewhere(spec.spread),
      onEvent: (event) => {
        if (event.kind === "working") place.onShare((event.share ?? 0) / 2);
      },
    });
    const protection = spec.encryptWith && (await protectionOf(place, spec.encryptWith));
    const packed = await packTitle({
      ...{ film, titleId: titleId(spec.titleId), outDir: packageDir, signal },
      ...(protection && { protection }),
      settings: settingsOf(packSettings),
      secondOpinion: await probeFor({ tools, settings, signal }),
    });
    const { renditions, segmentMs, voices, subtitles, protection: said, ...facts } = packed;
    const lists = {
      renditions: renditions.map((rendition) => ({ ...rendition, files: [...rendition.files] })),
      ...(segmentMs && { segmentMs: [...segmentMs] }),
      ...(voices && { voices: [...voices] }),
      ...(subtitles && { subtitles: [...subtitles] }),
      ...(said && { protection: { ...said, tracks: [...said.tracks] } }),
    };
    return { kind: "packaged", package: { ...facts, ...lists }, report };
  } catch (error) {
    if (!(error instanceof WorkLacks)) throw error;
    return { kind: "lacking", work: workOnWire(error.work, workDir) };
  }
}

/** Exactly the keys that were ordered, one for each label. */
async function protectionOf(
  { job, keys: ask, packager: run }: JobPlace,
  ordered: readonly KeyRef[],
): Promise<ProtectionOrder> {
  if (run === undefined) throw strange(job, "its title is encrypted, and there is no packager here");
  const ring = keyringOf((await ask()).keys);
  if (ring.kind === "refused") throw strange(job, `of the keys for it ${ring.because}`);
  const isOrdered = ring.keys.every((key) =>
    ordered.some(({ label, kid }) => label === key.label && kid === key.kid),
  );
  if (!isOrdered) throw strange(job, "other keys were given for it than were ordered");
  return { keys: ring.keys, licenceUrl: undefined, run };
}

function referenceHere({ master }: JobPlace, at: ReferenceAt, workDir: string): Reference {
  const { at: name, colours, ...facts } = at;
  const path = name === "master" ? master : join(workDir, name);
  return { ...facts, path, ...(colours && { colours }) };
}

function trialOrder(place: JobPlace, at: TrialOrderAt, workDir: string): TrialOrder {
  const measure = measureNamed(at.metric.name);
  if (measure === undefined) throw strange(place.job, `no measure ${at.metric.name} is known here`);
  return { ...at, measure, reference: referenceHere(place, at.reference, workDir) };
}

function pieceHere({ name, order }: PieceAt, workDir: string): WantedPiece {
  return { order, path: join(workDir, name) };
}

function strange({ id }: TakenJob, because: string): Fault {
  return new Fault(workerFaults.strangeOrder, { jobId: id, because });
}
