// What an appliance costs per byte beside a hand-tuned nginx, the limit, and Node's file serving. Each bar says whether it holds.
// Everything is served from memory over loopback, so that the server's processor is what is measured.
import { defaultsOf } from "#config/setting.ts";
import { programSettings } from "#io/settings.ts";
import { findNginx } from "#io/tools.ts";
import { type BenchResult, median } from "./bench.ts";
import { denyRows } from "./edge-deny.ts";
import { faultsTable } from "./edge-faults.ts";
import {
  barRow,
  costOf,
  costRow,
  digits,
  extraMicroseconds,
  type Row,
  roundsRow,
  type Sample,
  turned,
  worthsOf,
} from "./edge-figures.ts";
import { hasSchedstat, type Load, measure, memoryPerConnection, proveServed } from "./edge-load.ts";
import { closePlace, openPlace, type Place, segmentBytes } from "./edge-place.ts";
import { protocolRows } from "./edge-protocols.ts";
import { reloadUnderLoad } from "./edge-reload.ts";
import { securityRows } from "./edge-security.ts";
import {
  isThere,
  type NginxTools,
  type Server,
  startHandTuned,
  startLimit,
  startNode,
  startOurs,
  startUnchecked,
} from "./edge-servers.ts";

/** All but the last, which has needs of its own, are measured unless parts are named. */
export const parts = [
  "plain",
  "tls",
  "token",
  "connections",
  "reload",
  "security",
  "deny",
  "faults",
  "protocols",
] as const;

interface Rig {
  readonly place: Place;
  readonly tools: NginxTools;
  readonly quick: boolean;
  /** Ends what was begun, last begun first. */
  readonly endings: (() => Promise<void>)[];
}

interface Subject {
  readonly name: string;
  readonly server: Server;
  readonly load: Load;
}

export async function bench(quick: boolean, wanted: readonly string[]): Promise<BenchResult> {
  const stopping = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => stopping.abort(new Error(`stopped by ${name}`)));
  }
  const tools = await demandTools(stopping.signal);
  const place = await openPlace(stopping.signal);
  const rig: Rig = { place, tools, quick, endings: [] };
  const does = (part: string): boolean => wanted.length === 0 || wanted.includes(part);
  try {
    const protocols = wanted.includes("protocols") ? await protocolRows(place, tools, quick) : undefined;
    const rows = [
      ...(does("plain") || does("tls") || does("token") ? await costRows(rig, does) : []),
      ...(does("connections") ? await connectionRows(rig) : []),
      ...(does("reload") ? await reloadRows(rig) : []),
      ...(does("security") ? await attackRows(rig) : []),
      ...(does("deny") ? await denyRows(place.signal, quick) : []),
      ...(does("faults") ? await faultsTable(place.signal) : []),
      ...(protocols?.rows ?? []),
    ];
    const claim =
      "CPU-seconds of all processes of a server per GB served: our appliance with signed paths, log and headers, beside others";
    return { claim, rows, notes: [...(await notes(rig)), ...(protocols?.notes ?? [])] };
  } finally {
    await endAllOf(rig).finally(() => closePlace(place));
  }
}

async function demandTools(signal: AbortSignal): Promise<NginxTools> {
  const tools = await findNginx(defaultsOf(programSettings), signal);
  const programs = ["openssl", "python3", "taskset"];
  const found = await Promise.all(programs.map((name) => isThere(name, signal)));
  const lacking = programs.filter((_, i) => found[i] !== true);
  const missing = [...(tools.nginx === undefined ? ["nginx"] : []), ...lacking];
  if (process.platform !== "linux") missing.push("Linux, whose /proc says what a process used");
  if (missing.length > 0) throw new Error(`this benchmark needs what is not here: ${missing.join(", ")}`);
  return tools;
}

async function notes({ place, quick, tools }: Rig): Promise<readonly string[]> {
  const { count, server, client } = place.cpus;
  const where =
    server === client
      ? `${count} CPU, shared by server and client: only CPU time per GB means anything, and caches are shared`
      : `${count} CPUs: server on CPU ${server}, client on CPU ${client}`;
  return [
    where,
    `segments of ${segmentBytes / 1e6} MB in memory, loopback, 4 connections, one nginx worker; the client discards in the kernel (MSG_TRUNC), over TLS without decrypting`,
    "ratios are medians of ratios within a round; the order turns from round to round; hand-tuned: no log, no checks, no headers",
    ...(tools.nginxSetMisc === undefined ? ["no set_misc module: signatures are the MD5 envelope"] : []),
    ...((await hasSchedstat()) ? [] : ["the kernel counts CPU time in ticks of 10 ms here"]),
    ...((await isThere("gcc", place.signal)) ? [] : ["no gcc: the sendfile loop was not measured"]),
    ...(quick ? ["quick: 2 rounds, 1,000 connections, 4 reloads: says that it runs, proves nothing"] : []),
  ];
}

