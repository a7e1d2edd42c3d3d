// The fill queue: from what the plan wants and what the disk holds to the next thing to do. A pure machine: it decides,
// edge/io/ obeys and tells what came of it. Its laws are in README.md; the tests drive it with events in any order.
import { unreachable } from "#units/assert.ts";
import type { Milliseconds } from "#units/quantity.ts";
import {
  beginWork,
  countBytes,
  discard,
  discardStrayPartials,
  diskRest,
  endWork,
  fileAtSource,
  fileRest,
  quarantine,
  rest,
  setDisk,
  setPartial,
  sourceRest,
  stay,
  takeGone,
} from "./fill-books.ts";
import { takeFull } from "./fill-full.ts";
import { pump } from "./fill-next.ts";
import { takeScrub, unreadable } from "./fill-rot.ts";
import {
  type FetchFailure,
  type FillCommand,
  type FillEvent,
  type FillState,
  isProven,
  type PlannedFile,
  partialName,
  type Source,
  type WantedBundle,
} from "./fill-state.ts";

/** Takes one event in and says what to do next. The state is changed in place, see fill-state.ts. */
export function step(
  state: FillState,
  event: FillEvent,
  now: Milliseconds,
): { readonly state: FillState; readonly commands: readonly FillCommand[] } {
  const commands: FillCommand[] = [];
  state.changes = [];
  absorb(state, event, now, commands);
  if (state.started) pump(state, now, commands);
  return { state, commands };
}

