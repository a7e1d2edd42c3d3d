// What a small installation would answer about its network: who is where, who serves whom, what changed.
import { qualityDefinitions } from "#control/quality-view.ts";
import { type Drills, drills } from "#wire/drills.ts";
import { type OpsMisses, opsMisses } from "#wire/misses.ts";
import type { OpsAppliances, OpsExplain } from "#wire/ops.ts";
import {
  type OpsChanges,
  type OpsMap,
  type OpsWithout,
  opsApplianceDetail,
  opsChanges,
  opsMap,
  opsWithout,
} from "#wire/ops-network.ts";
import { opsQuality, opsQualityDefinitions } from "#wire/quality.ts";
import { type SeriesAnswer, seriesAnswer } from "#wire/series.ts";
import { appliances, boxes } from "./pages-fixtures.ts";

export const steered: OpsExplain = {
  address: "192.0.2.1",
  text: "viewer 192.0.2.1, session session\nplace  51.5000, -0.1000, by the table of places\n",
  location: { latitude: 51.5, longitude: -0.1 },
  ranked: [
    {
      ...{ id: "storage-a", siteName: "Alder Broadband, Aarhus", rule: "longest-prefix" },
      because: "It heard 192.0.2.0/24; the next best heard 192.0.0.0/16.",
      ...{ prefix: "192.0.2.0/24", asPathLength: 1, med: 0, distanceKm: 861 },
    },
    {
      ...{
        id: "origin",
        siteName: "origin",
        rule: "origin-last",
        because: "The origin has everything, and comes last.",
      },
      ...{ prefix: null, asPathLength: null, med: null, distanceKm: null },
    },
  ],
  eliminated: [
    { id: "storage-x", by: "draining", because: "An operator took it out of new plays." },
    { id: "flash-x", by: "silent", because: "No report for 34 s; three are due in 3 s." },
    { id: "flash-b", by: "no-route", because: "Its site heard no route to 192.0.2.1." },
  ],
  leftOut: [
    { by: "draining", appliances: 1 },
    { by: "silent", appliances: 1 },
    { by: "no-route", appliances: 1 },
  ],
};

type Box = OpsAppliances["appliances"][number];
/** "fresh": an installation that nobody has watched yet; "large": 2,000 appliances. */
export type FleetSize = "small" | "large" | "fresh";

const places = [
  { latitude: 56.16, longitude: 10.2 },
  { latitude: 46.95, longitude: 7.45 },
  { latitude: 51.51, longitude: 0 },
  null,
] as const;

const largeCount = 2000;

/** The four of the small installation, and copies of the first to make up the number. */
export function boxesOf(size: FleetSize): OpsAppliances {
  if (size !== "large") return appliances;
  const [first] = appliances.appliances;
  if (first === undefined) return appliances;
  const copies = Array.from({ length: largeCount - appliances.appliances.length }, (_, at): Box => {
    return { ...first, id: `box-${at + 1}`, siteId: `far-${at % 400}`, siteName: `Far site ${at % 400}` };
  });
  return { ...appliances, appliances: [...appliances.appliances, ...copies] };
}

function mapOf(size: FleetSize): OpsMap {
  const { appliances: boxes } = boxesOf(size);
  const siteIds = [...new Set(boxes.map(({ siteId }) => siteId))];
  return {
    sites: siteIds.map((id, at) => ({
      ...{ id, name: boxes.find(({ siteId }) => siteId === id)?.siteName ?? id },
      kind: at === 2 ? "exchange" : "embedded",
      location:
        at < 4
          ? (places[at] ?? null)
          : { latitude: ((at * 37) % 120) - 55, longitude: ((at * 61) % 340) - 170 },
    })),
    appliances: boxes.map(({ id, siteId, health, throughputBps, report }) => ({
      ...{ id, siteId, health, throughputBps, bitsPerSecond: report?.load.bitsPerSecond ?? 0 },
    })),
    viewpoints: [
      {
        ...{ id: "alder", name: "Alder Broadband", address: "203.0.113.7" },
        ...{ location: { latitude: 55.4, longitude: 10.4 }, ranked: ["storage-a", "flash-b", "origin"] },
      },
      {
        ...{ id: "birch", name: "Birch Telecom", address: "198.51.100.7" },
        ...{ location: { latitude: 48.2, longitude: 16.37 }, ranked: ["flash-b", "storage-a", "origin"] },
      },
      { ...{ id: "elsewhere", name: "elsewhere", address: "192.0.2.7" }, location: null, ranked: ["origin"] },
    ],
    flows:
      size === "fresh"
        ? []
        : [
            { viewpointId: "birch", applianceId: "flash-b", sessions: 31 },
            { viewpointId: "alder", applianceId: "storage-a", sessions: 12 },
            { viewpointId: "alder", applianceId: "flash-b", sessions: 3 },
            { viewpointId: "", applianceId: "storage-x", sessions: 2 },
          ],
    sessionsSinceMs: null,
    viewpointsLeftOut: 0,
  };
}

