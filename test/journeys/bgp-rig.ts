// What the BGP journeys stand on: a listener on loopback that folds its own events, and a BIRD with a folder of its own.
// Every speaker has an address of its own in 127.0.0.0/8, since a neighbour is known by its address.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import type { z } from "zod";
import type { PeerStatus } from "#bgp/io/peer.ts";
import { openSpeaker, type Speaker } from "#bgp/io/speaker.ts";
import { type PeerPlan, planPeers } from "#bgp/peer-plan.ts";
import { type BgpSettings, bgpSettings } from "#bgp/settings.ts";
import { defaultsOf } from "#config/setting.ts";
import { systemClock } from "#io/clock.ts";
import type { Route, RouteEvent } from "#model/network.ts";
import { siteId } from "#units/id.ts";
import { bgpFile, type bgpPeer } from "#wire/bgp.ts";

const birdPlaces = ["/usr/sbin/bird", "/usr/local/sbin/bird"];
export const birdProgram: string | undefined = birdPlaces.find((path) => existsSync(path));
export const missingBird: string | false =
  birdProgram === undefined ? "bird is not installed (bird2)" : false;

export const localAs = 64_999;
export const listenHost = "127.0.0.1";

/** A line of what was heard: "203.0.113.0/24 via 64500 1, med 5". */
export function routeLine(route: Route): string {
  return `${route.prefix} via ${route.asPath.join(" ")}${route.med === 0 ? "" : `, med ${route.med}`}`;
}

export interface Listener {
  readonly speaker: Speaker;
  /** One line per route of the site, sorted. */
  routes(site: string): readonly string[];
  /** The same, from the events alone. */
  folded(site: string): readonly string[];
  /** Every event since the last call, as lines; a withdrawal begins with "-". */
  news(): readonly string[];
  status(address: string): PeerStatus;
  /** The log so far. */
  readonly notes: readonly string[];
  /** Waits until a neighbour has said all of a family. */
  whole(address: string, ...families: readonly (4 | 6)[]): Promise<void>;
}

/** A listener with these neighbours, as a file would name them. */
export async function openListener(
  t: TestContext,
  peers: readonly z.input<typeof bgpPeer>[],
  settings: Partial<BgpSettings> = {},
): Promise<Listener> {
  const notes: string[] = [];
  const speaker = await openSpeaker({
    ...order(plansOf(peers, settings), notes),
    onEvents: (batch) => {
      events.push(...batch);
      for (const event of batch) fold(table, event);
    },
  });
  const events: RouteEvent[] = [];
  const table = new Map<string, Route>();
  t.after(() => speaker.close("the test is over"));
  const status = (address: string): PeerStatus =>
    speaker.peers().find((peer) => peer.address === address) ?? assert.fail(`no neighbour ${address}`);
  return {
    speaker,
    routes: (site) => {
      const lines: string[] = [];
      speaker.routes(siteId(site), (route) => lines.push(routeLine(route)));
      return lines.sort();
    },
    folded: (site) =>
      [...table.values()]
        .filter((route) => route.siteId === site)
        .map(routeLine)
        .sort(),
    news: () =>
      events
        .splice(0)
        .map((event) => (event.kind === "announce" ? routeLine(event.route) : `-${event.prefix}`)),
    status,
    notes,
    whole: (address, ...families) =>
      until(`all of ${address}`, () => families.every((family) => status(address).complete.includes(family))),
  };
}

function fold(table: Map<string, Route>, event: RouteEvent): void {
  if (event.kind === "announce") table.set(`${event.route.siteId} ${event.route.prefix}`, event.route);
  else table.delete(`${event.siteId} ${event.prefix}`);
}

export function plansOf(
  peers: readonly z.input<typeof bgpPeer>[],
  settings: Partial<BgpSettings> = {},
): readonly PeerPlan[] {
  const file = bgpFile.parse({ localAs, routerId: "10.9.9.9", allowPrivate: true, peers: [...peers] });
  const reading = planPeers(file, { ...defaultsOf(bgpSettings), ...settings }, () => 0.9);
  if (reading.kind === "refused") assert.fail(reading.complaints.join("; "));
  return reading.peers;
}

function order(peers: readonly PeerPlan[], notes: string[]): Parameters<typeof openSpeaker>[0] {
  return {
    peers,
    listen: { host: listenHost, port: 0 },
    log: pino({ level: "info" }, { write: (line) => notes.push(line) }),
    clock: systemClock,
    chance: () => 0.5,
  };
}

const patienceMs = 30_000;

