// The fill queue: from what the plan wants and what the disk holds to the next thing to do. A pure machine: it decides,
// edge/io/ obeys and tells what came of it. Its laws are in README.md; the tests drive it with events in any order.
import { unreachable } from "#units/assert.ts";
import { bitsPerSecond } from "#units/quantity.ts";
import {
  beginWork,
  countBytes,
  discard,
  diskRest,
  endWork,
  fileAtSource,
  fileRest,
  quarantine,
  rest,
  setDisk,
  setLacking,
  setPartial,
  sourceRest,
  takeGone,
} from "./fill-books.ts";
import { takeFull } from "./fill-full.ts";
import { pump } from "./fill-next.ts";
import { dequeue, enqueue } from "./fill-order.ts";
import { takeInventory, takePlan } from "./fill-plan.ts";
import { takeMisses, takeScrub, unreadable } from "./fill-rot.ts";
import {
  type FillCommand,
  type FillEvent,
  type FillMoment,
  type FillState,
  type PlannedFile,
  partialName,
} from "./fill-state.ts";
import { takeTime } from "./fill-time.ts";

/** Takes one event in and says what to do next. The state is changed in place, see fill-state.ts. */
export function step(
  state: FillState,
  event: FillEvent,
  now: FillMoment,
): { readonly state: FillState; readonly commands: readonly FillCommand[] } {
  const commands: FillCommand[] = [];
  state.changes = [];
  takeTime(state, now);
  absorb(state, event, state.nowMs, commands);
  takeTime(state, now);
  if (state.started) pump(state, commands);
  return { state, commands };
}

function absorb(state: FillState, event: FillEvent, now: number, commands: FillCommand[]): void {
  switch (event.kind) {
    case "inventory":
      takeInventory(state, event, commands);
      return;
    case "desired":
      takePlan(state, event, commands);
      return;
    case "load":
      state.load = bitsPerSecond(event.bitsPerSecond);
      return;
    case "missed":
      takeMisses(state, event.keys);
      return;
    case "inspected":
      takeInspection(state, event.key, event.sha256, commands);
      return;
    case "quarantined":
      state.quarantineBytes = event.quarantineBytes;
      takeGone(state, event.key);
      return;
    case "purged":
      state.quarantineBytes = 0;
      state.purging = false;
      return;
    case "arrived":
      takeArrival(state, event, commands);
      return;
    case "failed":
      takeFailure(state, event, now, commands);
      return;
    case "hashed":
      takeHash(state, event.key, event.sha256, now, commands);
      return;
    case "admitted":
      takeAdmission(state, event.key);
      return;
    case "discarded":
      state.discarding.delete(event.name);
      setPartial(state, event.name, 0);
      return;
    case "removed":
      takeGone(state, event.key);
      return;
    case "broke":
      takeBreak(state, event.key, event.detail, now);
      return;
    case "scrubbed":
      takeScrub(state, event, commands);
      return;
    case "full":
      takeFull(state, event, now, commands);
      return;
    case "reported":
      state.reported = Math.max(state.reported, event.version);
      return;
    case "tick":
      return;
    default:
      unreachable(event);
  }
}

function takeInspection(
  state: FillState,
  key: string,
  sha256: string | undefined,
  commands: FillCommand[],
): void {
  if (state.work.get(key)?.kind !== "inspecting") return;
  if (sha256 === undefined) {
    takeGone(state, key);
    return;
  }
  endWork(state, key);
  const file = state.planned.get(key);
  const found = state.disk.get(key);
  if (file === undefined || found === undefined) return;
  if (sha256 === unreadable) state.rotten += 1;
  if (file.sha256 === sha256 && file.bytes === found.bytes) prove(state, file);
  else quarantine(state, key, commands);
}

function takeArrival(
  state: FillState,
  event: Extract<FillEvent, { kind: "arrived" }>,
  commands: FillCommand[],
): void {
  const work = state.work.get(event.key);
  if (work?.kind !== "fetching") return;
  countBytes(state, work.source, event.received);
  state.rests.delete(sourceRest(work.source));
  endWork(state, event.key);
  beginWork(state, event.key, { ...work, kind: "hashing", resumed: event.resumed });
  commands.push({ kind: "hash", key: event.key, name: partialName(work.file) });
}

