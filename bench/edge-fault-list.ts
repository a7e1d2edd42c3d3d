// Each fault: how it is made, what is expected, and what is seen. The figures are of one run.
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { drippingPeer, silentPeer } from "#test/journeys/edge-peers.ts";
import { liar, type Scope, startAgent, until } from "#test/journeys/edge-rig.ts";
import { held, origin, peer, pidsOf, plan } from "#test/journeys/edge-site.ts";
import { type Appliance, failures, fileBytes, openAppliance, statusOf, stopwatch } from "./edge-fault-rig.ts";

export interface Seen {
  readonly seen: string;
  readonly holds: boolean;
}

export interface FaultRow {
  readonly fault: string;
  readonly expected: string;
  /** It is made with a library that is preloaded, which gcc compiles. */
  readonly needsGcc?: true;
  readonly look: (t: Scope) => Promise<Seen>;
}

const backMs = 2000;
const restless = { MILLRACE_EDGE_SCRUB_DAYS: "0" };
const stallMs = 500;

export const faultRows: readonly FaultRow[] = [
  { fault: "kill -9 of the agent", expected: "nginx serves on, the next agent adopts it", look: killAgent },
  {
    fault: "kill -9 of nginx, master and workers",
    expected: "serves again in less than 2 s",
    look: (t) => killNginx(t, ["master", "worker"]),
  },
  {
    fault: "kill -9 of nginx's master alone",
    expected: "serves again in less than 2 s, no orphan",
    look: (t) => killNginx(t, ["master"]),
  },
  { fault: "SIGSTOP of a worker", expected: "told to go on, nobody cut off", look: (t) => stop(t, "worker") },
  {
    fault: "SIGSTOP of the master",
    expected: "told to go on, nobody cut off",
    look: (t) => stop(t, "master"),
  },
  {
    fault: "a worker spins when a reload sends it away",
    expected: "killed after the grace (here 2 s), the reload is through",
    needsGcc: true,
    look: spin,
  },
  {
    fault: "disk full during the fill (ENOSPC)",
    expected: "named, the fill pauses, serving goes on, it resumes",
    needsGcc: true,
    look: fillDisk,
  },
  {
    fault: "EIO while the agent reads a held file",
    expected: "that file is rot: withdrawn, fetched again",
    needsGcc: true,
    look: (t) => failReads(t, restless),
  },
  {
    fault: "EIO while nginx reads a held file for a viewer",
    expected: "that viewer is cut off; read at once, withdrawn, fetched again",
    needsGcc: true,
    look: (t) => failReads(t, {}),
  },
  {
    fault: "a file cut and one flipped while no agent runs",
    expected: "found at the start, set aside, fetched again",
    look: damageBefore,
  },
  {
    fault: "a file flipped in service",
    expected: "found by reading again, withdrawn, fetched again",
    look: damageInService,
  },
  {
    fault: "a peer that is silent",
    expected: "given up after the stall time, the next is asked",
    look: (t) => fillFrom(t, () => silentPeer(t)),
  },
  {
    fault: "a peer that drips, 20 bytes a second",
    expected: "given up like a silent one",
    look: (t) => fillFrom(t, (store) => drippingPeer(t, store)),
  },
  {
    fault: "a peer that lies",
    expected: "rejected, counted, the next is asked",
    look: (t) => fillFrom(t, () => liar(t, fileBytes)),
  },
  {
    fault: "control takes reports and is silent, for 20 s",
    expected: "last good state, the first answer after is taken",
    look: silentControl,
  },
  {
    fault: "clock an hour ahead, then half an hour back",
    expected: "same agent and nginx; fill, reports and serving go on",
    needsGcc: true,
    look: jump,
  },
];

async function killAgent(t: Scope): Promise<Seen> {
  const box = await openAppliance(t);
  const { dir, listen, control, environment, viewers } = box;
  const before = await box.master();
  viewers.restart();
  box.agent.child.kill("SIGKILL");
  await box.agent.ended();
  await sleep(1000);
  const took = stopwatch();
  startAgent(t, { dir, listen, control: control.url }, environment);
  await control.report("all", (report) => report.verified.length === 1);
  const ms = took();
  const isSame = (await box.master()) === before;
  const seen = `${failures(box)}; adopted by the next agent, which advertised everything ${ms} ms after its start`;
  return { seen, holds: isSame && viewers.failed().length === 0 };
}

