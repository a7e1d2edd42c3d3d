// What a small installation would answer to the pages: made by formula here, checked by the wire's schemas in pages-api.ts.
import type { EncodeReport } from "#wire/encode-report.ts";
import type { OpsLints } from "#wire/lints.ts";
import type { OpsAppliances, OpsSessions, OpsTitles } from "#wire/ops.ts";
import type { OpsRoutes } from "#wire/routes.ts";
import type { Home, Me, TitleCard } from "#wire/viewer.ts";

export const operator: Me = {
  accountId: "a1",
  email: "operator@millrace.example",
  role: "operator",
  profileId: "p1",
  profileName: "Olga",
};

const names = ["Sample film", "Lakeside", "The long way down to the sea", "Croatia", "Battle", "Montage"];

function card(name: string, index: number): TitleCard {
  const id = name.toLowerCase().replaceAll(" ", "-");
  const durationMs = 48_000 + index * 700_000;
  return {
    id,
    name,
    durationMs,
    posterUrl: index === 3 ? "/posters/missing" : `/posters/${index}.svg`,
    height: [360, 720, 1080][index % 3] ?? 360,
    shots: 8 + 30 * index,
    rungs: 4 + (index % 3),
    bitsSavedPercent: index === 2 ? null : 18.4 + index,
    resume: index < 2 ? { titleId: id, positionMs: Math.round(durationMs * 0.4), durationMs } : null,
  };
}

export const home: Home = {
  rows: [
    { id: "continue", title: "Continue watching", items: names.map(card).slice(0, 2) },
    { id: "newest", title: "Newest", items: names.map(card) },
  ],
  viewpoints: [
    { id: "alder", name: "Alder Broadband", address: "203.0.113.7" },
    { id: "birch", name: "Birch Telecom", address: "198.51.100.7" },
    { id: "elsewhere", name: "elsewhere", address: "192.0.2.7" },
  ],
};

type Appliance = OpsAppliances["appliances"][number];

const health = ["healthy", "healthy", "draining", "silent"] as const;

function appliance(id: string, index: number): Appliance {
  const state = health[index] ?? "healthy";
  const usedBytes = 3_100_000 * (index + 1);
  return {
    id,
    siteId: `site-${index}`,
    siteName:
      ["Alder Broadband, Aarhus", "Birch Telecom, Bern", "Exchange Point", "Exchange Point"][index] ?? "",
    role: index % 2 === 0 ? "storage" : "flash",
    storageBytes: 20_000_000,
    throughputBps: 10e9,
    health: state,
    because:
      ["", "", "Draining since an operator asked.", "No report for 34 s; three are due in 3 s."][index] ?? "",
    lastSeenMs: Date.now() - (state === "silent" ? 34_000 : 400),
    admission: [passedCheck, failedCheck][index] ?? unchecked,
    report: index === 3 ? null : reportOf(index, usedBytes),
    verifiedFiles: 6 - index,
    wantedFiles: 6,
  };
}

const passedCheck = { verdict: "passed", because: "All 11 requirements hold.", isRequired: false } as const;
const unchecked = {
  verdict: "unchecked",
  because: "Its site was not checked, as far as it reports. Run millrace appliance check on it.",
  isRequired: false,
} as const;
const failedCheck = {
  verdict: "failed",
  because: "1 of 11 requirements do not hold (optics of ens1f0: Rx lane 3 is dark).",
  isRequired: false,
} as const;

const counts = { holds: 11, doesNotHold: 0, cannotBeTold: 0, notAsked: 0 };
const checks = {
  passed: { atMs: Date.now() - 7_200_000, profile: "site", altered: [], counts, failures: [] },
  failed: {
    atMs: Date.now() - 7_200_000,
    profile: "site",
    altered: [],
    counts: { ...counts, holds: 10, doesNotHold: 1 },
    failures: [
      {
        what: "optics of ens1f0",
        verdict: "does-not-hold",
        found: "Rx lane 3 is dark",
        wanted: "0 to −10 dBm per lane, received and sent, no alarm",
        mend: "Too little light arrives: clean and reseat the fibre, look at the other end's transmitter",
      },
    ],
  },
} satisfies Readonly<Record<string, NonNullable<Appliance["report"]>["check"]>>;