function absorb(state: FillState, event: FillEvent, now: number, commands: FillCommand[]): void {
  switch (event.kind) {
    case "inventory":
      takeInventory(state, event, commands);
      return;
    case "desired":
      takePlan(state, event.bundles, commands);
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

function takeInventory(
  state: FillState,
  event: Extract<FillEvent, { kind: "inventory" }>,
  commands: FillCommand[],
): void {
  if (state.started) return;
  state.started = true;
  state.quarantineBytes = event.quarantineBytes;
  for (const { key, bytes, proof } of event.files) {
    setDisk(state, key, { bytes, proof, ...(proof === undefined ? {} : { isHandedOver: true }) });
    const file = state.planned.get(key);
    if (file === undefined) state.strays.add(key);
    else if (isProven(state, file)) state.pending.delete(key);
  }
  countLacking(state);
  state.version += 1;
  for (const { name, bytes } of event.partials) setPartial(state, name, bytes);
  discardStrayPartials(state, commands);
}

/** The new plan takes the old one's place. What is whole and no longer wanted stays advertised until it has to go. */
function takePlan(state: FillState, bundles: readonly WantedBundle[], commands: FillCommand[]): void {
  const whole = [...state.lacking].filter(([, lacking]) => lacking === 0);
  for (const [id] of whole) state.former.set(id, new Set(state.bundles.get(id)));
  state.planned = planOf(bundles);
  state.plannedBytes = [...state.planned.values()].reduce((sum, file) => sum + file.bytes, 0);
  state.bundles = new Map(
    bundles.map((bundle) => [bundle.id, bundle.files.map((file) => keyOf(bundle, file.path))]),
  );
  for (const id of state.bundles.keys()) state.former.delete(id);
  state.strays.clear();
  for (const key of state.disk.keys()) if (!state.planned.has(key)) state.strays.add(key);
  for (const key of [...state.leaving.keys()]) if (state.planned.has(key)) keep(state, key);
  state.pending.clear();
  for (const file of state.planned.values()) {
    if (!isProven(state, file) && !state.work.has(file.key)) state.pending.add(file.key);
  }
  for (const [key, work] of state.work) {
    if (work.kind === "fetching" && state.planned.get(key)?.sha256 !== work.file.sha256) {
      commands.push({ kind: "cancel", key });
    }
  }
  state.rests.clear();
  state.problem = "";
  countLacking(state);
  dropBrokenFormer(state);
  if (state.started) discardStrayPartials(state, commands);
  state.version += 1;
}

/** Wanted again. One whose removal is under way already counts as lost. */
function keep(state: FillState, key: string): void {
  const found = state.disk.get(key);
  const going = state.work.get(key)?.kind === "removing";
  if (going && found !== undefined) setDisk(state, key, { bytes: found.bytes, proof: undefined });
  if (!going) stay(state, key);
}

/** A former bundle of which a file is now wanted with other content is no longer whole. */
function dropBrokenFormer(state: FillState): void {
  for (const [id, keys] of state.former) {
    const broken = [...keys].some((key) => {
      const wanted = state.planned.get(key)?.sha256;
      const proof = state.disk.get(key)?.proof;
      return proof === undefined || (wanted !== undefined && wanted !== proof) || state.leaving.has(key);
    });
    if (broken) state.former.delete(id);
  }
}

function planOf(bundles: readonly WantedBundle[]): Map<string, PlannedFile> {
  const planned = new Map<string, PlannedFile>();
  for (const bundle of bundles) {
    for (const file of bundle.files) {
      const key = keyOf(bundle, file.path);
      const others = planned.get(key)?.bundles ?? [];
      const { titleId, sources } = bundle;
      planned.set(key, { ...file, key, titleId, sources, bundles: [...others, bundle.id] });
    }
  }
  return planned;
}

function keyOf(bundle: WantedBundle, path: string): string {
  return `${bundle.titleId}/${path}`;
}

function countLacking(state: FillState): void {
  state.lacking.clear();
  for (const [id, keys] of state.bundles) {
    const lacking = keys.filter((key) => {
      const file = state.planned.get(key);
      return file === undefined || !isProven(state, file);
    });
    state.lacking.set(id, keys.length === 0 ? 1 : lacking.length);
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
  const rested = restOf(event.why, work.file, work.source);
  if (rested !== undefined) rest(state, rested, now);
  requeue(state, work.file, commands);
}

function restOf(why: FetchFailure, file: PlannedFile, source: Source): string | undefined {
  if (why === "cancelled") return undefined;
  return why === "unreachable" ? sourceRest(source) : fileAtSource(file, source);
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
    rest(state, fileRest(key), now);
  } else if (sha256 !== file.sha256) {
    state.counts.rejected += 1;
    state.problem = `${key} from ${source.sourceId} has the wrong hash and was thrown away`;
    // Of a resumed file the beginning may be another source's lie: this one is asked again, for the whole.
    if (!work.resumed) rest(state, fileAtSource(file, source), now);
  }
  discard(state, partialName(file), commands);
  if (state.planned.has(key)) state.pending.add(key);
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
  else state.pending.add(key);
}

function takeBreak(state: FillState, key: string, detail: string, now: number): void {
  state.purging = false;
  state.discarding.delete(key);
  state.problem = `${key}: ${detail}`;
  const work = state.work.get(key);
  if (work === undefined) return;
  endWork(state, key);
  if ("file" in work) setPartial(state, partialName(work.file), work.file.bytes);
  rest(state, fileRest(key), now);
  if (state.planned.has(key)) state.pending.add(key);
}

/** The one place where a file becomes proven. Its hash was compared with the plan's just before. */
function prove(state: FillState, file: PlannedFile): void {
  setDisk(state, file.key, { bytes: file.bytes, proof: file.sha256 });
  state.pending.delete(file.key);
  state.counts.filesVerified += 1;
  state.rests.delete(fileRest(file.key));
  state.rests.delete(diskRest);
  for (const source of file.sources) state.rests.delete(fileAtSource(file, source));
  for (const id of file.bundles) {
    const lacking = (state.lacking.get(id) ?? 1) - 1;
    state.lacking.set(id, lacking);
    if (lacking === 0) state.version += 1;
  }
}

function requeue(state: FillState, file: PlannedFile, commands: FillCommand[]): void {
  const wanted = state.planned.get(file.key);
  if (wanted !== undefined) state.pending.add(file.key);
  const name = partialName(file);
  if (wanted?.sha256 !== file.sha256 && state.partials.has(name)) discard(state, name, commands);
}
