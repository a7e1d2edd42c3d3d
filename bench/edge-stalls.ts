// What loss on the way costs a viewer, by protocol: the same browser, the same film, a link with a delay, and packets that do not come.
import { createHash, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { defaultsOf } from "#config/setting.ts";
import { run } from "#io/process.ts";
import { programSettings } from "#io/settings.ts";
import { milliseconds } from "#units/quantity.ts";
import { median } from "./bench.ts";
import {
  type Counted,
  type DelayLink,
  missingForDelayLink,
  openDelayLink,
  serverAddress,
  setCongestion,
} from "./edge-delay-link.ts";
import { digits, type Row, turned } from "./edge-figures.ts";
import { type Place, segmentBytes, segmentNames } from "./edge-place.ts";
import { type Fetched, megabitsPerSecond, type Protocol, percentile, playback } from "./edge-playback.ts";
import { key, type NginxTools, signedPath } from "./edge-servers.ts";

/** 20 Mbit/s, 20 ms there and back, a queue of 40 ms: a home line to an appliance in its own carrier's network. */
const wire = { bitsPerSecond: 20e6, delayMs: 10, queueBytes: 100_000 };
/** What the segments would last: 2 MB are 4 s at the first, 1 s at the second, which is near what the link carries. */
const rungs = [4e6, 16e6] as const;
const port = 8080;

interface Course {
  /** Chance of a packet to the viewer. */
  readonly loss: number;
  /** How long segments are begun. A lossy link takes longer to show what it does. */
  readonly forMs: number;
}

const courses: readonly Course[] = [
  { loss: 0, forMs: 5000 },
  { loss: 0.01, forMs: 10_000 },
  { loss: 0.03, forMs: 15_000 },
];
const quickCourses: readonly Course[] = [
  { loss: 0, forMs: 3000 },
  { loss: 0.03, forMs: 4000 },
];

interface Contestant {
  readonly what: string;
  readonly protocol: Protocol;
  /** Of TCP; QUIC brings its own. */
  readonly congestion: "reno" | "bbr";
}

const contestants: readonly Contestant[] = [
  { what: "HTTP/1.1, TCP Reno", protocol: "h1", congestion: "reno" },
  { what: "HTTP/2, TCP Reno", protocol: "h2", congestion: "reno" },
  { what: "HTTP/2, TCP BBR", protocol: "h2", congestion: "bbr" },
  { what: "HTTP/3, caddy's QUIC", protocol: "h3", congestion: "reno" },
];

interface Play {
  readonly contestant: Contestant;
  readonly loss: number;
  readonly fetched: readonly Fetched[];
  readonly counted: Counted;
}

const fetchedList = z.array(z.object({ ms: z.number(), bytes: z.number() }));

interface Stage {
  readonly link: DelayLink;
  readonly place: Place;
  readonly tools: NginxTools;
  readonly browserPath: string;
  readonly spki: string;
}

export async function stallRows(
  place: Place,
  tools: NginxTools,
  quick: boolean,
): Promise<{ readonly rows: readonly Row[]; readonly notes: readonly string[] }> {
  const browserPath = process.env.MILLRACE_CHROMIUM ?? defaultsOf(programSettings).chromium;
  const programs = ["/usr/bin/caddy", browserPath].filter((path) => !existsSync(path));
  const missing = [...(await missingForDelayLink()), ...programs];
  if (missing.length > 0)
    return { rows: [], notes: [`protocols: no stalls were measured without ${missing.join(", ")}`] };
  const link = await openDelayLink(wire, place.signal);
  try {
    const stage = {
      link,
      place,
      tools,
      browserPath,
      spki: await spkiOf(place),
    };
    const closeServer = await openServer(stage);
    try {
      const plays = quick ? await playAll(stage, quickCourses, 1) : await playAll(stage, courses, 3);
      return { rows: rowsOf(plays), notes: notesOf(plays) };
    } finally {
      await closeServer();
    }
  } finally {
    await link.close();
  }
}

async function spkiOf({ certificate }: Place): Promise<string> {
  const { publicKey } = new X509Certificate(await readFile(certificate));
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
}

async function openServer({ link, place }: Stage): Promise<() => Promise<void>> {
  const over = new AbortController();
  const { store, certificate, key } = place;
  const order = {
    prefixDir: join(place.folder, "played"),
    store,
    certificate,
    key,
    host: serverAddress,
    port,
  };
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const serving = run({
    argv: [...link.atServer, process.execPath, "bench/edge-playback-server.ts", JSON.stringify(order)],
    ...{ signal: over.signal, deadline: milliseconds(1_800_000), stdin: "open", orphan: "dies" },
    onStdout: () => resolve(),
  }).then(
    () => reject(new Error("the server ended before the last play did")),
    // Also when it is closed: nobody waits for it to be ready then.
    (error: unknown) => reject(error),
  );
  await ready;
  return async () => {
    over.abort();
    await serving;
  };
}

async function playAll(stage: Stage, program: readonly Course[], rounds: number): Promise<readonly Play[]> {
  const plays: Play[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const course of program) {
      // The same packets, counted from the first, are lost for everyone in a round.
      for (const contestant of turned(contestants, round)) {
        plays.push(await play(stage, contestant, { ...course, seed: round + 1 }));
      }
    }
  }
  return plays;
}

