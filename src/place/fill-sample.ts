// Boxes, files and worlds for the fill plan's tests.
import { defaultsOf } from "#config/setting.ts";
import { assert } from "#units/assert.ts";
import type { FillBox, FillFile, FillWorld } from "./fill-facts.ts";
import { type BoxMemory, nothingKnown } from "./fill-memory.ts";
import { type BoxFill, fillOf } from "./fill-plan.ts";
import { type PlaceSettings, placeSettings } from "./settings.ts";

export const settings = defaultsOf(placeSettings);
export const hourMs = 3_600_000;
export const published = 1.7e12;

export function file(id: string, more: Partial<FillFile> = {}): FillFile {
  return {
    ...{ id, titleId: id, sizeBytes: 10, playsPerDay: 1, publishedAtMs: published, serverIds: ["b1"] },
    ...more,
  };
}

export function box(id: string, held: readonly string[], more: Partial<FillBox> = {}): FillBox {
  const holds = (fileId: string): boolean => held.includes(fileId);
  return {
    ...{ id, siteId: id, clusterId: id, storageBytes: 1000, throughputBps: 1, isHealthy: true, load: 0 },
    ...{ holds, secures: holds, leads: () => false, defers: () => false, progress: "filling" as const },
    ...more,
  };
}

export function worldOf(files: readonly FillFile[], boxes: readonly FillBox[]): FillWorld {
  const planned = new Map(
    boxes.map(({ id }) => [id, files.filter((one) => one.serverIds.includes(id))] as const),
  );
  return {
    files: new Map(files.map((one) => [one.id, one])),
    planned,
    boxes: new Map(boxes.map((one) => [one.id, one])),
  };
}

export const settled = (owned: readonly string[] = []): BoxMemory => ({
  ...nothingKnown,
  owned: new Set(owned),
  isSettled: true,
});

/** Of the box b1. */
export function fill(world: FillWorld, memory = settled(), more: Partial<PlaceSettings> = {}): BoxFill {
  const me = world.boxes.get("b1");
  assert(me !== undefined, "a world of these tests has a b1");
  return fillOf({
    ...{ world, me, memory, role: "storage", zone: undefined, nowMs: published + 1000 * hourMs },
    wayFrom: () => ({ asPathLength: undefined, kind: "embedded", km: undefined }),
    settings: { ...settings, ...more },
  });
}

export const itemIds = (result: BoxFill): string[] => result.items.map((item) => item.file.id);
