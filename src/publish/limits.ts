// The settings as the other files of this folder take them.
import type { Values } from "#config/setting.ts";
import { type ImportPolicy, readHosts, readPorts } from "./import-url.ts";
import type { PaceLimits } from "./pace.ts";
import type { RoomLimits } from "./quota.ts";
import type { publishSettings } from "./settings.ts";

export type PublishSettings = Values<typeof publishSettings>;

const gigabyte = 1e9;
const importGraceMs = 60_000;

export function roomLimits(settings: PublishSettings): RoomLimits {
  return {
    mostOpen: settings.mostOpen,
    mostOpenBytes: settings.openGb * gigabyte,
    mostStoredBytes: settings.accountGb * gigabyte,
    largestBytes: settings.largestGb * gigabyte,
    leastFreeBytes: settings.leastFreeGb * gigabyte,
  };
}

export function importPolicy(settings: PublishSettings): ImportPolicy {
  return {
    hosts: readHosts(settings.importHosts),
    schemes: settings.importSchemes === "https" ? "https" : "http-and-https",
    ports: readPorts(settings.importPorts),
  };
}

export function importPace(settings: PublishSettings): PaceLimits {
  return {
    idleMs: settings.importIdleSeconds * 1000,
    wholeMs: settings.importHours * 3_600_000,
    leastBytesPerSecond: settings.importLeastKBps * 1000,
    graceMs: importGraceMs,
  };
}
