// What a job may hand in, and how much of one film is one job.
// Batches of pieces are put together into jobs: enough that handing one out costs little beside it, few enough that a worker that
// is killed loses little.
import type { JobManifest, JobSpec, PieceAt } from "#wire/job-spec.ts";

/** Pixels × frames: half a minute of a processor by x264 "veryfast" (17 s for 10⁹, encode/trial-batches.ts, scoring included). */
const mostWork = 3e9;
/** About a second of a processor: handing a job out takes half of that. */
const leastWork = 1e8;

/** For so many workers at least, as far as each has something worth its while. */
export function grouped(batches: readonly PieceAt[][], workers: number): PieceAt[][][] {
  const workOf = (batch: PieceAt[]): number =>
    batch.reduce((sum, { order }) => sum + order.width * order.height * order.frames, 0);
  const total = batches.reduce((sum, batch) => sum + workOf(batch), 0);
  const enough = Math.max(leastWork, Math.min(mostWork, total / workers));
  const jobs: PieceAt[][][] = [];
  let [work, last]: [number, PieceAt[][] | undefined] = [0, undefined];
  for (const batch of batches) {
    if (last === undefined || work >= enough) {
      last = [];
      work = 0;
      jobs.push(last);
    }
    last.push(batch);
    work += workOf(batch);
  }
  return jobs;
}

/**
 * Why this is no result of that job, or undefined: a worker hands in what its job makes, and nothing that another job would
 * take for its own input.
 */
export function resultComplaint(spec: JobSpec, { files, outcome }: JobManifest): string | undefined {
  const names = files.map(({ name }) => name);
  if (spec.kind === "encode" && outcome.kind === "packaged") {
    const complaint = protectionComplaint(spec.encryptWith, outcome.package);
    if (complaint !== undefined) return complaint;
  }
  if (new Set(names).size < names.length) return "it lists a file twice";
  const isPackaged = outcome.kind === "packaged";
  if (spec.kind !== "encode" && outcome.kind !== (spec.kind === "publish" ? "published" : "made")) {
    return `a job of kind ${spec.kind} does not end as ${outcome.kind}`;
  }
  if (spec.kind === "encode" && outcome.kind !== "lacking" && !isPackaged) {
    return `a job that goes through the film does not end as ${outcome.kind}`;
  }
  const stray = names.find((name) => !mayMake(spec, name, isPackaged));
  return stray === undefined ? undefined : `${stray} is nothing that this job makes`;
}

type Packed = Extract<JobManifest["outcome"], { kind: "packaged" }>["package"];

/** A title that was ordered encrypted is so in every rendition and with the keys that were ordered; any other is clear. */
function protectionComplaint(
  ordered: Extract<JobSpec, { kind: "encode" }>["encryptWith"],
  { renditions, protection }: Packed,
): string | undefined {
  if (ordered === undefined) return protection && "its package is encrypted, and was ordered clear";
  if (protection === undefined) return "its package is clear, and was ordered encrypted";
  const media = renditions.filter(({ kind }) => kind !== "index").map(({ id }) => id);
  const tracks = protection.tracks.map(({ rendition }) => rendition);
  if (media.toSorted().join() !== tracks.toSorted().join())
    return "its package does not say of each rendition once what encrypts it";
  const isOrdered = protection.tracks.every(({ label, kid }) =>
    ordered.some((key) => key.label === label && key.kid === kid),
  );
  return isOrdered ? undefined : "its package has other keys than were ordered";
}

function mayMake(spec: JobSpec, name: string, isPackaged: boolean): boolean {
  switch (spec.kind) {
    case "encode":
      return isPackaged || !name.startsWith(packageFolder);
    case "trials":
      return name.startsWith("trials/");
    case "pieces":
      return spec.batches.some((batch) => batch.some((piece) => piece.name === name));
    case "scores":
      return name.startsWith("scores/");
    case "publish":
      return false;
  }
}

/** Files of a package begin so in a manifest; everything else is a file of a work folder. */
export const packageFolder = "package/";
