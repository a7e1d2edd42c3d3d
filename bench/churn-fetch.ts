// What boxes fetch of the nightly plans when each night brings no more than the fill plan's budget, and what that costs.

import type { FillFile } from "#place/fill-facts.ts";
import { admitTonight, type BoxRole, nightBudget } from "#place/fill-night.ts";
import type { PlaceSettings } from "#place/settings.ts";
import { byteHitOf, type Night, type Nights, storageOfBoxes, sumOf } from "./churn-cluster.ts";

export interface FetchedNight {
  /** Bytes by box. */
  readonly fetched: ReadonlyMap<string, number>;
  readonly byteHit: number;
  /** Bytes that are planned and wait for another night. */
  readonly waiting: number;
}

type Holdings = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Every box fetches what it lacks until its night is full: what is new today first, which never waits, then what gains the
 * most plays per byte. The first fill of a box that comes is taken for done, since it takes its weeks with any plan. What nobody else holds yet stays where
 * it was, then the most played of what was there, while room is left by what waits.
 */
export function fetchedNights(
  order: Nights,
  plans: readonly Night[],
  settings: PlaceSettings,
): readonly FetchedNight[] {
  let holdings: Holdings = new Map();
  return plans.map((night, at) => {
    const made = fetchedNight(night, plans[at - 1], holdings, settings);
    holdings = made.holdings;
    const held = new Map<string, string[]>();
    for (const [box, files] of holdings) for (const id of files) held.set(id, [...(held.get(id) ?? []), box]);
    return { fetched: made.fetched, waiting: made.waiting, byteHit: byteHitOf(order, at, held) };
  });
}

function fetchedNight(night: Night, before: Night | undefined, had: Holdings, settings: PlaceSettings) {
  const known = new Set((before ?? night).files.map(({ id }) => id));
  const files = new Map(
    night.files.map((file) => [file.id, { ...file, serverIds: night.holders.get(file.id) ?? [] }]),
  );
  const planned = new Map<string, FillFile[]>(night.plan.weights.map(({ serverId }) => [serverId, []]));
  for (const file of files.values()) {
    for (const box of file.serverIds) planned.get(box)?.push({ ...file, publishedAtMs: 0 });
  }
  const holds = (box: string, id: string): boolean => had.get(box)?.has(id) === true;
  const gain = (file: FillFile): number =>
    file.playsPerDay / (1 + file.serverIds.filter((box) => holds(box, file.id)).length);
  const holdings = new Map<string, Set<string>>();
  const fetched = new Map<string, number>();
  let waiting = 0;
  for (const [box, wanted] of planned) {
    const storageBytes = storageOfBoxes.get(box) ?? 0;
    const role: BoxRole = box.includes("flash") ? "flash" : "storage";
    const lacking = wanted
      .filter(({ id }) => !holds(box, id))
      .sort((a, b) => Number(known.has(a.id)) - Number(known.has(b.id)) || gain(b) - gain(a));
    const { tonight, deferred } = admitTonight({
      before: undefined,
      nightId: "night",
      lacking,
      isUrgent: ({ id }) => !known.has(id),
      budget: had.has(box)
        ? nightBudget({ role, storageBytes, zone: "UTC" }, settings)
        : Number.POSITIVE_INFINITY,
      cost: () => 0,
    });
    const late = new Set(deferred.map(({ id }) => id));
    const now = new Set(wanted.flatMap(({ id }) => (late.has(id) ? [] : [id])));
    holdings.set(box, now);
    fetched.set(box, bytesOf(tonight));
    waiting += bytesOf(deferred);
  }
  leaveWhatWaits({ had, holdings, files, settings });
  return { holdings, fetched, waiting };
}

/** Old files stay in the room of what waits: first those that would be without a copy. */
function leaveWhatWaits(order: {
  readonly had: Holdings;
  readonly holdings: Map<string, Set<string>>;
  readonly files: ReadonlyMap<
    string,
    { readonly sizeBytes: number; readonly playsPerDay: number; readonly serverIds: readonly string[] }
  >;
  readonly settings: PlaceSettings;
}): void {
  const { had, holdings, files, settings } = order;
  for (const [box, now] of holdings) {
    let room = (storageOfBoxes.get(box) ?? 0) * (1 - settings.headroomPercent / 100);
    for (const id of now) room -= files.get(id)?.sizeBytes ?? 0;
    const others = [...(had.get(box) ?? [])]
      .filter((id) => !now.has(id) && files.has(id))
      .map((id) => {
        const serverIds = files.get(id)?.serverIds ?? [];
        const alone =
          serverIds.length > 0 && !serverIds.some((other) => holdings.get(other)?.has(id) === true);
        return { id, alone, plays: files.get(id)?.playsPerDay ?? 0, size: files.get(id)?.sizeBytes ?? 0 };
      })
      .sort((a, b) => Number(b.alone) - Number(a.alone) || b.plays - a.plays);
    for (const { id, size } of others) {
      if (size > room) continue;
      room -= size;
      now.add(id);
    }
  }
}

function bytesOf(files: readonly FillFile[]): number {
  return sumOf(files.map(({ sizeBytes }) => sizeBytes));
}
