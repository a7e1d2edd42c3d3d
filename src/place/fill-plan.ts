// What one box is told to hold tonight, in the order in which it should fetch, with whom to ask for each file. From the
// plan (who should hold what) and from what every box holds now. One box at a time, at each of its reports.
import type { FillBox, FillFile, FillProgress, FillWorld, Way } from "./fill-facts.ts";
import { giveWay, isAwaited, isDeadlocked, keptBy } from "./fill-keep.ts";
import { isUrgentFor } from "./fill-live.ts";
import type { BoxMemory } from "./fill-memory.ts";
import { admitTonight, type BoxRole, type Night, nightBudget, nightOf } from "./fill-night.ts";
import {
  nearestOf,
  patientWaits,
  type RankedSource,
  ringsOf,
  sourcesFor,
  sourcesOfHeld,
  turnOf,
} from "./fill-sources.ts";
import type { PlaceSettings } from "./settings.ts";

export interface FillOrder {
  readonly world: FillWorld;
  readonly me: FillBox;
  readonly role: BoxRole;
  /** IANA name, or undefined: it fills at any time. */
  readonly zone: string | undefined;
  readonly memory: BoxMemory;
  readonly wayFrom: (siteId: string) => Way;
  readonly nowMs: number;
  readonly settings: PlaceSettings;
}

export interface FillItem {
  readonly file: FillFile;
  /** "add": planned and lacking. "kept": for others, until they have it; or because what takes its place waits. */
  readonly why: "add" | "held" | "kept";
  readonly isUrgent: boolean;
  /** It brings the file in for its cluster. */
  readonly isMaster: boolean;
  readonly sources: readonly RankedSource[];
}

export interface BoxFill {
  /** Urgent first, then by plays gained per byte; then what is held, then what is kept. */
  readonly items: readonly FillItem[];
  readonly deferred: readonly FillFile[];
  readonly night: Night;
  readonly progress: FillProgress;
  /** Kept no longer, although no new place has it: nobody had room. */
  readonly gaveWay: readonly FillFile[];
}

export function fillOf(order: FillOrder): BoxFill {
  const { world, me, settings } = order;
  const planned = world.planned.get(me.id) ?? [];
  const [held, lacking] = parted(planned, (file) => me.holds(file.id));
  const { tonight, deferred, night, urgent } = chooseTonight(order, planned, lacking);
  const saved = keptBy(me, order.memory.owned, world, settings.fillKeepCopies);
  const { gaveWay, progress } = makeWay(order, { held, tonight, deferred, saved });
  const kept = saved.filter((file) => !gaveWay.includes(file));
  const leftovers = spareRoom(order, [...planned, ...kept], deferred);
  const rings = ringsOf(me, world.boxes.values(), order.wayFrom, settings.fillBusyPercent / 100);
  const nearest = nearestOf(rings);
  const cluster = clusterOf(world, me);
  const patient = order.zone === undefined ? settings : patientWaits(settings);
  const add = (file: FillFile): FillItem => {
    const turn = turnOf(file, me, cluster, settings.fillMasters);
    const isUrgent = urgent.has(file.id);
    const sources = sourcesFor(file.id, me.id, rings, turn, isUrgent ? settings : patient);
    return { file, why: "add", isUrgent, isMaster: turn === 0, sources };
  };
  const have =
    (why: "held" | "kept") =>
    (file: FillFile): FillItem => ({
      ...{ file, why, isUrgent: false, isMaster: false },
      sources: sourcesOfHeld(file, me, nearest, settings.fillSources),
    });
  const items = [
    ...tonight.map(add),
    ...held.toSorted(byPlays).map(have("held")),
    ...[...kept, ...leftovers].map(have("kept")),
  ];
  return { items, deferred, night, progress, gaveWay };
}

function parted(files: readonly FillFile[], isFirst: (file: FillFile) => boolean): [FillFile[], FillFile[]] {
  const parts: [FillFile[], FillFile[]] = [[], []];
  for (const file of files) parts[isFirst(file) ? 0 : 1].push(file);
  return parts;
}