async function kept<T extends { stop(): Promise<void> }>(rig: Rig, starting: Promise<T>): Promise<T> {
  const server = await starting;
  rig.endings.unshift(() => server.stop());
  return server;
}

async function endAllOf(rig: Rig): Promise<void> {
  for (const end of rig.endings.splice(0)) await end();
}

/** All servers are up all the time; one at a time is asked. */
async function costRows(rig: Rig, does: (part: string) => boolean): Promise<readonly Row[]> {
  const subjects = await openSubjects(rig, does);
  const samples = new Map<string, Sample[]>(subjects.map(({ name }) => [name, []]));
  for (const { server, load } of subjects)
    if (load.size === "segment") await proveServed(rig.place, server, load.tls);
  // The first round warms caches, and does not count.
  const rounds = rig.quick ? 2 : 9;
  for (let round = -1; round < rounds; round++) {
    for (const { name, server, load } of turned(subjects, Math.max(0, round))) {
      const sample = await measure(rig.place, server, load);
      if (round >= 0) samples.get(name)?.push(sample);
    }
  }
  await endAllOf(rig);
  const of = (name: string): readonly Sample[] => samples.get(name) ?? [];
  return [
    ...(does("plain") ? plainRows(of) : []),
    ...(does("tls") ? tlsRows(of) : []),
    ...(does("token") ? tokenRows(of) : []),
  ];
}

async function openSubjects(rig: Rig, does: (part: string) => boolean): Promise<readonly Subject[]> {
  const { place, tools } = rig;
  const [ours, hand] = [
    await kept(rig, startOurs(place, tools)),
    await kept(rig, startHandTuned(place, tools, true)),
  ];
  const plain: Load = { tls: false, requests: 500, size: "segment" };
  const sealed: Load = { tls: true, requests: 200, size: "segment" };
  const small: Load = { tls: false, requests: 20_000, size: "small" };
  const subjects: Subject[] = [];
  if (does("plain") || does("token")) subjects.push({ name: "ours", server: ours, load: plain });
  if (does("plain")) {
    const unthreaded = await kept(rig, startHandTuned(place, tools, false));
    const oursUnthreaded = await kept(rig, startOurs(place, tools, { name: "ours-unthreaded", threads: 0 }));
    subjects.push(
      { name: "hand", server: hand, load: plain },
      { name: "unthreaded", server: unthreaded, load: plain },
      { name: "oursUnthreaded", server: oursUnthreaded, load: plain },
    );
    const node = await kept(rig, startNode(place));
    subjects.push({ name: "node", server: node, load: { ...plain, requests: 200 } });
    const limit = await startLimit(place);
    if (limit !== undefined) {
      rig.endings.unshift(() => limit.stop());
      subjects.push({ name: "limit", server: limit, load: plain });
    }
  }
  if (does("tls")) {
    subjects.push(
      { name: "oursTls", server: ours, load: sealed },
      { name: "handTls", server: hand, load: sealed },
    );
  }
  if (does("token")) {
    const bare = await kept(rig, startUnchecked(place, tools));
    subjects.push({ name: "bare", server: bare, load: plain });
    subjects.push(
      { name: "oursSmall", server: ours, load: small },
      { name: "bareSmall", server: bare, load: small },
    );
  }
  return subjects;
}

type Samples = (name: string) => readonly Sample[];

