// Two network namespaces and a link of user space between them, with a delay and loss: see edge-delay-link.py. Their names carry the
// number of the process that made them, so that what a killed run left behind is known and removed.
import { type ChildProcess, spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { createInterface, type Interface } from "node:readline";
import { z } from "zod";
import { signalTo } from "#edge/io/nginx-process.ts";
import { isAlive } from "#io/living.ts";
import { run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";

/** Inside of the namespaces alone. */
export const serverAddress = "10.78.0.1";
const viewerAddress = "10.78.0.2";
const prefix = "mrh3-";
const deadline = milliseconds(20_000);

export interface LinkOrder {
  readonly bitsPerSecond: number;
  /** One way. */
  readonly delayMs: number;
  readonly queueBytes: number;
}

const counted = z.object({
  ...{ passed: z.number(), lost: z.number(), overflown: z.number(), tardy: z.number() },
  lateMs: z.number(),
});
/** Packets to the viewer; `tardy` ones came more than 2 ms late, the worst by `lateMs`: for that this machine is to blame. */
export type Counted = z.infer<typeof counted>;

export type Inside = readonly [program: string, ...words: string[]];

export interface DelayLink {
  readonly atServer: Inside;
  readonly atViewer: Inside;
  /** From now on so many packets are lost. Tells what was counted until now. */
  lose(loss: number, seed: number): Promise<Counted>;
  close(): Promise<void>;
}

/** What is missing, in words. */
export async function missingForDelayLink(): Promise<readonly string[]> {
  const isThere = (path: string): Promise<boolean> =>
    access(path, constants.R_OK).then(
      () => true,
      () => false,
    );
  const found = await Promise.all(
    ["/dev/net/tun", "/usr/sbin/ip", "/usr/sbin/sysctl"].map(async (path) =>
      (await isThere(path)) ? [] : [path],
    ),
  );
  return [...(process.getuid?.() === 0 ? [] : ["the rights of root"]), ...found.flat()];
}

export async function openDelayLink(order: LinkOrder, signal: AbortSignal): Promise<DelayLink> {
  await removeStale();
  const [server, viewer] = [`${prefix}${process.pid}-s`, `${prefix}${process.pid}-v`];
  const [near, far] = [`mrh3s${process.pid}`, `mrh3v${process.pid}`];
  let link: ChildProcess | undefined;
  const close = async (): Promise<void> => {
    link?.kill("SIGKILL");
    for (const name of [server, viewer]) if ((await namespaces()).includes(name)) await remove(name);
  };
  try {
    for (const name of [server, viewer]) await ip(`netns add ${name}`, signal);
    const names = { server, viewer, serverDevice: near, viewerDevice: far };
    const argv = ["bench/edge-delay-link.py", JSON.stringify({ ...order, ...names, loss: 0, seed: 1 })];
    link = spawn("python3", argv, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = linesOf(link);
    await lines.next();
    for (const line of wiring({ server, viewer, near, far })) await ip(line, signal);
    const lose = async (loss: number, seed: number): Promise<Counted> => {
      link?.stdin?.write(`${JSON.stringify({ loss, seed })}\n`);
      return counted.parse(JSON.parse(await lines.next()));
    };
    const inside = (name: string): Inside => ["ip", "netns", "exec", name];
    return { atServer: inside(server), atViewer: inside(viewer), lose, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function wiring(names: Readonly<Record<"server" | "viewer" | "near" | "far", string>>): readonly string[] {
  const { server, viewer, near, far } = names;
  return [
    `-n ${server} addr add ${serverAddress} peer ${viewerAddress} dev ${near}`,
    `-n ${viewer} addr add ${viewerAddress} peer ${serverAddress} dev ${far}`,
    ...[server, viewer].map((name) => `-n ${name} link set lo up`),
    `-n ${server} link set ${near} mtu 1500 txqueuelen 1000 up`,
    `-n ${viewer} link set ${far} mtu 1500 txqueuelen 1000 up`,
    // Nothing is remembered of a connection for the next one.
    `netns exec ${server} sysctl -qw net.ipv4.tcp_no_metrics_save=1`,
    // Or the kernel would look for neighbours, over the link.
    ...[server, viewer].map((name) => `netns exec ${name} sysctl -qw net.ipv6.conf.all.disable_ipv6=1`),
  ];
}

/** What congestion control TCP's next connections of a namespace have. */
export async function setCongestion(link: DelayLink, name: string, signal: AbortSignal): Promise<void> {
  const argv = [...link.atServer, "sysctl", "-qw", `net.ipv4.tcp_congestion_control=${name}`] as const;
  await run({ argv, signal, deadline });
}

function linesOf(child: ChildProcess): { next(): Promise<string> } {
  if (child.stdout === null) throw new Error("the link has an output");
  const lines: Interface = createInterface({ input: child.stdout });
  const iterator = lines[Symbol.asyncIterator]();
  return {
    next: async () => {
      const { value, done } = await iterator.next();
      if (done === true) throw new Error("the link ended");
      return `${value}`;
    },
  };
}

async function ip(line: string, signal: AbortSignal): Promise<string> {
  return (await run({ argv: ["ip", ...line.split(" ")], signal, deadline })).stdout;
}

/** Namespaces of runs that are no more, and whatever still runs in them: nothing but such a run starts anything there. */
async function removeStale(): Promise<void> {
  for (const name of await namespaces()) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-[sv]$`).exec(name)?.[1] ?? process.pid);
    if (!isAlive(pid)) await remove(name);
  }
}

async function namespaces(): Promise<readonly string[]> {
  const list = await ip("netns list", new AbortController().signal);
  return list.split("\n").flatMap((line) => {
    const name = line.split(" ")[0] ?? "";
    return name.startsWith(prefix) ? [name] : [];
  });
}

async function remove(name: string): Promise<void> {
  const { signal } = new AbortController();
  const pids = await ip(`netns pids ${name}`, signal);
  for (const pid of pids
    .split("\n")
    .filter((text) => text !== "")
    .map(Number)) {
    if (isAlive(pid)) signalTo(pid, "SIGKILL");
  }
  await ip(`netns del ${name}`, signal);
}
