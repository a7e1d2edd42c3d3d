// What the fill queue makes of what it is told at the start and whenever the plan changes. Here, and only here, all files
// are gone through.
import { discardStrayPartials, setDisk, setLacking, setPartial, stay } from "./fill-books.ts";
import { lineUpAll } from "./fill-order.ts";
import {
  type FillCommand,
  type FillEvent,
  type FillRules,
  type FillState,
  isProven,
  noRules,
  type PlannedFile,
  type Rest,
  type Source,
  type WantedBundle,
} from "./fill-state.ts";
import { fileClock, waited } from "./fill-time.ts";

export function takeInventory(
  state: FillState,
  event: Extract<FillEvent, { kind: "inventory" }>,
  commands: FillCommand[],
): void {
  if (state.started) return;
  state.started = true;
  state.quarantineBytes = event.quarantineBytes;
  for (const { key, bytes, proof } of event.files) {
    setDisk(state, key, { bytes, proof, ...(proof === undefined ? {} : { isHandedOver: true }) });
    if (!state.planned.has(key)) state.strays.add(key);
  }
  lineUpAll(state);
  countLacking(state);
  state.version += 1;
  for (const { name, bytes } of event.partials) setPartial(state, name, bytes);
  discardStrayPartials(state, commands);
}

/** The new plan takes the old one's place. What is whole and no longer wanted stays advertised until it has to go. */
export function takePlan(
  state: FillState,
  {
    bundles,
    fill = noRules,
  }: { readonly bundles: readonly WantedBundle[]; readonly fill?: FillRules | undefined },
  commands: FillCommand[],
): void {
  const next = new Set(bundles.map(({ id }) => id));
  for (const [id, lacking] of state.lacking) {
    if (lacking === 0 && !next.has(id)) state.former.set(id, new Set(state.bundles.get(id)));
  }
  takeRules(state, fill);
  const before = state.planned;
  const keys = bundles.map((bundle) => keysOf(bundle, state.bundles.get(bundle.id)));
  state.planned = planOf(state, bundles, keys);
  state.bundles = new Map(bundles.map(({ id }, i) => [id, keys[i] ?? []]));
  state.plannedBytes = 0;
  for (const { bytes } of state.planned.values()) state.plannedBytes += bytes;
  for (const id of state.bundles.keys()) state.former.delete(id);
  state.strays.clear();
  for (const key of state.disk.keys()) if (!state.planned.has(key)) state.strays.add(key);
  for (const key of [...state.leaving.keys()]) if (state.planned.has(key)) keep(state, key);
  forgetTheLost(state, before);
  lineUpAll(state);
  for (const [key, work] of state.work) {
    const isStopping = work.kind !== "fetching" || state.stopping.has(key);
    if (!isStopping && state.planned.get(key)?.sha256 !== work.file.sha256) {
      state.stopping.add(key);
      commands.push({ kind: "cancel", key });
    }
  }
  keepRests(state, before);
  state.problem = "";
  countLacking(state);
  dropBrokenFormer(state);
  if (state.started) discardStrayPartials(state, commands);
  state.version += 1;
}

function takeRules(state: FillState, rules: FillRules): void {
  const [before, after] = [state.rules.window, rules.window];
  const isSame =
    before?.zone === after?.zone &&
    before?.opensAtMinute === after?.opensAtMinute &&
    before?.hours === after?.hours;
  state.rules = rules;
  if (!isSame) state.window = undefined;
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

/** The files by key. One that was wanted before goes on waiting where it was. */
function planOf(
  state: FillState,
  bundles: readonly WantedBundle[],
  keys: readonly (readonly string[])[],
): Map<string, PlannedFile> {
  const planned = new Map<string, PlannedFile>();
  for (const [at, bundle] of bundles.entries()) {
    const { titleId, sources } = bundle;
    for (const [i, file] of bundle.files.entries()) {
      const key = keys[at]?.[i] ?? keyOf(bundle, file.path);
      const twin = planned.get(key);
      const old = state.planned.get(key);
      const isOld = old?.sha256 === file.sha256;
      const urgent = bundle.urgent === true || twin?.urgent === true;
      const clock = fileClock(state, urgent || (isOld && state.asked.has(key)));
      planned.set(key, {
        path: file.path,
        bytes: file.bytes,
        sha256: file.sha256,
        ...{ key, titleId, sources, urgent },
        rank: twin?.rank ?? planned.size,
        since: isOld ? clock - waited(state, old) : clock,
        bundles: [...(twin?.bundles ?? []), bundle.id],
      });
    }
  }
  return planned;
}

/**
 * Keys of a bundle's files; those that the bundle had before are the same strings: a plan names a hundred thousand, and
 * each new one would be hashed and compared letter by letter wherever it is looked up.
 */
function keysOf(bundle: WantedBundle, before: readonly string[] | undefined): readonly string[] {
  return bundle.files.map(({ path }, i) => {
    const old = before?.[i];
    return old !== undefined && isKeyOf(old, bundle.titleId, path) ? old : keyOf(bundle, path);
  });
}

function isKeyOf(key: string, titleId: string, path: string): boolean {
  const isSized = key.length === titleId.length + 1 + path.length && key[titleId.length] === "/";
  return isSized && key.startsWith(titleId) && key.endsWith(path);
}

function keyOf(bundle: WantedBundle, path: string): string {
  return `${bundle.titleId}/${path}`;
}

/** What is wanted with other content, or not at all, was not lost. */
function forgetTheLost(state: FillState, before: ReadonlyMap<string, PlannedFile>): void {
  for (const key of state.lost) {
    if (state.planned.get(key)?.sha256 === before.get(key)?.sha256) continue;
    state.lost.delete(key);
    state.asked.delete(key);
  }
}

/** A source that did not answer, or had not what was wanted, is left alone on; one that is new is used at once. */
function keepRests(state: FillState, before: ReadonlyMap<string, PlannedFile>): void {
  if (state.rests.size === 0) return;
  const known = new Set<string>();
  for (const { sources } of state.planned.values())
    for (const source of sources) known.add(addressOf(source));
  for (const [name, rest] of state.rests) if (!lasts(state, before, known, rest)) state.rests.delete(name);
}

function lasts(
  state: FillState,
  before: ReadonlyMap<string, PlannedFile>,
  known: ReadonlySet<string>,
  { source, key }: Rest,
): boolean {
  if (source === undefined) return false;
  if (key === undefined) return known.has(addressOf(source));
  const [old, next] = [before.get(key), state.planned.get(key)];
  return old?.sha256 === next?.sha256 && names(old, source) && names(next, source);
}

function names(file: PlannedFile | undefined, source: Source): boolean {
  return file?.sources.some((other) => addressOf(other) === addressOf(source)) === true;
}

function addressOf({ sourceId, baseUrl }: Source): string {
  return `${sourceId} ${baseUrl}`;
}

function countLacking(state: FillState): void {
  state.lacking.clear();
  state.lackingBundles = 0;
  for (const [id, keys] of state.bundles) {
    let lacking = 0;
    for (const key of keys) {
      const file = state.planned.get(key);
      if (file === undefined || !isProven(state, file)) lacking += 1;
    }
    // A bundle without files is never whole, and keeps nothing from going.
    if (keys.length === 0) state.lacking.set(id, 1);
    else setLacking(state, id, lacking);
  }
}