/** Waits for what comes soon: loopback and small tables. `seen`: what was there instead, for when it does not. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seen: () => string = () => "",
): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > end) assert.fail(`${what}: did not come in ${patienceMs} ms; ${seen()}`);
    await sleep(10);
  }
}

/** A free port at an address. */
export async function freePort(host: string): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, host, resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

export interface BirdOrder {
  readonly address: string;
  /** Its own port: not 179, which only root may take. */
  readonly port: number;
  readonly as: number;
  /** Lines of `protocol static` by family: "203.0.113.0/24", with attributes in braces if any. */
  readonly v4: readonly string[];
  readonly v6?: readonly string[];
  /** Where the listener is. */
  readonly peerPort: number;
  /** Lines inside `protocol bgp`, and inside its channels. */
  readonly session?: string;
  readonly channel?: string;
  /** More protocols. */
  readonly extra?: string;
}

export interface Bird {
  readonly folder: string;
  readonly port: number;
  /** Asks birdc; what is in quotes is one word. */
  ask(command: string): string;
  /** What BIRD wrote so far. */
  log(): string;
  /** New routes, taken up without touching the session. */
  reconfigure(change: Partial<BirdOrder>): void;
  /** As a crash would: no word to anybody. */
  kill(): Promise<void>;
  start(change?: Partial<BirdOrder>): Promise<void>;
}

/** A BIRD with configuration, socket and log in a folder of its own, gone with the test. */
export async function startBird(t: TestContext, given: BirdOrder): Promise<Bird> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-bird-"));
  const [config, socket] = [join(folder, "bird.conf"), join(folder, "bird.ctl")];
  let orders = given;
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    const gone = child;
    child = undefined;
    if (gone === undefined || gone.exitCode !== null) return;
    const ended = new Promise((resolve) => gone.once("exit", resolve));
    gone.kill("SIGKILL");
    await ended;
  };
  const ask = (command: string): string =>
    execFileSync(birdcOf(birdProgram ?? ""), ["-s", socket, ...(command.match(/"[^"]*"|\S+/g) ?? [])], {
      encoding: "utf8",
    });
  const start = async (change: Partial<BirdOrder> = {}): Promise<void> => {
    orders = { ...orders, ...change };
    writeFileSync(config, birdConfig(orders, folder));
    rmSync(socket, { force: true });
    child = spawn(birdProgram ?? "", ["-f", "-c", config, "-s", socket, "-P", join(folder, "bird.pid")], {
      stdio: "ignore",
    });
    const argv = ["-s", socket, "show", "status"];
    await until("bird's answer", () => spawnSync(birdcOf(birdProgram ?? ""), argv).status === 0);
  };
  t.after(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  await start();
  const reconfigure = (change: Partial<BirdOrder>): void => {
    orders = { ...orders, ...change };
    writeFileSync(config, birdConfig(orders, folder));
    assert.match(ask("configure"), /Reconfigured|Reconfiguration in progress/);
  };
  const logFile = join(folder, "bird.log");
  const log = (): string => (existsSync(logFile) ? readFileSync(logFile, "utf8") : "");
  return { folder, port: given.port, ask, log, reconfigure, kill, start };
}

function birdcOf(program: string): string {
  return `${program}c`;
}

/** BIRD's configuration: static routes, exported over one session. */
export function birdConfig(orders: BirdOrder, folder: string): string {
  const { address, as, port, peerPort, v4, v6 = [], session = "", channel = "", extra = "" } = orders;
  const routes = (prefixes: readonly string[]): string =>
    prefixes.map((prefix) => `  route ${routeOf(prefix)};`).join("\n");
  return `
log "${folder}/bird.log" all;
router id ${address};
protocol device { scan time 60; }
protocol static fours { ipv4;
${routes(v4)}
}
protocol static sixes { ipv6;
${routes(v6)}
}
protocol bgp listener {
  local ${address} port ${port} as ${as};
  neighbor ${listenHost} port ${peerPort} as ${localAs};
  multihop 2;
  strict bind yes;
  connect delay time 0; connect retry time 1; error wait time 1, 2;
  ${session}
  ipv4 { import none; export all; next hop self; ${channel} };
  ipv6 { import none; export all; next hop address 2001:db8::1; ${channel} };
}
${extra}
`;
}

/** "203.0.113.0/24 { bgp_med = 5; }": what is in braces is set on the route. */
function routeOf(line: string): string {
  const [, prefix = line, set] = /^(\S+) (\{.*\})$/.exec(line) ?? [];
  return `${prefix} blackhole${set === undefined ? "" : ` ${set}`}`;
}
