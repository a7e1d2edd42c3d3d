// A film's shots as the strip shows them: how long each is, what each rung spends on it, how dear it is; and hulls as a table.
import type { EncodeReport } from "#wire/encode-report.ts";
import { chosenPoints, shotSeconds } from "./hull.ts";

export interface ShotFacts {
  readonly index: number;
  readonly startMs: number;
  readonly seconds: number;
  /** By rung of the ladder; undefined where the report does not say. */
  readonly bits: readonly (number | undefined)[];
  /** Of finished pieces, not expected ones. */
  readonly isMeasured: boolean;
  /** Rate in the top rung ÷ that rung's mean over the film; undefined where the report does not say. */
  readonly dear: number | undefined;
}

export function shotFacts(report: EncodeReport): readonly ShotFacts[] {
  const chosen = pointsByShot(report);
  const top = report.ladder.length - 1;
  const facts = report.shots.map((shot, index) => {
    const seconds = shotSeconds(report, index);
    const bits = report.ladder.map(
      (rung, at) => rung.shotBits?.[index] ?? expected(chosen.get(index)?.[at], seconds),
    );
    const isMeasured = report.ladder.every((rung) => rung.shotBits?.[index] !== undefined);
    const startMs = (1000 * shot.startFrame) / report.source.fps;
    return { index, startMs, seconds, bits, isMeasured };
  });
  const known = facts.filter((shot) => shot.bits[top] !== undefined);
  const all = known.reduce((sum, shot) => sum + (shot.bits[top] ?? 0), 0);
  const seconds = known.reduce((sum, shot) => sum + shot.seconds, 0);
  return facts.map((shot) => {
    const spent = shot.bits[top];
    const isKnown = spent !== undefined && shot.seconds > 0 && all > 0;
    return { ...shot, dear: isKnown ? spent / shot.seconds / (all / seconds) : undefined };
  });
}

function expected(bitrateBps: number | undefined, seconds: number): number | undefined {
  return bitrateBps === undefined ? undefined : bitrateBps * seconds;
}

/** By shot the rate of each rung's choice; one pass, as a long film has thousands of shots. */
function pointsByShot(report: EncodeReport): ReadonlyMap<number, readonly (number | undefined)[]> {
  const found = new Map<number, (number | undefined)[]>();
  for (const [at, rung] of report.ladder.entries()) {
    for (const point of rung.points ?? report.trials) {
      if (point.crf !== rung.crf[point.shot] || point.height !== rung.height) continue;
      const row = found.get(point.shot) ?? [];
      row[at] = point.bitrateBps;
      found.set(point.shot, row);
    }
  }
  return found;
}

const columns = ["shot", "point", "width", "height", "crf", "bitrate_bps", "quality"] as const;

/** Every trial, whether its shot's hull has it, and what was chosen. RFC 4180; all fields are numbers or plain words. */
export function hullCsv(report: EncodeReport): string {
  const lines: string[] = [columns.join(",")];
  const byShot = Map.groupBy(report.trials, (trial) => trial.shot);
  for (const [index] of report.shots.entries()) {
    const hull = report.hulls[index] ?? [];
    const isOnHull = (point: { readonly height: number; readonly crf: number }): boolean =>
      hull.some((vertex) => vertex.height === point.height && vertex.crf === point.crf);
    const row = (kind: string, p: EncodeReport["trials"][number]): string =>
      [index + 1, kind, p.width, p.height, p.crf, p.bitrateBps, p.quality].join(",");
    for (const trial of byShot.get(index) ?? [])
      lines.push(row(isOnHull(trial) ? "hull" : "rejected", trial));
    for (const point of chosenPoints(report, index)) lines.push(row("chosen", point));
  }
  return `${lines.join("\r\n")}\r\n`;
}
