// A gobgpd with configuration and API port of its own; routes are put into it through the gobgp command.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Daemon, daemonIn, type Said } from "./bgp-daemon.ts";
import { freePort, listenHost, localAs, until } from "./bgp-rig.ts";

const program = "/usr/bin/gobgpd";
const shell = "/usr/bin/gobgp";
export const missingGobgp: string | false =
  existsSync(program) && existsSync(shell)
    ? false
    : "GoBGP is not installed (apt package gobgpd, 31 MB; set-up leaves it out, for it is a service)";

export interface GobgpOrder {
  readonly address: string;
  readonly as: number;
  /** Where it waits for the listener. Not 179, which only root may take. */
  readonly port: number;
  /** The AS that it takes the listener to be; the listener's own when left out. */
  readonly peerAs?: number;
  readonly said: readonly Said[];
  /** Tables of the listener's `[[neighbors]]`, each with its name, and more of the whole file. */
  readonly session?: string;
  readonly extra?: string;
  readonly argv?: readonly string[];
}

export interface Gobgp extends Daemon {
  ask(...words: readonly string[]): string;
  say(...said: readonly Said[]): void;
  unsay(...said: readonly Said[]): void;
  start(change?: Partial<GobgpOrder>): Promise<void>;
}

export async function startGobgp(t: TestContext, given: GobgpOrder): Promise<Gobgp> {
  const daemon = daemonIn(t, "millrace-gobgp-");
  const config = join(daemon.folder, "gobgpd.toml");
  const api = await freePort(given.address);
  let order = given;
  const argvOf = (words: readonly string[]): string[] => ["-u", given.address, "-p", `${api}`, ...words];
  const ask = (...words: readonly string[]): string =>
    execFileSync(shell, argvOf(words), { encoding: "utf8", stdio: "pipe" });
  const change = (verb: "add" | "del", said: readonly Said[]): void => {
    for (const one of said) ask("global", "rib", verb, ...wordsOf(one));
  };
  const start = async (next: Partial<GobgpOrder> = {}): Promise<void> => {
    order = { ...order, ...next };
    writeFileSync(config, gobgpConfig(order));
    const argv = ["-f", config, "-t", "toml", "--pprof-disable", "--api-hosts", `${order.address}:${api}`];
    daemon.run(program, [...argv, ...(order.argv ?? [])]);
    await until("gobgpd's answer", () => spawnSync(shell, argvOf(["neighbor"])).status === 0);
    change("add", order.said);
  };
  await start();
  return {
    ...daemon,
    ask,
    say: (...said) => change("add", said),
    unsay: (...said) => change("del", said),
    start,
  };
}

function wordsOf({ prefix, via = [], med }: Said): readonly string[] {
  const isV6 = prefix.includes(":");
  return [
    ...["-a", isV6 ? "ipv6" : "ipv4", prefix, "nexthop", isV6 ? "2001:db8::1" : "192.0.2.1"],
    ...(via.length > 0 ? ["aspath", via.join(",")] : []),
    ...(med === undefined ? [] : ["med", `${med}`]),
  ];
}

export function gobgpConfig(order: GobgpOrder): string {
  const { address, as, port, peerAs = localAs, session = "", extra = "" } = order;
  const family = (name: string): string => `
[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "${name}"
[neighbors.afi-safis.mp-graceful-restart.config]
enabled = true
`;
  return `
[global.config]
as = ${as}
router-id = "${address}"
port = ${port}
local-address-list = ["${address}"]
[[neighbors]]
[neighbors.config]
neighbor-address = "${listenHost}"
peer-as = ${peerAs}
[neighbors.transport.config]
local-address = "${address}"
passive-mode = true
[neighbors.timers.config]
connect-retry = 1
idle-hold-time-after-reset = 1
[neighbors.ebgp-multihop.config]
enabled = true
multihop-ttl = 2
${session}
${family("ipv4-unicast")}${family("ipv6-unicast")}
${extra}
`;
}