function reportOf(index: number, usedBytes: number): Appliance["report"] {
  return {
    ...(index > 1 ? {} : { check: index === 0 ? checks.passed : checks.failed }),
    bootId: `boot-${index}`,
    baseUrl: `http://127.0.1.1${index}:8181`,
    nginx: "up",
    trouble: "",
    draining: index === 2,
    desiredEpoch: 3,
    load: { bitsPerSecond: 2.4e9 * index, connections: 3 * index, requests: 1200 * index, errors: index },
    disk: { usedBytes, budgetBytes: 20_000_000 },
    fill: {
      queued: index,
      filesVerified: 6,
      bytes: usedBytes,
      bytesFromPeers: Math.round(usedBytes * 0.6),
      bytesFromOrigin: Math.round(usedBytes * 0.4),
      rejected: index === 1 ? 1 : 0,
      lastProblem:
        index === 1 ? "sample-film/v360-1/7.m4s from storage-a: wanted sha256 9f2c…, found 41aa…" : "",
    },
    ...missesOf(index),
    ...(index === 1 ? { tls: { ...userSpace, seen: { connections: 812, kernel: 0, device: 0 } } } : {}),
  };
}

const userSpace = {
  by: "user-space" as const,
  because: "the kernel does not offer tls",
  certificateEndsAtMs: 2e12,
};

/** The first two miss one file both, the second another one as well. */
function missesOf(index: number): Pick<NonNullable<Appliance["report"]>, "misses"> {
  const [sinceMs, lastMs] = [Date.now() - 3_600_000, Date.now() - 60_000 * (index + 1)];
  const file = (path: string, count: number, atLeast: number) => ({
    ...{ titleId: "sample-film", path, count, atLeast, sinceMs, lastMs },
  });
  const both = file("v1080-2/12.m4s", index === 0 ? 9 : 4, index === 0 ? 7 : 4);
  if (index === 0) return { misses: { total: 9, files: [both] } };
  return index === 1 ? { misses: { total: 6, files: [both, file("v360-1/7.m4s", 2, 2)] } } : {};
}

export const boxes = ["storage-a", "flash-b", "storage-x", "flash-x"];
export const appliances: OpsAppliances = {
  appliances: boxes.map(appliance),
  originBaseUrl: "http://127.0.1.10:8180",
};

export const lints: OpsLints = {
  sites: 3,
  prefixes: 214,
  routes: 530,
  lints: [
    {
      kind: "servers-differ",
      siteId: "site-0",
      count: 12,
      sentence:
        "storage-a does not hear 12 of the 80 IPv4 prefixes that site site-0 hears: viewers there are sent elsewhere when they land on it.",
      mend: "Have the router announce the same to every server of the site",
      examples: Array.from({ length: 5 }, (_, i) => `62.115.${i}.0/24`),
    },
    {
      kind: "hears-nothing",
      siteId: "site-1",
      count: 0,
      sentence: "Site site-1 hears nothing: no viewer is steered to it by route.",
      mend: "Look at its BGP sessions, or at the routes file",
      examples: [],
    },
  ],
  leftOut: 1,
  unread: { count: 1, examples: ["nowhere 62.3.0.0/16"] },
  uncompared: 0,
  tooMany: false,
};

export const titles: OpsTitles = {
  titles: names.map(card).map((one) => ({
    id: one.id,
    name: one.name,
    durationMs: one.durationMs,
    bytes: 14_300_000,
    renditions: 6,
    publishedAtMs: Date.now() - 3_600_000,
    bitsSavedPercent: one.bitsSavedPercent,
  })),
};

type Point = EncodeReport["trials"][number];
const heights = [180, 270, 360];
const crfs = [20, 24, 28, 32, 36, 40];
const shotCount = 14;

/** Rate falls with CRF and grows with height and with the shot's liveliness; quality saturates with height. */
function trial(shot: number, height: number, crf: number): Point {
  const lively = 0.4 + 2.2 * (((shot * 7) % 11) / 10);
  const bitrateBps = 9e5 * lively * (height / 360) ** 1.5 * 2 ** ((24 - crf) / 6);
  const ceiling = 99 - 1.1 * lively * ((360 - height) / 10) ** 0.8;
  const quality = Math.max(5, ceiling - lively * 0.045 * (crf - 12) ** 2);
  return {
    shot,
    width: Math.round((height * 16) / 9),
    height,
    crf,
    bits: bitrateBps * 4,
    bitrateBps,
    quality,
  };
}