async function killNginx(t: Scope, kinds: readonly ("master" | "worker")[]): Promise<Seen> {
  const box = await openAppliance(t);
  const { dir, listen, viewers } = box;
  const old = [...(await pidsOf(dir, "master")), ...(await pidsOf(dir, "worker"))];
  viewers.restart();
  const took = stopwatch();
  for (const kind of kinds) for (const pid of await pidsOf(dir, kind)) process.kill(pid, "SIGKILL");
  await until("another master", async () => !old.includes(await box.master()) && (await box.master()) > 0);
  await until("it serves", async () => (await statusOf(listen, "t1")) === 200);
  const ms = took();
  const now = await pidsOf(dir, "worker");
  const orphans = now.filter((pid) => old.includes(pid)).length;
  await sleep(500);
  const seen = `serves again after ${ms} ms; ${failures(box)}; longest time without a whole answer ${Math.round(viewers.longestGapMs())} ms; ${orphans} orphans`;
  return { seen, holds: ms < backMs && orphans === 0 };
}

async function stop(t: Scope, kind: "master" | "worker"): Promise<Seen> {
  const box = await openAppliance(t);
  const [pid = 0] = await pidsOf(box.dir, kind);
  box.viewers.restart();
  const took = stopwatch();
  process.kill(pid, "SIGSTOP");
  await until("it goes on", () => new RegExp(`"kind":"woken","pid":${pid}\\b`).test(box.agent.stderr()));
  const ms = took();
  await sleep(500);
  const isSame = (await pidsOf(box.dir, kind)).includes(pid);
  const gap = Math.round(box.viewers.longestGapMs());
  const seen = `goes on after ${ms} ms, same process; ${failures(box)}; longest time without a whole answer ${gap} ms`;
  return { seen, holds: isSame && box.viewers.failed().length === 0 };
}

async function spin(t: Scope): Promise<Seen> {
  const box = await openAppliance(t, { shim: true, environment: { MILLRACE_EDGE_STUCK_MS: "2000" } });
  const { dir, control, held: bundle, originUrl } = box;
  const [worker = 0] = await pidsOf(dir, "worker");
  box.viewers.restart();
  box.shim?.spin(worker);
  await sleep(500);
  const took = stopwatch();
  control.desired = { ...plan(2, [bundle], origin(originUrl)), denied: [denial()] };
  await control.report(
    "the reload is through",
    (report) => report.desiredEpoch === 2 && report.trouble === "",
  );
  const ms = took();
  const because = /"kind":"stuck-killed".*?"because":"([^"]*)"/.exec(box.agent.stderr())?.[1] ?? "";
  const isGone = !(await pidsOf(dir, "worker")).includes(worker);
  return {
    seen: `through after ${ms} ms; told: ${because}; ${failures(box)}, those that the worker held`,
    holds: isGone && because !== "",
  };
}

const denial = () => ({ kind: "session" as const, id: "nobody", untilMs: Date.now() + 3_600_000 });

async function fillDisk(t: Scope): Promise<Seen> {
  const box = await openAppliance(t, { shim: true });
  const { control, held: bundle, originUrl, viewers, shim } = box;
  viewers.restart();
  shim?.fillDisk("/incoming/");
  const took = stopwatch();
  control.desired = plan(2, [bundle, box.publish("t2", 4)], origin(originUrl));
  const { fill } = await control.report("the full disk", (report) =>
    /the disk is full/.test(report.fill.lastProblem),
  );
  const told = took();
  await sleep(1000);
  const room = stopwatch();
  shim?.mend();
  await control.report("all", (report) => report.verified.length === 2);
  const seen = `told after ${told} ms: “${fill.lastProblem.slice(0, 60)}”; ${failures(box)}; filled ${room()} ms after there was room`;
  return { seen, holds: viewers.failed().length === 0 };
}

/** Somebody asks for that file, too. */
async function failReads(t: Scope, environment: Record<string, string>): Promise<Seen> {
  const box = await openAppliance(t, { shim: true, environment });
  const { control, dir, listen, held: bundle } = box;
  const { bootId = "" } = control.last() ?? {};
  const took = stopwatch();
  box.viewers.restart();
  box.shim?.failReads("/v/t1/v360/3.m4s");
  const first = await statusOf(listen, "t1", 3);
  await control.report("the rot", (report) => (report.scrub?.rotten ?? 0) > 0);
  const found = took();
  box.shim?.mend();
  const after = await control.report("all again", (report) => report.verified.length === 1);
  const isRight = held(dir, "t1", "v360/3.m4s") === bundle.files[3]?.sha256 && after.bootId === bootId;
  const asked = `who asked for it ${first === 0 ? "was cut off" : `got ${first}`}`;
  const seen = `withdrawn after ${found} ms, whole again after ${took()} ms, same agent; ${asked}; of another file ${failures(box)}`;
  return { seen, holds: isRight && box.viewers.failed().length === 0 };
}

function flip(path: string): void {
  const content = readFileSync(path);
  content[777] = (content[777] ?? 0) ^ 1;
  writeFileSync(path, content);
}