function plainRows(of: Samples): readonly Row[] {
  const [ours, hand] = [of("ours"), of("hand")];
  const [bareOurs, bareHand] = [of("oursUnthreaded"), of("unthreaded")];
  const [node, limit] = [of("node"), of("limit")];
  const rows = [
    costRow("plain", "hand-tuned nginx, unsigned paths (reference)", hand),
    costRow("plain", "the same without threads for the disk", bareHand),
    costRow("plain", "ours: generated nginx, signed paths, log", ours),
    costRow("plain", "ours without threads for the disk", bareOurs),
    costRow("plain", "Node: http and createReadStream, 64 KiB", node),
    roundsRow("plain", "GB per CPU-second, ours ÷ hand-tuned nginx", worthsOf(ours, hand), ["≥", 0.97]),
    roundsRow(
      "plain",
      "GB per CPU-second, ours ÷ hand-tuned nginx, both without threads",
      worthsOf(bareOurs, bareHand),
      ["≥", 0.97],
    ),
    roundsRow(
      "plain",
      "GB per CPU-second, ours with threads ÷ hand-tuned nginx without",
      worthsOf(ours, bareHand),
      ["≥", 0.97],
    ),
    roundsRow("plain", "GB per CPU-second, ours ÷ Node's own file serving", worthsOf(ours, node), ["≥", 3]),
  ];
  if (limit.length === 0) return rows;
  const figure = digits(median(worthsOf(ours, limit)), 3);
  return [
    costRow("plain", "the limit: a loop around sendfile, in C", limit),
    ...rows,
    { part: "plain", what: "GB per CPU-second, ours ÷ the loop around sendfile", figure },
  ];
}

function tlsRows(of: Samples): readonly Row[] {
  const [ours, hand] = [of("oursTls"), of("handTls")];
  return [
    costRow("tls", "hand-tuned nginx, TLS 1.3, AES-128-GCM (reference)", hand),
    costRow("tls", "ours, TLS 1.3, AES-128-GCM, signed paths, log", ours),
    roundsRow("tls", "GB per CPU-second, ours ÷ hand-tuned nginx, both TLS", worthsOf(ours, hand), [
      "≥",
      0.97,
    ]),
  ];
}

/** On segments the check drowns in noise; so it is also measured where it does not, and set against a segment's cost. */
function tokenRows(of: Samples): readonly Row[] {
  const [ours, bare] = [of("ours"), of("bare")];
  const direct = worthsOf(ours, bare).map((worth) => (1 / worth - 1) * 100);
  const check = extraMicroseconds(of("oursSmall"), of("bareSmall"));
  const segment = median(bare.map(costOf)) * (segmentBytes / 1e9) * 1e6;
  return [
    costRow("token", "ours, signature checked", ours),
    costRow("token", "ours, the check taken out (reference)", bare),
    roundsRow("token", "percent more CPU per segment with the check, directly", direct, ["≤", 3]),
    { part: "token", what: "µs per check, from answers of 1 KiB with and without", figure: digits(check, 2) },
    barRow("token", "percent that such a check is of one segment", (check / segment) * 100, ["≤", 3]),
  ];
}

async function connectionRows(rig: Rig): Promise<readonly Row[]> {
  const server = await kept(rig, startOurs(rig.place, rig.tools));
  const count = rig.quick ? 1000 : 5000;
  const active = async (): Promise<number> => (await server.handle.stub()).connections;
  const rows: Row[] = [];
  for (const tls of [false, true]) {
    await proveServed(rig.place, server, tls);
    const { bytesPerConnection, held } = await memoryPerConnection(server, { tls, count, active });
    const what = `ours, ${tls ? "TLS 1.3" : "plain"}: memory of nginx per idle kept-alive connection, in KB`;
    rows.push({ part: "connections", what, figure: digits(bytesPerConnection / 1000, 2), connections: held });
  }
  await endAllOf(rig);
  return rows;
}

async function attackRows(rig: Rig): Promise<readonly Row[]> {
  const server = await kept(rig, startOurs(rig.place, rig.tools, { name: "security" }));
  const rows = await securityRows(rig.place, server, rig.quick);
  await endAllOf(rig);
  return rows;
}

async function reloadRows(rig: Rig): Promise<readonly Row[]> {
  const { place, tools, quick } = rig;
  const server = await kept(rig, startOurs(place, tools, { name: "reload", workers: 2 }));
  const times = quick ? { reloads: 4, rotations: 1 } : { reloads: 20, rotations: 3 };
  const seen = await reloadUnderLoad(place, tools, server, times);
  await endAllOf(rig);
  const what = `failed requests over ${times.reloads} reloads and ${times.rotations} key rotations under load`;
  const { failures, requests, sentAgain } = seen;
  return [
    { ...barRow("reload", what, failures.length, ["≤", 0]), requests, sentAgain, reloads: seen.reloads },
    ...[...new Set(failures)].slice(0, 5).map((because) => ({ part: "reload", what: `failed: ${because}` })),
  ];
}