function upperHull(points: readonly Point[]): Point[] {
  const hull: Point[] = [];
  for (const point of points.toSorted((a, b) => a.bits - b.bits)) {
    if (point.quality <= (hull.at(-1)?.quality ?? -1)) continue;
    while (hull.length >= 2 && slope(hull.at(-2), hull.at(-1)) <= slope(hull.at(-1), point)) hull.pop();
    hull.push(point);
  }
  return hull;
}

function slope(a: Point | undefined, b: Point | undefined): number {
  return a === undefined || b === undefined ? 0 : (b.quality - a.quality) / (b.bits - a.bits);
}

const shots = Array.from({ length: shotCount }, (_, shot) => shot);
const trials = shots.flatMap((shot) =>
  heights.flatMap((height) => crfs.map((crf) => trial(shot, height, crf))),
);

export const report: EncodeReport = {
  version: 1,
  source: {
    file: "sample-film.mp4",
    sha256: "ab".repeat(32),
    width: 640,
    height: 360,
    fps: 24,
    frames: 96 * shotCount,
    durationSeconds: 4 * shotCount,
    hasAudio: true,
  },
  metric: {
    name: "vmaf",
    model: "vmaf_v0.6.1",
    pooling: "mean",
    displayWidth: 640,
    displayHeight: 360,
    subsample: 3,
  },
  effort: "draft",
  shots: shots.map((shot) => ({ startFrame: shot * 96, endFrame: (shot + 1) * 96 })),
  trials,
  hulls: shots.map((shot) => upperHull(trials.filter((point) => point.shot === shot))),
  ladder: heights.map((height, rung) => ({
    id: `v${height}-1`,
    codec: "h264",
    width: Math.round((height * 16) / 9),
    height,
    bitrateBps: 240_000 * 2.1 ** rung,
    quality: 71 + 9.5 * rung,
    crf: shots.map((shot) => crfs[(shot + rung) % 4] ?? 24),
  })),
  fixedLadder: heights.map((height, rung) => ({
    height,
    crf: 26,
    bitrateBps: 310_000 * 2.2 ** rung,
    quality: 68 + 9.5 * rung,
  })),
  bdRatePercent: { fixedLadder: -23.41, fixedCrfNative: -8.2, perTitleHull: null },
  encodesRun: 180,
  encodesReused: 72,
  encodesExhaustive: 1200,
  wallSeconds: 74.2,
  cpuSeconds: 141.7,
};

const states = ["playing", "stalled", "paused", "ended", "failed"];
export const heardRoutes: OpsRoutes = {
  appliances: (["live", "recalled", "waiting", "none"] as const).map((state, index) => ({
    id: `oca-${index}`,
    siteId: "isp-a",
    state,
    because: "What counts is what it hears.",
    stream: "3f0c",
    seq: 12,
    prefixes: { v4: 1_050_000 - index, v6: 240_000 },
    stalePrefixes: index,
    sessions: [{ id: "192.0.2.1", state: "up", prefixes: { v4: 1_050_000, v6: 240_000 } }],
    silentMs: index === 2 ? null : 1500,
    leaseMs: 120_000,
    lastResyncAtMs: index === 2 ? null : 1_700_000_000_000,
    resyncs: 1,
  })),
  waitingFor: 1,
};

export const sessions: OpsSessions = {
  sessions: Array.from({ length: 30 }, (_, index) => ({
    sessionId: `s${index}`,
    titleId: "sample-film",
    email: `viewer${index}@millrace.example`,
    viewpoint: ["alder", "birch", ""][index % 3] ?? "",
    region: ["isp-a", "isp-b", ""][index % 3] ?? "",
    network: ["AS64500", "AS64501", ""][index % 3] ?? "",
    device: ["Firefox on Linux", "Chrome on Android"][index % 2] ?? "",
    startedAtMs: Date.now() - 60_000 * (index + 1),
    lastSeenMs: Date.now() - 9000 * index,
    state: states[index % 5] ?? "playing",
    positionMs: 3700 * (index + 1),
    startupMs: 240 + 31 * index,
    stallCount: index % 3,
    stallMs: 410 * (index % 3),
    switchCount: index % 7,
    bitrateBps: 610_000,
    height: 360,
    applianceId: boxes[index % 4] ?? "",
  })),
};
