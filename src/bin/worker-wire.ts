// What an encode needs next, as it is told to other machines: paths become names in the work folder.
import { relative } from "node:path";
import type { Reference } from "#encode/argv.ts";
import type { LackingWork } from "#encode/io/elsewhere.ts";
import type { TrialOrder } from "#encode/io/kept-trials.ts";
import type { WantedPiece } from "#encode/io/pieces.ts";
import type { LackingWorkAt, PieceAt, ReferenceAt, TrialOrderAt } from "#wire/job-spec.ts";

export function workOnWire(work: LackingWork, workDir: string): LackingWorkAt {
  const piece = ({ order, path }: WantedPiece): PieceAt => ({
    name: relative(workDir, path),
    order: { ...order, keyframes: [...order.keyframes] },
  });
  switch (work.kind) {
    case "trials":
      return {
        kind: work.kind,
        order: orderOnWire(work.order, workDir),
        batches: work.batches.map((batch) => [...batch]),
        uses: work.uses.map(({ path }) => relative(workDir, path)),
      };
    case "pieces":
      return {
        kind: work.kind,
        reference: referenceOnWire(work.reference, workDir),
        batches: work.batches.map((batch) => batch.map(piece)),
      };
    case "scores":
      return {
        kind: work.kind,
        order: orderOnWire(work.order, workDir),
        rungs: work.rungs.map((rung) => rung.map(piece)),
      };
  }
}

function orderOnWire(order: TrialOrder, workDir: string): TrialOrderAt {
  const { codec, referenceKey, frames, shots, plan, metric, preset, peakRatio } = order;
  return {
    ...{ codec, referenceKey, frames, metric, preset, peakRatio },
    reference: referenceOnWire(order.reference, workDir),
    shots: [...shots],
    plan: { boundaries: [...plan.boundaries], keyframes: [...plan.keyframes] },
  };
}

/** What does not lie in the work folder is the master itself. */
function referenceOnWire(reference: Reference, workDir: string): ReferenceAt {
  const { path, container, stream, display, rate, colours } = reference;
  const name = relative(workDir, path);
  const at = name.startsWith("..") ? "master" : name;
  return { at, container, stream, display, rate, ...(colours && { colours }) };
}