const minuteMs = 60_000;

function changesOf(size: FleetSize): OpsChanges {
  const nowMs = Date.now();
  const healthSinceMs = nowMs - 7_200_000;
  if (size === "fresh") return { changes: [], healthSinceMs, ordersSinceMs: null };
  const changes: OpsChanges["changes"] = [
    {
      ...{ kind: "health", atMs: nowMs - 34_000, applianceId: "flash-x", from: "healthy", to: "silent" },
      because: "No report for 34 s; three are due in 3 s.",
    },
    {
      ...{ kind: "order", atMs: nowMs - 3 * minuteMs, actor: "operator@millrace.example" },
      ...{ action: "POST /v1/ops/appliances/:id/drain", object: "id=storage-x", outcome: "done" },
    },
    {
      ...{
        kind: "health",
        atMs: nowMs - 3 * minuteMs - 1,
        applianceId: "storage-x",
        from: "healthy",
        to: "draining",
      },
      because: "An operator took it out of new plays.",
    },
    { kind: "plan", atMs: nowMs - 20 * minuteMs, epoch: 3, movedBytes: 36e6 },
    { kind: "title", atMs: nowMs - 21 * minuteMs, titleId: "lakeside", name: "Lakeside" },
    {
      ...{ kind: "drill", atMs: nowMs - 40 * minuteMs, drillId: "d0123abce", loss: "withdraw" },
      ...{ applianceId: "storage-a", prefix: "203.0.113.0/24", by: "operator@millrace.example" },
      ...{ became: "ended", because: "" },
    },
    {
      ...{ kind: "experiment", atMs: nowMs - 50 * minuteMs, experimentId: "x0123abcd", became: "aborted" },
      because: "players that met the broken segment were lost",
    },
    {
      ...{ kind: "catalogue", atMs: nowMs - 26 * 60 * minuteMs, version: 2, works: 9 },
      note: "import by operator@millrace.example: 9 works",
    },
  ];
  return { changes, healthSinceMs, ordersSinceMs: null };
}

/** Sixty minutes up to the last whole one. */
function hourOf(labels: readonly string[], value: (at: number, line: number) => number | null): SeriesAnswer {
  const lastMs = Math.floor(Date.now() / minuteMs) * minuteMs;
  return {
    ...{ firstMs: lastMs - 59 * minuteMs, lastMs, stepMs: minuteMs },
    lines: labels.map((label, line) => ({
      ...{ expression: 0, label, tags: {} },
      values: Array.from({ length: 60 }, (_, at) => value(at, line)),
    })),
    read: { series: labels.length, datapoints: 60 * labels.length },
  };
}

function seriesOf(q: string, size: FleetSize): SeriesAnswer {
  if (size === "fresh") return hourOf([], () => null);
  if (q.includes("startup_seconds"))
    return hourOf(["50", "95"], (at, line) =>
      at % 17 === 5 ? null : (line + 1) * (0.31 + 0.05 * Math.sin(at / 6)),
    );
  if (q.includes(":by"))
    return hourOf(boxes.slice(0, 3), (at, line) => 1e9 * (line + 1) * (1.2 + Math.sin(at / 9 + line)));
  return hourOf([""], (at) => 4e9 + 1e9 * Math.sin(at / 9));
}

