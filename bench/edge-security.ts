// What an attacker costs an appliance, and the viewers beside him: the appliance on one CPU, attacker and viewer on the other. The
// viewer is the same before and during each attack, so that what is compared is of one run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { barRow, digits, type Row } from "./edge-figures.ts";
import { cpuSecondsOf, memoryOf, proveServed } from "./edge-load.ts";
import { type Place, segmentBytes, smallBytes } from "./edge-place.ts";
import type { OurServer } from "./edge-servers.ts";

const program = "bench/edge-attack.py";
const part = "security";

const seen = z.object({ asked: z.number(), answered: z.number(), p50Ms: z.number(), p99Ms: z.number() });
const cut = z.object({
  opened: z.number(),
  cut: z.number(),
  firstCutSeconds: z.number(),
  lastCutSeconds: z.number(),
});
const done = z.object({ done: z.number() });
const streamed = z.object({ streams: z.number(), connections: z.number() });

interface Running {
  /** When the client is where it wants to be. */
  readonly begun: Promise<void>;
  readonly told: Promise<unknown>;
}

/** Attackers are nicer than viewers: on their common CPU they must not be what a viewer waits for. */
function start(place: Place, order: Readonly<Record<string, unknown>>): Running {
  const isViewer = order.do === "view";
  const argv = ["-c", `${place.cpus.client}`, ...(isViewer ? [] : ["nice", "-n", "10"]), "python3", program];
  const child = spawn("taskset", [...argv, JSON.stringify(order)], { stdio: ["ignore", "pipe", "pipe"] });
  const abort = (): void => void child.kill("SIGKILL");
  place.signal.addEventListener("abort", abort, { once: true });
  let [said, complaint] = ["", ""];
  const first = Promise.withResolvers<void>();
  child.stdout.on("data", (chunk) => {
    said += chunk;
    if (said.includes("\n")) first.resolve();
  });
  child.stderr.on("data", (chunk) => {
    complaint = `${complaint}${chunk}`.slice(-1000);
  });
  const told = once(child, "close").then(([code]) => {
    place.signal.removeEventListener("abort", abort);
    if (code !== 0) throw new Error(`${order.do} ended with ${code}: ${complaint}`);
    return JSON.parse(said.trim().split("\n").at(-1) ?? "");
  });
  told.catch((error) => first.reject(error));
  first.promise.catch(() => undefined);
  return { begun: first.promise, told };
}

interface Rig {
  readonly place: Place;
  readonly server: OurServer;
  readonly quick: boolean;
}

type Seen = z.infer<typeof seen>;

async function view({ place, server }: Rig, seconds: number): Promise<Seen> {
  const path = server.path("small.m4s");
  const order = { do: "view", port: server.port, seconds, path, bodyBytes: smallBytes };
  return seen.parse(await start(place, order).told);
}

interface Attacked {
  readonly quiet: Seen;
  readonly during: Seen;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  readonly kernelBytes: number;
  readonly logBytes: number;
  /** By nginx's own count, the viewer's and those for the count among them. */
  readonly requests: number;
  readonly told: unknown;
}

/** A viewer alone, then the attack with the viewer beside it for `seconds`. */
async function attack(
  rig: Rig,
  order: Readonly<Record<string, unknown>>,
  seconds: number,
): Promise<Attacked> {
  const { place, server, quick } = rig;
  const quiet = await view(rig, quick ? 1 : 3);
  const pids = await server.pids();
  const asked = (await server.handle.stub()).requests;
  const before = [
    await cpuSecondsOf(pids),
    await memoryOf(pids),
    await kernelMemory(),
    await logSize(server),
  ];
  const { begun, told } = start(place, order);
  if (String(order.do).startsWith("slow")) await begun;
  const during = await view(rig, seconds);
  const after = [await cpuSecondsOf(pids), await memoryOf(pids), await kernelMemory()];
  const said = await told;
  // nginx writes its log every second.
  await new Promise((resolve) => setTimeout(resolve, 1200));
  const [cpu = 0, memory = 0, kernel = 0] = after.map((value, i) => value - (before[i] ?? 0));
  const logBytes = (await logSize(server)) - (before[3] ?? 0);
  const requests = (await server.handle.stub()).requests - asked;
  const grown = { cpuSeconds: cpu, memoryBytes: memory, kernelBytes: kernel, logBytes, requests };
  return { quiet, during, ...grown, told: said };
}