/** What it lacks, best first, as far as the night goes. */
function chooseTonight(order: FillOrder, planned: readonly FillFile[], lacking: FillFile[]) {
  const { world, me, settings, nowMs, zone } = order;
  const urgent = new Set(
    lacking.filter((file) => isUrgentFor(me, file, world, nowMs, settings)).map(({ id }) => id),
  );
  const gain = new Map(lacking.map((file) => [file.id, gainOf(file, world)]));
  const rank = (file: FillFile): number => (urgent.has(file.id) ? 1 : 0);
  lacking.sort((a, b) => rank(b) - rank(a) || (gain.get(b.id) ?? 0) - (gain.get(a.id) ?? 0) || byPlays(a, b));
  const before = order.memory.night?.admitted;
  const sizes = new Map<string, number>();
  if (before !== undefined && before.size > 0) {
    for (const file of planned) if (before.has(file.id)) sizes.set(file.id, file.sizeBytes);
  }
  const admission = admitTonight({
    ...{ before: order.memory.night, lacking },
    nightId: nightOf(zone, nowMs, settings.fillOpensAtMinute),
    isUrgent: (file) => urgent.has(file.id),
    budget: order.memory.isSettled
      ? nightBudget({ role: order.role, storageBytes: me.storageBytes, zone }, settings)
      : Number.POSITIVE_INFINITY,
    cost: (id) => sizes.get(id) ?? (me.holds(id) ? (world.files.get(id)?.sizeBytes ?? 0) : 0),
  });
  return { ...admission, urgent };
}

/**
 * Plays a day that one more copy gains. Plays are a file's traffic per stored byte already (README.md), so this is per
 * byte; a copy beside c others carries its part of them.
 */
function gainOf(file: FillFile, world: FillWorld): number {
  let copies = 0;
  for (const id of file.serverIds) if (world.boxes.get(id)?.holds(file.id) === true) copies += 1;
  return file.playsPerDay / (1 + copies);
}

function byPlays(a: FillFile, b: FillFile): number {
  return b.playsPerDay - a.playsPerDay || (a.id < b.id ? -1 : 1);
}

/** How it goes on; and where nobody can, what has to go. */
function makeWay(
  order: FillOrder,
  box: {
    readonly held: readonly FillFile[];
    readonly tonight: readonly FillFile[];
    readonly deferred: readonly FillFile[];
    readonly saved: readonly FillFile[];
  },
): Pick<BoxFill, "gaveWay" | "progress"> {
  const { me, world } = order;
  if (box.tonight.length === 0) {
    return { gaveWay: [], progress: box.deferred.length === 0 ? "done" : "filling" };
  }
  const smallest = box.tonight.reduce((least, file) => Math.min(least, file.sizeBytes), Infinity);
  const free = me.storageBytes - bytesOf(box.held) - bytesOf(box.saved);
  if (smallest <= free) return { gaveWay: [], progress: "filling" };
  const mayGo = isDeadlocked(me, world) ? box.saved : box.saved.filter((file) => !isAwaited(file, world));
  const gaveWay = giveWay(mayGo, free, smallest);
  return { gaveWay, progress: gaveWay.length > 0 ? "filling" : "blocked" };
}

/** While files wait for another night, their room is left to what is held there: best first. */
function spareRoom(
  order: FillOrder,
  wanted: readonly FillFile[],
  deferred: readonly FillFile[],
): readonly FillFile[] {
  const { world, me } = order;
  if (deferred.length === 0) return [];
  const known = new Set(wanted.map(({ id }) => id));
  const others = [...order.memory.owned].flatMap((id) => {
    const file = known.has(id) ? undefined : world.files.get(id);
    return file === undefined ? [] : [file];
  });
  let room = me.storageBytes * (1 - order.settings.headroomPercent / 100);
  room -= bytesOf(wanted) - bytesOf(deferred);
  return others.sort(byPlays).filter((file) => {
    if (file.sizeBytes > room) return false;
    room -= file.sizeBytes;
    return true;
  });
}

function bytesOf(files: readonly FillFile[]): number {
  return files.reduce((sum, file) => sum + file.sizeBytes, 0);
}

function clusterOf(world: FillWorld, me: FillBox): ReadonlyMap<string, FillBox> {
  return new Map([...world.boxes].filter(([, box]) => box.clusterId === me.clusterId));
}
