// Two network namespaces with a wire between them: the server's end is shaped, the viewer's is not. Their names carry the number of the
// process that made them, so that what a killed run left behind is known and removed.
import { access } from "node:fs/promises";
import { signalTo } from "#edge/io/nginx-process.ts";
import { isAlive } from "#io/living.ts";
import { type Finished, run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";

/** Inside of the namespaces alone: it meets no other network. */
export const serverAddress = "10.77.0.1";
const viewerAddress = "10.77.0.2";
const prefix = "millrace-play-";
const deadline = milliseconds(20_000);

export interface Link {
  /** Words before a command that runs it at one end. */
  readonly atServer: Inside;
  readonly atViewer: Inside;
  /** The server's end of the wire. */
  readonly device: string;
  close(): Promise<void>;
}

export type Inside = readonly [program: string, ...words: string[]];

/** What is missing for a link, in words; nothing when one can be made. */
export async function missingForLink(): Promise<readonly string[]> {
  const found = await Promise.all(["ip", "tc"].map(async (name) => ((await isProgram(name)) ? [] : [name])));
  return [...(process.getuid?.() === 0 ? [] : ["the rights of root"]), ...found.flat()];
}

async function isProgram(name: string): Promise<boolean> {
  const folders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];
  const there = await Promise.all(
    folders.map((folder) =>
      access(`${folder}/${name}`).then(
        () => true,
        () => false,
      ),
    ),
  );
  return there.includes(true);
}

export async function openLink(signal: AbortSignal): Promise<Link> {
  await removeStale(signal);
  const [server, viewer] = [`${prefix}${process.pid}-s`, `${prefix}${process.pid}-v`];
  const [near, far] = [`mps${process.pid}`, `mpv${process.pid}`];
  const close = async (): Promise<void> => {
    // Also after an abort. The wire goes with its ends.
    const always = new AbortController().signal;
    for (const name of [server, viewer])
      if ((await namespaces(always)).includes(name)) await remove(name, always);
  };
  try {
    for (const line of wiring({ server, viewer, near, far })) await ip(line, signal);
  } catch (error) {
    await close();
    throw error;
  }
  const inside = (name: string): Inside => ["ip", "netns", "exec", name];
  return { atServer: inside(server), atViewer: inside(viewer), device: near, close };
}

/** `gso_max_segs 1` at the server's end is `tso off gso off` without ethtool: the shaper sees frames, not trains of them. */
function wiring(names: Readonly<Record<"server" | "viewer" | "near" | "far", string>>): readonly string[] {
  const { server, viewer, near, far } = names;
  return [
    `netns add ${server}`,
    `netns add ${viewer}`,
    `link add ${near} netns ${server} type veth peer name ${far} netns ${viewer}`,
    `-n ${server} link set ${near} gso_max_segs 1 gso_max_size 1514`,
    `-n ${server} addr add ${serverAddress}/30 dev ${near}`,
    `-n ${viewer} addr add ${viewerAddress}/30 dev ${far}`,
    ...[server, viewer].map((name) => `-n ${name} link set lo up`),
    `-n ${server} link set ${near} up`,
    `-n ${viewer} link set ${far} up`,
  ];
}

function ip(line: string, signal: AbortSignal): Promise<Finished> {
  return run({ argv: ["ip", ...line.split(" ")], signal, deadline });
}

/** Namespaces of runs that are no more, and whatever still runs in them: nothing but such a run starts anything there. */
export async function removeStale(signal: AbortSignal): Promise<void> {
  for (const name of await namespaces(signal)) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-[sv]$`).exec(name)?.[1] ?? process.pid);
    if (!isAlive(pid)) await remove(name, signal);
  }
}

export async function namespaces(signal: AbortSignal): Promise<readonly string[]> {
  const { stdout } = await ip("netns list", signal);
  return stdout.split("\n").flatMap((line) => {
    const name = line.split(" ")[0] ?? "";
    return name.startsWith(prefix) ? [name] : [];
  });
}

async function remove(name: string, signal: AbortSignal): Promise<void> {
  const { stdout } = await ip(`netns pids ${name}`, signal);
  for (const pid of stdout.split("\n").map(Number)) if (isAlive(pid)) signalTo(pid, "SIGKILL");
  await ip(`netns del ${name}`, signal);
}
