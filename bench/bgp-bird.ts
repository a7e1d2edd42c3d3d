// The same table from a BIRD to our listener and to a second BIRD, one after the other in one run.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writePrefix } from "#bgp/address.ts";
import { heardRow, listener } from "./bgp-heard.ts";
import { type TableGroup, type TableOrder, tableGroups } from "./bgp-table.ts";

const program = "/usr/sbin/bird";
export const from = "127.0.0.43";
const other = "127.0.0.44";

interface BirdRows {
  readonly rows: readonly Readonly<Record<string, string | number>>[];
  readonly notes: readonly string[];
}

interface BirdProcess {
  readonly ask: (command: string) => string;
  readonly child: ChildProcess;
}

export async function birdRows(order: TableOrder): Promise<BirdRows> {
  if (!existsSync(program))
    return { rows: [], notes: ["bird is not installed (bird2): not compared with it"] };
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-bird-"));
  const children: ChildProcess[] = [];
  try {
    const ours = await listener(from, order.peerAs, "without-events");
    const [sendPort, receivePort] = [await freePort(from), await freePort(other)];
    const receiver = await birdIn(join(folder, "receive"), receiving(order, sendPort, receivePort), children);
    const sending = sendingConfig(order, tableGroups(order), sendPort, ours.port, receivePort);
    const sender = await birdIn(join(folder, "send"), sending, children);
    const toUs = performance.now();
    sender.ask("enable ours");
    const heard = await ours.heard;
    const wholeToUs = (performance.now() - toUs) / 1000;
    sender.ask("disable ours");
    const toBird = performance.now();
    sender.ask("enable theirs");
    await until(() => /Established/.test(receiver.ask("show protocols sender")));
    const established = performance.now();
    await until(() => imported(receiver) >= order.v4 + order.v6);
    const ended = performance.now();
    const seconds = (ended - established) / 1000;
    const rows = [
      { ...heardRow("from BIRD to us", heard), secondsFromEnable: wholeToUs.toFixed(2) },
      birdRow(receiver, order, seconds, (ended - toBird) / 1000),
    ];
    const ratio = (heard.seconds / seconds).toFixed(2);
    const notes = [
      `to us ÷ to BIRD, from the established session to all heard: ${ratio} (BIRD is asked every 5 ms)`,
    ];
    return { rows, notes };
  } finally {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

function birdRow(
  { child }: BirdProcess,
  order: TableOrder,
  seconds: number,
  fromEnable: number,
): Record<string, string | number> {
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1];
  // utime and stime, in hundredths of a second.
  const [user = 0, system = 0] = readFileSync(`/proc/${child.pid}/stat`, "utf8")
    .split(" ")
    .slice(13, 15)
    .map(Number);
  return {
    what: "from BIRD to BIRD (reference)",
    prefixes: order.v4 + order.v6,
    seconds: seconds.toFixed(2),
    secondsFromEnable: fromEnable.toFixed(2),
    listenerCpuSeconds: ((user + system) / 100).toFixed(2),
    listenerPeakMiB: Math.round(Number(peak) / 1024),
  };
}

/** Routes of both families that the receiving BIRD has imported, from its counters: its tables are not walked. */
function imported({ ask }: BirdProcess): number {
  const counters = [...ask("show protocols all sender").matchAll(/Routes:\s+(\d+) imported/g)];
  return counters.reduce((sum, [, count]) => sum + Number(count), 0);
}

export async function birdIn(base: string, config: string, children: ChildProcess[]): Promise<BirdProcess> {
  const [file, socket] = [`${base}.conf`, `${base}.ctl`];
  writeFileSync(file, config);
  const child = spawn(program, ["-f", "-c", file, "-s", socket, "-P", `${base}.pid`], { stdio: "ignore" });
  children.push(child);
  const ask = (command: string): string =>
    execFileSync(`${program}c`, ["-s", socket, ...command.split(" ")], {
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
  await until(() => existsSync(socket));
  await until(() => ask("show status").includes("Daemon is up and running"));
  return { ask, child };
}

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 180_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error("BIRD did not come to an end in 180 s");
    await sleep(5);
  }
}

export async function freePort(host: string): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, host, resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const channels = (direction: string): string => `
  ipv4 { ${direction}; next hop self; };
  ipv6 { ${direction}; next hop address 2001:db8::1; };`;

export function sendingConfig(
  order: TableOrder,
  groups: readonly TableGroup[],
  port: number,
  ourPort: number,
  birdPort: number,
): string {
  const session = (name: string, neighbour: string, as: number): string => `
protocol bgp ${name} {
  disabled yes;
  local ${from} port ${port} as ${order.peerAs};
  neighbor ${neighbour} as ${as};
  multihop 2; strict bind yes; connect delay time 1; connect retry time 1;
  ${channels("import none; export all")}
}`;
  const routes = (family: 4 | 6): string =>
    groups
      .filter(({ prefixes }) => prefixes[0]?.family === family)
      .flatMap((group) =>
        group.prefixes.map((prefix) => `route ${writePrefix(prefix)} blackhole ${attributesOf(group)};`),
      )
      .join("\n");
  return `
router id ${from};
protocol device { scan time 600; }
protocol static fours { ipv4;
${routes(4)}
}
protocol static sixes { ipv6;
${routes(6)}
}
${session("ours", `127.0.0.1 port ${ourPort}`, 64_999)}
${session("theirs", `${other} port ${birdPort}`, 64_998)}
`;
}

/** The path without the sender itself, which BIRD puts before. */
function attributesOf({ path, med, communities }: TableGroup): string {
  const prepends = path.slice(1).reverse();
  const lines = [
    ...prepends.map((as) => `bgp_path.prepend(${as});`),
    ...(med === undefined ? [] : [`bgp_med = ${med};`]),
    ...communities.map((word) => `bgp_community.add((${word >>> 16},${word & 0xffff}));`),
  ];
  return `{ ${lines.join(" ")} }`;
}

function receiving(order: TableOrder, port: number, ownPort: number): string {
  return `
router id ${other};
protocol device { scan time 600; }
protocol bgp sender {
  local ${other} port ${ownPort} as 64998;
  neighbor ${from} port ${port} as ${order.peerAs};
  passive yes; multihop 2; strict bind yes;
  ${channels("import all; export none")}
}
`;
}