/** What the kernel holds for TCP on the whole machine. Source: proc(5), /proc/net/sockstat, in pages. */
async function kernelMemory(): Promise<number> {
  const text = await readFile("/proc/net/sockstat", "utf8");
  return Number(/^TCP: .* mem (\d+)$/m.exec(text)?.[1] ?? 0) * 4096;
}

async function logSize({ handle }: OurServer): Promise<number> {
  const sizes = await Promise.all([handle.accessLog, handle.errorLog].map((path) => stat(path)));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

function viewerRow(what: string, { quiet, during }: Attacked): Row {
  return {
    ...barRow(
      part,
      `${what}: share of a viewer's requests that are answered`,
      during.answered / during.asked,
      ["≥", 1],
    ),
    requests: during.asked,
    p99QuietMs: digits(quiet.p99Ms, 2),
    p99Ms: digits(during.p99Ms, 2),
    p50QuietMs: digits(quiet.p50Ms, 2),
    p50Ms: digits(during.p50Ms, 2),
  };
}

export async function securityRows(place: Place, server: OurServer, quick: boolean): Promise<readonly Row[]> {
  await proveServed(place, server, false);
  await proveServed(place, server, true);
  const rig = { place, server, quick };
  const rows = [
    ...(await slowHeaders(rig)),
    ...(await slowReaders(rig)),
    ...(await connectFlood(rig)),
    ...(await badTokens(rig)),
    ...(await streamFlood(rig)),
  ];
  return rows;
}

async function slowHeaders(rig: Rig): Promise<readonly Row[]> {
  const connections = rig.quick ? 500 : 2000;
  const order = { do: "slow-headers", port: rig.server.port, connections, seconds: 40, everySeconds: 0.5 };
  const seenHere = await attack(rig, order, rig.quick ? 2 : 8);
  const { cut: count, lastCutSeconds } = cut.parse(seenHere.told);
  const what = `${connections} clients that send a letter of their headers each 0.5 s`;
  return [
    viewerRow(what, seenHere),
    {
      ...barRow(part, "share of them that was cut", count / connections, ["≥", 1]),
      lastCutSeconds: digits(lastCutSeconds, 1),
    },
    {
      part,
      what: "KB of nginx's memory for each",
      figure: digits(seenHere.memoryBytes / connections / 1000, 2),
    },
  ];
}

async function slowReaders(rig: Rig): Promise<readonly Row[]> {
  const rows: Row[] = [];
  // Two hundred hold half a gigabyte of the kernel: all TCP of a machine shares what it has for that.
  const connections = rig.quick ? 100 : 200;
  for (const sip of [0, 4096]) {
    const path = rig.server.path("0.m4s");
    const seconds = rig.quick ? 5 : 45;
    const order = {
      do: "slow-readers",
      port: rig.server.port,
      connections,
      seconds,
      everySeconds: 1,
      path,
      sip,
    };
    const seenHere = await attack(rig, order, rig.quick ? 2 : 8);
    const { cut: count, lastCutSeconds } = cut.parse(seenHere.told);
    const what = `${connections} clients that ask for 2 MB and read ${sip === 0 ? "nothing" : "4 KiB a second"}`;
    rows.push(
      viewerRow(what, seenHere),
      ...(rig.quick ? [] : [await cutRow(count / connections, lastCutSeconds, sip)]),
      {
        part,
        what: "KB of nginx's memory for each",
        figure: digits(seenHere.memoryBytes / connections / 1000, 2),
      },
      {
        part,
        what: "KB of the kernel's TCP memory for each, both ends",
        figure: digits(seenHere.kernelBytes / connections / 1000, 1),
      },
    );
  }
  return rows;
}

/**
 * Who reads nothing is cut; whoever reads a little, as the kernel's settings have it. Where the kernel takes a whole answer
 * from nginx at once, there is no one for nginx to cut.
 */
async function cutRow(share: number, lastCutSeconds: number, sip: number): Promise<Row> {
  const lowat = await readFile("/proc/sys/net/ipv4/tcp_notsent_lowat", "utf8").catch(() => "");
  const isBounded = lowat !== "" && Number(lowat) < segmentBytes;
  const what = `share of them that was cut${isBounded ? "" : " (the kernel holds the whole answer: tcp_notsent_lowat is not set)"}`;
  const row =
    sip === 0 && isBounded ? barRow(part, what, share, ["≥", 1]) : { part, what, figure: digits(share, 3) };
  return { ...row, lastCutSeconds: digits(lastCutSeconds, 1) };
}

async function connectFlood(rig: Rig): Promise<readonly Row[]> {
  const seconds = rig.quick ? 2 : 6;
  const rows: Row[] = [];
  for (const tls of [false, true]) {
    const port = tls ? rig.server.tlsPort : rig.server.port;
    const seenHere = await attack(rig, { do: "connect", port, tls, seconds }, seconds);
    const { done: count } = done.parse(seenHere.told);
    const what = tls
      ? "connections a second that greet over TLS 1.3 and end"
      : "connections a second, opened and reset";
    rows.push(viewerRow(`${digits(count / seconds, 0)} ${what}`, seenHere), {
      ...{ part, what: "µs of nginx's CPU for each" },
      figure: digits((seenHere.cpuSeconds / count) * 1e6, 1),
    });
  }
  return rows;
}

/** A viewer's own requests are the reference for what a refusal costs. */
async function badTokens(rig: Rig): Promise<readonly Row[]> {
  const seconds = rig.quick ? 2 : 6;
  const good = rig.server.path("small.m4s");
  const bad = good.replace(/\/bench\//, "/forged/");
  const rows: Row[] = [];
  const costs: number[] = [];
  const kinds = [
    ["rightly signed requests of 1 KiB (reference)", good, 200],
    ["requests with a forged signature", bad, 403],
    ["requests with a forged signature and a query of 6 KB", `${bad}?${"x".repeat(6000)}`, 403],
  ] as const;
  for (const [what, path, status] of kinds) {
    const order = { do: "requests", port: rig.server.port, seconds, path, status };
    const seenHere = await attack(rig, order, seconds);
    const { done: count } = done.parse(seenHere.told);
    const cost = seenHere.cpuSeconds / count;
    costs.push(cost);
    rows.push(
      viewerRow(`${digits(count / seconds, 0)} ${what} a second`, seenHere),
      {
        part,
        what: "answers per CPU-second",
        figure: digits(1 / cost, 0),
        microsecondsEach: digits(cost * 1e6, 1),
      },
      { part, what: "bytes of log for each", figure: digits(seenHere.logBytes / count, 0) },
    );
  }
  const [reference = Number.NaN, forged = Number.NaN] = costs;
  return [
    ...rows,
    {
      part,
      what: "CPU of a forged request ÷ of a served one of 1 KiB",
      figure: digits(forged / reference, 2),
    },
  ];
}

async function streamFlood(rig: Rig): Promise<readonly Row[]> {
  const seconds = rig.quick ? 2 : 6;
  const rows: Row[] = [];
  for (const reset of [true, false]) {
    const path = rig.server.path("small.m4s");
    const seenHere = await attack(
      rig,
      { do: "streams", port: rig.server.tlsPort, seconds, path, reset },
      seconds,
    );
    const { streams, connections } = streamed.parse(seenHere.told);
    const taken = seenHere.requests - seenHere.during.asked;
    const how = reset ? "opened and reset at once" : "opened, a hundred at a time";
    rows.push(
      viewerRow(`${digits(streams / seconds, 0)} streams of HTTP/2 a second, ${how}`, seenHere),
      {
        part,
        what: "streams that nginx took of one connection",
        figure: digits(taken / connections, 0),
        connections,
      },
      {
        part,
        what: "µs of nginx's CPU for each that it took",
        figure: digits((seenHere.cpuSeconds / taken) * 1e6, 1),
      },
      { part, what: "MB of nginx's memory more", figure: digits(seenHere.memoryBytes / 1e6, 1) },
    );
  }
  return rows;
}
