// The last stages before the page opens: wait until the appliances hold what the plan wants, then ask where viewers go.
import type { ControlHandle } from "#control/io/server.ts";
import { steeringCardOf } from "#control/play.ts";
import type { StoredTitle } from "#data/ports.ts";
import { Fault } from "#units/fault.ts";
import type { SitesFile } from "#wire/topology.ts";
import type { SteeringCard } from "#wire/viewer.ts";
import type { Agents } from "./agents.ts";
import { onceFaults } from "./once-faults.ts";
import type { River } from "./river.ts";
import { bar, megabytes } from "./terminal.ts";
import { pause } from "./until-aborted.ts";

export interface FillFound {
  readonly filesVerified: number;
  readonly filesWanted: number;
  readonly bytes: number;
  readonly bytesFromPeers: number;
  readonly bytesFromOrigin: number;
  readonly rejected: number;
  readonly appliances: number;
}

const pollMs = 200;
/** Without any progress for this long the river goes on: the origin serves what is missing. */
const patienceMs = 60_000;

/** Waits until every appliance advertises what it should hold. Agents that make no progress are named, not waited for. */
export async function waitForFill(river: River, control: ControlHandle, agents: Agents): Promise<FillFound> {
  const line = river.terminal.stage("fill");
  const begun = performance.now();
  let best = -1;
  let since = begun;
  for (;;) {
    river.signal.throwIfAborted();
    const found = fillNow(control);
    const share = found.filesWanted === 0 ? 0 : found.filesVerified / found.filesWanted;
    if (found.filesWanted > 0 && found.filesVerified >= found.filesWanted && everyoneReported(control)) {
      line.done(fillWords(found));
      return found;
    }
    if (found.bytes + found.filesVerified > best) {
      best = found.bytes + found.filesVerified;
      since = performance.now();
    }
    const given = agents.givenUp();
    if (performance.now() - since > patienceMs || (given.size > 0 && othersAreFull(control, given))) {
      const problem = problems(control, given);
      line.failed(`${fillWords(found)} · ${problem}`);
      if (river.order.once) throw stuck(found, problem, performance.now() - begun);
      return found;
    }
    line.progress(`${found.filesVerified}/${found.filesWanted} ${bar(share)} ${megabytes(found.bytes)}`);
    await pause(pollMs, river.signal);
  }
}

function everyoneReported(control: ControlHandle): boolean {
  return control.appliances().every((box) => box.report !== null);
}

function othersAreFull(control: ControlHandle, given: ReadonlyMap<string, string>): boolean {
  const others = control.appliances().filter((box) => !given.has(box.id));
  return others.every((box) => box.report !== null && box.verifiedFiles >= box.wantedFiles);
}

function fillNow(control: ControlHandle): FillFound {
  const boxes = control.appliances();
  const sum = (of: (box: (typeof boxes)[number]) => number): number =>
    boxes.reduce((total, box) => total + of(box), 0);
  return {
    filesVerified: sum((box) => Math.min(box.verifiedFiles, box.wantedFiles)),
    filesWanted: sum((box) => box.wantedFiles),
    bytes: sum((box) => box.report?.fill.bytes ?? 0),
    bytesFromPeers: sum((box) => box.report?.fill.bytesFromPeers ?? 0),
    bytesFromOrigin: sum((box) => box.report?.fill.bytesFromOrigin ?? 0),
    rejected: sum((box) => box.report?.fill.rejected ?? 0),
    appliances: boxes.length,
  };
}

function fillWords(found: FillFound): string {
  const moved =
    found.bytes === 0
      ? "everything was on disk and hashed anew"
      : `${megabytes(found.bytes)} fetched (${megabytes(found.bytesFromPeers)} from peers, ${megabytes(found.bytesFromOrigin)} from the origin)`;
  return `${found.filesVerified}/${found.filesWanted} files verified on ${found.appliances} appliances · ${moved}`;
}

function problems(control: ControlHandle, given: ReadonlyMap<string, string>): string {
  const told = control.appliances().flatMap((box) => {
    const reported =
      box.report === null ? "never reported" : box.report.fill.lastProblem || box.report.trouble;
    const problem = given.get(box.id) ?? reported;
    return problem === "" ? [] : [`${box.id}: ${problem}`];
  });
  return told.join("; ");
}

function stuck(found: FillFound, problem: string, waitedMs: number): Fault {
  const facts = { verified: found.filesVerified, wanted: found.filesWanted, problem };
  return new Fault(onceFaults.agentsSilent, { ...facts, seconds: Math.round(waitedMs / 1000) });
}

/** Who would serve a viewer at each viewpoint, as control answers it now. */
export function showSteering(
  river: River,
  control: ControlHandle,
  sites: SitesFile,
  title: StoredTitle,
): Readonly<Record<string, SteeringCard>> {
  const line = river.terminal.stage("steering");
  const cards: Record<string, SteeringCard> = {};
  const words: string[] = [];
  for (const point of sites.viewpoints) {
    const ranking = control.steeringFor(point.address, title.id);
    if (ranking === undefined) continue;
    cards[point.id] = steeringCardOf(point.address, ranking);
    const first = ranking.ranked[0];
    if (first !== undefined) words.push(`${point.name} → ${first.id} (${first.rule})`);
  }
  line.done(words.join(" · "));
  return cards;
}