async function damageBefore(t: Scope): Promise<Seen> {
  const box = await openAppliance(t);
  const { control, dir, listen } = box;
  await box.viewers.stop();
  box.agent.child.kill("SIGTERM");
  await box.agent.ended();
  truncateSync(join(dir, "v/t1/v360/1.m4s"), 1000);
  flip(join(dir, "v/t1/v360/2.m4s"));
  const from = control.reports.length;
  const took = stopwatch();
  startAgent(t, { dir, listen, control: control.url }, box.environment);
  await control.report("all again", (report) => report.verified.length === 1);
  const early = control.reports.slice(from).filter(({ verified }) => verified.length > 0).length - 1;
  const { fill } = control.last() ?? {};
  const seen = `whole again ${took()} ms after the start; ${readdirSync(join(dir, "quarantine")).length} set aside, ${(fill?.bytesFromOrigin ?? 0) / fileBytes} fetched; advertised before: ${early} times`;
  return { seen, holds: areRight(box) && early === 0 };
}

function areRight({ dir, held: bundle }: Appliance): boolean {
  return bundle.files.every(
    ({ path, sha256 }) => existsSync(join(dir, "v/t1", path)) && held(dir, "t1", path) === sha256,
  );
}

async function damageInService(t: Scope): Promise<Seen> {
  const box = await openAppliance(t, { environment: restless });
  const { control, dir } = box;
  box.viewers.restart();
  const took = stopwatch();
  flip(join(dir, "v/t1/v360/2.m4s"));
  await control.report("the rot", (report) => report.scrub?.rotten === 1);
  const found = took();
  await control.report("all again", (report) => report.verified.length === 1);
  const seen = `withdrawn after ${found} ms, whole again after ${took()} ms (the reader here never rests); of another file ${failures(box)}`;
  return { seen, holds: areRight(box) && box.viewers.failed().length === 0 };
}

async function fillFrom(t: Scope, badPeer: (store: string) => Promise<string>): Promise<Seen> {
  const box = await openAppliance(t, { environment: { MILLRACE_EDGE_FILL_STALL_MS: `${stallMs}` } });
  const { control, dir, held: bundle, originUrl } = box;
  const url = await badPeer(join(box.folder, "store"));
  const other = box.publish("t2", 2);
  box.viewers.restart();
  const took = stopwatch();
  control.desired = plan(2, [bundle, other], peer(url), origin(originUrl));
  const { fill } = await control.report("all", (report) => report.verified.length === 2);
  const isRight = other.files.every(({ path, sha256 }) => held(dir, "t2", path) === sha256);
  const seen = `filled after ${took()} ms (stall time ${stallMs} ms); ${fill.bytesFromPeers} bytes from the peer, ${fill.rejected} rejected; ${failures(box)}`;
  return { seen, holds: isRight && box.viewers.failed().length === 0 };
}

async function silentControl(t: Scope): Promise<Seen> {
  const box = await openAppliance(t);
  const { control, held: bundle, originUrl } = box;
  box.viewers.restart();
  control.isMute = true;
  control.desired = plan(2, [bundle, box.publish("t2", 1)], origin(originUrl));
  await sleep(20_000);
  const lines = box.agent.stderr().match(/serving goes on/g)?.length ?? 0;
  const served = failures(box);
  const took = stopwatch();
  control.isMute = false;
  await control.report(
    "what was missed",
    (report) => report.desiredEpoch === 2 && report.verified.length === 2,
  );
  const seen = `${served}; ${lines} line of log; taken and filled ${took()} ms after control was back`;
  return { seen, holds: box.viewers.failed().length === 0 };
}

async function jump(t: Scope): Promise<Seen> {
  const box = await openAppliance(t, { shim: true });
  const { control, listen, originUrl, held: bundle } = box;
  const { bootId = "" } = control.last() ?? {};
  const master = await box.master();
  box.viewers.restart();
  const bundles = [bundle];
  const took: number[] = [];
  const refused: boolean[] = [];
  for (const [i, seconds] of [3600, -1800].entries()) {
    box.shim?.setClock(seconds);
    bundles.push(box.publish(`t${i + 2}`, 1));
    const watch = stopwatch();
    control.desired = plan(i + 2, bundles, origin(originUrl));
    await control.report("the next", (report) => report.verified.length === i + 2);
    took.push(watch());
    // A path for half an hour is over an hour later, and is not half an hour before.
    refused.push((await statusOf(listen, "t1", 0, 1800)) === (seconds > 0 ? 403 : 200));
  }
  const isSame = control.last()?.bootId === bootId && (await box.master()) === master;
  const seen = `filled on after ${took.join(" and ")} ms, same agent and nginx; ${failures(box)}; paths expire by the clock that jumped`;
  return { seen, holds: isSame && refused.every(Boolean) && box.viewers.failed().length === 0 };
}