function takeFailure(
  state: FillState,
  event: Extract<FillEvent, { kind: "failed" }>,
  now: number,
  commands: FillCommand[],
): void {
  const work = state.work.get(event.key);
  if (work?.kind !== "fetching") return;
  countBytes(state, work.source, event.received);
  endWork(state, event.key);
  setPartial(state, partialName(work.file), event.partialBytes);
  const { sourceId } = work.source;
  if (event.why !== "cancelled") state.problem = `${event.key} from ${sourceId}: ${event.detail}`;
  if (event.why === "wrong-size") state.counts.rejected += 1;
  if (event.why === "unreachable") rest(state, { source: work.source }, now);
  else if (event.why !== "cancelled") rest(state, { source: work.source, key: event.key }, now);
  requeue(state, work.file, commands);
}

function takeHash(state: FillState, key: string, sha256: string, now: number, commands: FillCommand[]): void {
  const work = state.work.get(key);
  if (work?.kind !== "hashing") return;
  const { file, source } = work;
  if (sha256 === file.sha256 && state.planned.get(key)?.sha256 === sha256) {
    endWork(state, key);
    beginWork(state, key, { ...work, kind: "admitting" });
    commands.push({ kind: "admit", key, name: partialName(file) });
    return;
  }
  endWork(state, key);
  setPartial(state, partialName(file), file.bytes);
  if (sha256 === unreadable) {
    state.rotten += 1;
    state.problem = `${key} could not be read back from this disk; it is fetched again`;
    rest(state, { key }, now);
  } else if (sha256 !== file.sha256) {
    state.counts.rejected += 1;
    state.problem = `${key} from ${source.sourceId} has the wrong hash and was thrown away`;
    // Of a resumed file the beginning may be another source's lie: this one is asked again, for the whole.
    if (!work.resumed) rest(state, { source, key }, now);
  }
  discard(state, partialName(file), commands);
  enqueue(state, key);
}

function takeAdmission(state: FillState, key: string): void {
  const work = state.work.get(key);
  if (work?.kind !== "admitting") return;
  endWork(state, key);
  const file = state.planned.get(key);
  if (file?.sha256 === work.file.sha256) {
    prove(state, file);
    return;
  }
  setDisk(state, key, { bytes: work.file.bytes, proof: work.file.sha256 });
  if (file === undefined) state.strays.add(key);
  else enqueue(state, key);
}

function takeBreak(state: FillState, key: string, detail: string, now: number): void {
  state.purging = false;
  state.discarding.delete(key);
  state.problem = `${key}: ${detail}`;
  const work = state.work.get(key);
  if (work === undefined) return;
  endWork(state, key);
  if ("file" in work) setPartial(state, partialName(work.file), work.file.bytes);
  rest(state, { key }, now);
  enqueue(state, key);
}

/** The one place where a file becomes proven. Its hash was compared with the plan's just before. */
function prove(state: FillState, file: PlannedFile): void {
  setDisk(state, file.key, { bytes: file.bytes, proof: file.sha256 });
  dequeue(state, file.key);
  state.lost.delete(file.key);
  state.asked.delete(file.key);
  state.counts.filesVerified += 1;
  state.rests.delete(fileRest(file.key));
  state.rests.delete(diskRest);
  for (const source of file.sources) state.rests.delete(fileAtSource(file.key, source));
  for (const id of file.bundles) {
    const lacking = (state.lacking.get(id) ?? 1) - 1;
    setLacking(state, id, lacking);
    if (lacking === 0) state.version += 1;
  }
}

function requeue(state: FillState, file: PlannedFile, commands: FillCommand[]): void {
  const wanted = state.planned.get(file.key);
  enqueue(state, file.key);
  const name = partialName(file);
  if (wanted?.sha256 !== file.sha256 && state.partials.has(name)) discard(state, name, commands);
}