function qualityOf(by: string, size: FleetSize): unknown {
  const untilMs = Math.ceil(Date.now() / minuteMs) * minuteMs;
  const [fromMs, stepMs] = [untilMs - 360 * minuteMs, minuteMs];
  const figures = (at: number) => ({
    ...{ plays: 10, startFailures: at % 30 === 0 ? 1 : 0, exits: 0, failures: at % 20 === 0 ? 1 : 0 },
    ...{ stalls: at % 6 === 0 ? 2 : 0, switches: 4, playMs: 600_000, stallMs: at % 6 === 0 ? 3100 : 0 },
    ...{ startupMedian: 310, startupSlow: 740, startFailureRatio: 0, failureRatio: 0, stallRatio: 0 },
    ...{ bitrate: 3e6, height: 720, atEnd: by === "appliance" ? 40 + (at % 9) : null, watchedMs: null },
    estimates: 0,
  });
  const windows = Array.from({ length: 58 }, (_, at) => ({
    startMs: untilMs - (60 - at) * minuteMs,
    soFar: false,
    ...figures(at),
  }));
  const groups = size === "fresh" ? [] : [{ key: "Firefox on Linux", whole: figures(1), windows }];
  return opsQuality.parse({
    by,
    fromMs,
    untilMs,
    stepMs,
    groups,
    leftOut: 0,
    settledUntilMs: untilMs,
    heardUntilMs: untilMs,
    waitingFor: "",
  });
}

function missesOf(size: FleetSize): OpsMisses {
  const untilMs = Math.ceil(Date.now() / minuteMs) * minuteMs;
  const figures = (all: number, offloaded: number): OpsMisses["whole"] => ({
    ...{
      all,
      offloaded,
      offload: all === 0 ? null : offloaded / all,
      best: offloaded,
      missRatio: 0.03,
      unjoined: 0,
    },
    misses: {
      content: { bytes: all - offloaded, share: all === offloaded ? 0 : 10_000 },
      health: { bytes: 0, share: 0, forWantOfRoom: 0 },
      other: { bytes: 0, share: 0 },
    },
  });
  const site = (name: string, scale: number) => ({
    site: name,
    whole: figures(58e9 * scale, 56.5e9 * scale),
    windows: Array.from({ length: 58 }, (_, at) => {
      const all = Math.round(1e9 * scale * (1.4 + Math.sin(at / 8 + scale)));
      return { startMs: untilMs - (60 - at) * minuteMs, ...figures(all, Math.round(all * 0.97)) };
    }),
  });
  const sites = size === "fresh" ? [] : [site("site-0", 1), site("site-1", 2)];
  return {
    ...{
      fromMs: untilMs - 360 * minuteMs,
      untilMs,
      stepMs: minuteMs,
      whole: figures(0, 0),
      sites,
      leftOut: 0,
    },
    completeUntilMs: untilMs - 2 * minuteMs,
  };
}

function detailOf(id: string, size: FleetSize): unknown {
  const appliance = boxesOf(size).appliances.find((one) => one.id === id);
  if (appliance === undefined) return undefined;
  const nowMs = Date.now();
  return opsApplianceDetail.parse({
    appliance,
    events:
      size === "fresh"
        ? []
        : [
            { atMs: nowMs - 900_000, level: "info", words: "appliance is up listen=127.0.1.11:8181" },
            { atMs: nowMs - 880_000, level: "info", words: "took over a desired state epoch=3 bundles=6" },
            {
              atMs: nowMs - 60_000,
              level: "warn",
              words: "the control plane does not answer; serving goes on",
            },
            {
              atMs: nowMs - 20_000,
              level: "error",
              words: "sample-film/v360-1/7.m4s: wanted sha256 9f2c…, found 41aa…",
            },
          ],
    changes:
      size === "fresh"
        ? []
        : [
            {
              atMs: nowMs - 200_000,
              from: "silent",
              to: "healthy",
              because: "It reports, and nginx serves.",
            },
          ],
    files: ["v1080-2", "v720-1", "v360-1"].map((rendition, at) => ({
      ...{ fileId: `lakeside/${rendition}`, titleId: "lakeside", titleName: "Lakeside" },
      ...{ playsPerDay: 40 / (at + 1), sizeBytes: 9e6 / (at + 1), isVerified: at !== 2 },
    })),
  });
}

