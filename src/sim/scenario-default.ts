// The region that is simulated when no file is given: four sites inside networks and an exchange point, unlike boxes, a month
// with trouble. Boxes, rates and files are a fiftieth of real ones, so that a month's bytes can be counted exactly: 200 TB
// and 40 Gbit/s become 4 TB and 0.8 Gbit/s. Ratios, and with them shares, utilisations and nights, are as they are.
// Source of the real ones: placement research §2.2 and §1.1 (storage 200 TB / 40 G / 1.2 G fill, flash 18 TB / 100 G / 0.3 G).
import type { Scenario, SimServer, SimSite, ViewerRegion } from "./scenario.ts";

const scale = 1 / 50;

const kinds = {
  storage: { role: "storage", terabytes: 200, gigabits: 40 },
  flash: { role: "flash", terabytes: 18, gigabits: 100 },
  mid: { role: "storage", terabytes: 100, gigabits: 90 },
  small: { role: "global", terabytes: 60, gigabits: 20 },
} as const;

function box(id: string, kind: keyof typeof kinds): SimServer {
  const { role, terabytes, gigabits } = kinds[kind];
  return { id, role, storageBytes: terabytes * 1e12 * scale, throughputBps: gigabits * 1e9 * scale };
}

const places = {
  amsterdam: { latitude: 52.37, longitude: 4.9 },
  lisbon: { latitude: 38.72, longitude: -9.14 },
  athens: { latitude: 37.98, longitude: 23.73 },
  reykjavik: { latitude: 64.15, longitude: -21.94 },
  frankfurt: { latitude: 50.11, longitude: 8.68 },
} as const;

const sites: readonly SimSite[] = [
  {
    ...{ id: "metro", name: "Amsterdam", kind: "embedded", zone: "Europe/Amsterdam" },
    location: places.amsterdam,
    feeds: [{ regionId: "north", share: 1 }],
    servers: [
      box("metro-s1", "storage"),
      box("metro-s2", "storage"),
      box("metro-f1", "flash"),
      box("metro-f2", "flash"),
    ],
  },
  {
    ...{ id: "coast", name: "Lisbon", kind: "embedded", zone: "Europe/Lisbon" },
    location: places.lisbon,
    feeds: [{ regionId: "west", share: 1 }],
    servers: [box("coast-s1", "storage"), box("coast-f1", "flash")],
  },
  {
    ...{ id: "south", name: "Athens", kind: "embedded", zone: "Europe/Athens" },
    location: places.athens,
    feeds: [{ regionId: "south", share: 1 }],
    servers: [box("south-m1", "mid"), box("south-m2", "mid")],
  },
  {
    ...{ id: "isle", name: "Reykjavík", kind: "embedded", zone: "Atlantic/Reykjavik" },
    location: places.reykjavik,
    feeds: [{ regionId: "isle", share: 1 }],
    servers: [box("isle-g1", "small")],
  },
  {
    ...{ id: "exchange", name: "Frankfurt", kind: "exchange", zone: "Europe/Berlin" },
    location: places.frankfurt,
    feeds: [
      { regionId: "peered", share: 1 },
      { regionId: "north", share: 0.1 },
      { regionId: "west", share: 0.2 },
      { regionId: "south", share: 0.2 },
      { regionId: "isle", share: 0.3 },
    ],
    servers: [box("exchange-s1", "storage"), box("exchange-s2", "storage"), box("exchange-f1", "flash")],
  },
];

/** Everybody is heard at home with a longer prefix, and at the exchange as part of what their network announces there. */
function viewers(
  id: string,
  zone: string,
  at: keyof typeof places,
  home: string,
  gigabits: number,
): ViewerRegion {
  const own = { siteId: home, prefixLength: 22, asPathLength: 1, med: 0 };
  const far = { siteId: "exchange", prefixLength: 18, asPathLength: 2, med: 0 };
  const routes = home === "exchange" ? [own] : [own, far];
  return { id, zone, location: places[at], peakBps: gigabits * 1e9 * scale, routes };
}

/** 12 October 2026: clocks change on the 25th, in the middle of a window. */
const startsAtMs = 1_791_763_200_000;

export const defaultScenario: Scenario = {
  name: "A month in a region of five sites",
  startsAtMs,
  days: 30,
  seed: 1,
  placement: "hca",
  minCopies: 2,
  catalogue: {
    files: 100_000,
    bytes: 380e12 * scale,
    newTitlesPerDay: 20,
    exponent: 0.9,
    persistence: 0.97,
    spread: 0.6,
    regionalSpread: 0.6,
  },
  viewers: [
    viewers("north", "Europe/Amsterdam", "amsterdam", "metro", 190),
    viewers("west", "Europe/Lisbon", "lisbon", "coast", 85),
    viewers("south", "Europe/Athens", "athens", "south", 110),
    viewers("isle", "Atlantic/Reykjavik", "reykjavik", "isle", 12),
    viewers("peered", "Europe/Berlin", "frankfurt", "exchange", 70),
  ],
  sites,
  origin: { throughputBps: 40e9 * scale },
  fill: {
    rateBps: { storage: 1.2e9 * scale, flash: 0.3e9 * scale, global: 0.4e9 * scale },
    opensAtMinute: 120,
    hours: 12,
    urgentShare: 0.25,
    verifyBps: 16e9 * scale,
  },
  events: [
    { day: 7, hour: 16, kind: "premiere", share: 0.06, startsAfterHours: 3 },
    { day: 10, hour: 9, kind: "add", siteId: "coast", server: box("coast-s2", "storage") },
    { day: 14, hour: 8, kind: "drain", serverId: "south-m2" },
    { day: 15, hour: 20, kind: "undrain", serverId: "south-m2" },
    {
      day: 17,
      hour: 12,
      kind: "reroute",
      regionId: "isle",
      routes: [{ siteId: "exchange", prefixLength: 18, asPathLength: 2, med: 0 }],
    },
    {
      ...{ day: 18, hour: 12, kind: "reroute", regionId: "isle" },
      routes: [
        { siteId: "isle", prefixLength: 22, asPathLength: 1, med: 0 },
        { siteId: "exchange", prefixLength: 18, asPathLength: 2, med: 0 },
      ],
    },
    { day: 20, hour: 19, kind: "fail", serverId: "metro-s2" },
    { day: 21, hour: 10, kind: "remove", serverId: "metro-s2" },
    { day: 24, hour: 10, kind: "repair", serverId: "metro-s2" },
    { day: 26, hour: 2, kind: "lie", serverId: "exchange-s1", hours: 4 },
    { day: 27, hour: 0, kind: "dark", hours: 24 },
  ],
};
