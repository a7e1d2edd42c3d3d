// FRR's bgpd alone: no zebra, no kernel, no root. It is configured and asked through vtysh.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Daemon, daemonIn, type Said } from "./bgp-daemon.ts";
import { listenHost, localAs, until } from "./bgp-rig.ts";

const program = "/usr/lib/frr/bgpd";
const shell = "/usr/bin/vtysh";
const bmpModule = "/usr/lib/x86_64-linux-gnu/frr/modules/bgpd_bmp.so";
export const missingFrr: string | false =
  existsSync(program) && existsSync(shell)
    ? false
    : "FRR is not installed (apt package frr, 21 MB; set-up leaves it out, for it is a service)";
export const missingFrrBmp: string | false =
  missingFrr || (existsSync(bmpModule) ? false : "FRR's BMP module is not installed");

export interface FrrOrder {
  readonly address: string;
  /** Where it listens; 0: nowhere. Not 179, which only root may take. */
  readonly port: number;
  readonly as: number;
  readonly said: readonly Said[];
  /** Where the listener is. */
  readonly peerPort: number;
  /** Lines of `router bgp`; of the neighbour, without its address; and of both its families. */
  readonly router?: readonly string[];
  readonly session?: readonly string[];
  readonly channel?: readonly string[];
  /** Loads the BMP module. */
  readonly bmp?: boolean;
}

export interface Frr extends Daemon {
  /** Commands of one vtysh, in one go. */
  ask(...commands: readonly string[]): string;
  /** Lines of `router bgp`, while it runs. */
  change(...lines: readonly string[]): void;
  start(change?: Partial<FrrOrder>): Promise<void>;
}

export async function startFrr(t: TestContext, given: FrrOrder): Promise<Frr> {
  const daemon = daemonIn(t, "millrace-frr-");
  const { folder } = daemon;
  const config = join(folder, "bgpd.conf");
  let order = given;
  const argvOf = (commands: readonly string[]): string[] => [
    ...["--vty_socket", folder, "--config_dir", folder, "-d", "bgpd"],
    ...commands.flatMap((command) => ["-c", command]),
  ];
  const ask = (...commands: readonly string[]): string =>
    execFileSync(shell, argvOf(commands), { encoding: "utf8" });
  const start = async (change: Partial<FrrOrder> = {}): Promise<void> => {
    order = { ...order, ...change };
    writeFileSync(config, frrConfig(order));
    writeFileSync(join(folder, "vtysh.conf"), "");
    const pid = daemon.run(program, [
      ...["-n", "--no_zebra", "--skip_runas", "-f", config, "-i", join(folder, "pid")],
      ...["-z", join(folder, "zebra"), "--vty_socket", folder, "-P", "0"],
      ...["-p", `${order.port}`, "-l", order.address],
      ...(order.bmp === true ? ["-M", "bmp"] : []),
    ]);
    // As root it keeps a folder for crash logs, which a kill leaves behind.
    t.after(() => rmSync(`/var/tmp/frr/bgpd.${pid}`, { recursive: true, force: true }));
    await until("bgpd's answer", () => spawnSync(shell, argvOf(["show bgp summary"])).status === 0);
  };
  await start();
  return {
    ...daemon,
    ask,
    change: (...lines) => {
      ask("configure terminal", `router bgp ${order.as}`, ...lines);
    },
    start,
  };
}

/** One session with the listener, and what is said of it by network statements with a route map each. */
function frrConfig(order: FrrOrder): string {
  const { address, as, peerPort, said, router = [], session = [], channel = [] } = order;
  const own = (line: string): string => ` neighbor ${listenHost} ${line}`;
  const family = (version: 4 | 6): readonly string[] => [
    ` address-family ipv${version} unicast`,
    own("activate"),
    ...(version === 6 ? [own("route-map hop out")] : []),
    ...channel.map(own),
    ...said.flatMap(({ prefix }, n) =>
      prefix.includes(":") === (version === 6) ? [`  network ${prefix} route-map said${n}`] : [],
    ),
    " exit-address-family",
  ];
  const lines = [
    ...["hostname frr", "log stdout debugging", "debug bgp neighbor-events"],
    // Before they are named: bgpd looks for them when it reads the name.
    ...["route-map hop permit 10", " set ipv6 next-hop global 2001:db8::1", "exit"],
    ...said.flatMap(({ via = [], med }, n) => [
      `route-map said${n} permit 10`,
      ...(via.length > 0 ? [` set as-path prepend ${via.join(" ")}`] : []),
      ...(med === undefined ? [] : [` set metric ${med}`]),
      "exit",
    ]),
    `router bgp ${as}`,
    ...[` bgp router-id ${address}`, " no bgp ebgp-requires-policy", " no bgp network import-check"],
    ...[" no bgp default ipv4-unicast", " coalesce-time 0", own(`remote-as ${localAs}`)],
    ...["disable-connected-check", `update-source ${address}`, "timers connect 1"].map(own),
    ...["advertisement-interval 0", ...(peerPort === 0 ? ["passive"] : [`port ${peerPort}`]), ...session].map(
      own,
    ),
    ...router.map((line) => ` ${line}`),
    ...[...family(4), ...family(6), "exit"],
  ];
  return `${lines.join("\n")}\n`;
}
