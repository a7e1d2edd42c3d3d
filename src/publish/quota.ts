// Whether there is room for one more file: in what the account may have, and on the disk.
import type { ArrivalUsage } from "#model/arrival.ts";

export interface RoomLimits {
  readonly mostOpen: number;
  readonly mostOpenBytes: number;
  readonly mostStoredBytes: number;
  readonly largestBytes: number;
  readonly leastFreeBytes: number;
}

export interface Disk {
  /** Bytes that may still be written. */
  readonly freeBytes: number;
  /** Bytes that open arrivals have on disk already: of what was promised, they are no longer owed. */
  readonly arrivedBytes: number;
}

export type NoRoom =
  | { readonly kind: "too-large"; readonly most: number }
  | { readonly kind: "too-many-open"; readonly most: number }
  | {
      readonly kind: "account-full";
      readonly most: number;
      readonly used: number;
      readonly of: "open" | "all";
    }
  | { readonly kind: "disk-full"; readonly free: number; readonly wanted: number };

/**
 * Files count whole from the moment they are announced, so that everything that was let in also fits when it has come.
 * What is left of the disk then is never under `leastFreeBytes`.
 */
export function noRoomFor(
  bytes: number,
  usage: ArrivalUsage,
  limits: RoomLimits,
  disk: Disk,
): NoRoom | undefined {
  if (bytes > limits.largestBytes) return { kind: "too-large", most: limits.largestBytes };
  if (usage.open >= limits.mostOpen) return { kind: "too-many-open", most: limits.mostOpen };
  if (usage.openBytes + bytes > limits.mostOpenBytes) {
    return { kind: "account-full", most: limits.mostOpenBytes, used: usage.openBytes, of: "open" };
  }
  const used = usage.openBytes + usage.storedBytes;
  if (used + bytes > limits.mostStoredBytes) {
    return { kind: "account-full", most: limits.mostStoredBytes, used, of: "all" };
  }
  const owed = Math.max(0, usage.promisedBytes - disk.arrivedBytes);
  const free = disk.freeBytes - owed - limits.leastFreeBytes;
  return bytes > free ? { kind: "disk-full", free: Math.max(0, free), wanted: bytes } : undefined;
}