/** One under way and one that is over. */
function drillsOf(size: FleetSize): Drills["drills"] {
  if (size === "fresh") return [];
  const nowMs = Date.now();
  const out = { by: "unhealthy", because: "nginx is down: drill d0123abcd killed it." };
  const steered = [
    { viewpointId: "birch", name: "Birch Telecom", before: "flash-b", now: "storage-a", ...out },
  ];
  const kill: Drills["drills"][number] = {
    ...{
      id: "d0123abcd",
      kind: "kill",
      applianceId: "flash-b",
      prefix: null,
      by: "operator@millrace.example",
    },
    ...{
      startedAtMs: nowMs - 24_000,
      endsAtMs: nowMs + 36_000,
      state: "running",
      endedAtMs: null,
      because: "",
    },
    ...{ plays: 34, firstAt: 1, noticedAfterMs: 2100, backAfterMs: null },
    seen: {
      ...{ atMs: nowMs - 400, health: "unhealthy", because: out.because, steered },
      ...{ still: 2, moved: 29, over: 1, failed: 0, unheard: 2, stalls: 5, begun: 0 },
    },
  };
  const past: Drills["drills"][number] = {
    ...{
      ...kill,
      id: "d0123abce",
      kind: "withdraw",
      applianceId: "storage-a",
      prefix: "203.0.113.0/24",
      plays: 12,
    },
    ...{
      startedAtMs: nowMs - 900_000,
      endsAtMs: nowMs - 840_000,
      endedAtMs: nowMs - 860_000,
      state: "aborted",
    },
    ...{ because: "operator@millrace.example aborted it", backAfterMs: 1200 },
    seen: {
      ...{ atMs: nowMs - 861_000, health: "healthy", because: "nginx is up and sends 31 % of what it can." },
      ...{ still: 12, moved: 0, over: 0, failed: 0, unheard: 0, stalls: 0, begun: 0 },
      steered: [
        {
          viewpointId: "alder",
          name: "Alder Broadband",
          before: "storage-a",
          now: "origin",
          by: "no-route",
          because: "It heard no route to the viewer and serves only its own network.",
        },
      ],
    },
  };
  return [kill, past];
}

const without: OpsWithout = {
  ...{ applianceId: "flash-b", sessions: 34, lastCopies: 2, viewpoints: 3, prefixes: ["198.51.100.0/24"] },
  sessionsSinceMs: null,
  moved: [{ viewpointId: "birch", name: "Birch Telecom", to: "storage-a" }],
};

/** Undefined: it is nothing of the network's. */
export function networkAnswer(path: string, search: URLSearchParams, size: FleetSize): unknown {
  const [, id = "", more] = /^\/v1\/ops\/appliances\/([^/]+)(\/without)?$/.exec(path) ?? [];
  if (id !== "")
    return more === undefined ? detailOf(id, size) : opsWithout.parse({ ...without, applianceId: id });
  switch (path) {
    case "/v1/ops/drills":
      return drills.parse({ drills: drillsOf(size), nowMs: Date.now(), mostMs: 600_000, atOnce: 1 });
    case "/v1/ops/map":
      return opsMap.parse(mapOf(size));
    case "/v1/ops/changes":
      return opsChanges.parse(changesOf(size));
    case "/v1/ops/series":
      return seriesAnswer.parse(seriesOf(search.get("q") ?? "", size));
    case "/v1/ops/qoe":
      return qualityOf(search.get("by") ?? "", size);
    case "/v1/ops/qoe/definitions":
      return opsQualityDefinitions.parse(qualityDefinitions());
    case "/v1/ops/misses":
      return opsMisses.parse(missesOf(size));
    default:
      return undefined;
  }
}