async function play(
  { link, place, tools, browserPath, spki }: Stage,
  contestant: Contestant,
  { loss, forMs, seed }: Course & { readonly seed: number },
): Promise<Play> {
  await setCongestion(link, contestant.congestion, place.signal);
  await link.lose(loss, seed);
  const order = {
    ...{ browserPath, spki, forMs, bodyBytes: segmentBytes, protocol: contestant.protocol },
    origin: `https://${serverAddress}:${port + (contestant.protocol === "h3" ? 2 : 1)}`,
    paths: segmentNames.map((name) => signedPath(key, tools, name)),
  };
  const program = [process.execPath, "bench/edge-playback-viewer.ts", JSON.stringify(order)];
  const { stdout } = await run({
    argv: [...link.atViewer, ...program],
    ...{ signal: place.signal, deadline: milliseconds(180_000), orphan: "dies" },
  });
  const fetched = fetchedList.parse(JSON.parse(stdout));
  return { contestant, loss, fetched, counted: await link.lose(0, 1) };
}

/** Times of segments are pooled over rounds; goodput and stalls are medians of rounds. */
function rowsOf(plays: readonly Play[]): readonly Row[] {
  const losses = [...new Set(plays.map(({ loss }) => loss))];
  return losses.flatMap((loss) =>
    contestants.map((contestant) => {
      const own = plays.filter((play) => play.loss === loss && play.contestant === contestant);
      const ms = own.flatMap(({ fetched }) => fetched.map((one) => one.ms));
      const seconds = (share: number): number => digits(percentile(ms, share) / 1000, 2);
      return {
        ...{ part: "stalls", what: contestant.what, lossPercent: loss * 100, rounds: own.length },
        ...{ segments: ms.length, p50s: seconds(0.5), p95s: seconds(0.95), p99s: seconds(0.99) },
        mbitPerSecond: digits(median(own.map(({ fetched }) => megabitsPerSecond(fetched))), 1),
        ...Object.fromEntries(
          rungs.map((rung) => [`stalledPercentAt${rung / 1e6}Mbit`, stalledAt(own, rung)]),
        ),
      };
    }),
  );
}

/** Of the time from the first picture to the last, in percent. */
function stalledAt(plays: readonly Play[], bitsPerSecond: number): number {
  const shares = plays.map(({ fetched }) => {
    const { stallMs, playedMs } = playback(fetched, bitsPerSecond);
    return (stallMs / (stallMs + playedMs)) * 100;
  });
  return digits(median(shares), 1);
}

function notesOf(plays: readonly Play[]): readonly string[] {
  const late = Math.max(...plays.map(({ counted }) => counted.lateMs));
  const sum = (of: (counted: Counted) => number): number =>
    plays.reduce((total, { counted }) => total + of(counted), 0);
  const tardy = (sum(({ tardy }) => tardy) / sum(({ passed }) => passed)) * 100;
  const seen = plays
    .filter(({ loss }) => loss > 0)
    .map(({ counted, loss }) => counted.lost / (counted.lost + counted.passed) / loss);
  return [
    `stalls: ${wire.bitsPerSecond / 1e6} Mbit/s, ${wire.delayMs * 2} ms there and back, queue ${wire.queueBytes / 1000} kB, made in user space (a tunnel in two namespaces), as this kernel may have no netem; loss is random and independent, to the viewer alone`,
    `stalls: one connection, segments of ${segmentBytes / 1e6} MB one after the other for some seconds, a fresh browser each time; p99 of fewer than a hundred segments is the slowest; playback is reckoned from their times, with a buffer without limit`,
    `stalls: by the machine's fault ${digits(tardy, 2)} % of all packets came more than 2 ms late, the worst ${digits(late, 1)} ms${seen.length > 0 ? `; lost were ${digits(Math.min(...seen), 2)} to ${digits(Math.max(...seen), 2)} times what was ordered` : ""}`,
    "stalls: not modelled: bursts of loss, reordering, several streams at a time, a radio's changing rate, other traffic",
  ];
}
