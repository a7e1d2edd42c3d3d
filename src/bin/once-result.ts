// out/start.json: what one run of the whole river found. Every number was measured or computed in that run.
import type { ControlHandle } from "#control/io/server.ts";
import type { StoredTitle } from "#data/ports.ts";
import { writeWhole } from "#io/files.ts";
import { keptReport } from "#wire/encode-report.ts";
import type { SteeringCard } from "#wire/viewer.ts";
import type { FillFound } from "./fill-stage.ts";
import type { Playback } from "./once.ts";

export interface OnceResult {
  readonly title: StoredTitle;
  readonly fill: FillFound;
  /** Per viewpoint id. */
  readonly steering: Readonly<Record<string, SteeringCard>>;
  readonly control: ControlHandle;
  readonly playback: Playback;
}

/** Writes the document and returns it. */
export async function writeResult(path: string, found: OnceResult): Promise<string> {
  const report = keptReport.parse(found.title.report);
  const inForce = found.control.placement();
  const saved = report.bdRatePercent.fixedLadder;
  const document = {
    version: 1,
    titles: [
      {
        id: found.title.id,
        name: found.title.name,
        shots: report.shots.length,
        metric: report.metric.name,
        bitsSavedPercent: saved === null ? null : -saved,
        ladder: report.ladder,
      },
    ],
    placement: inForce === undefined ? {} : { epoch: inForce.epoch, ...inForce.plan },
    fill: found.fill,
    steering: found.steering,
    playback: found.playback,
  };
  const text = JSON.stringify(document, null, 2);
  await writeWhole(path, `${text}\n`);
  return text;
}
