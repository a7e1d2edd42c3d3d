// Which program sits on a TCP port: "address already in use" is no help at three in the morning, a name and a pid are.
import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer } from "node:net";
import { basename } from "node:path";

/** "HOST:PORT" or "[HOST]:PORT", taken apart; undefined when it is not one. */
export function parseListen(listen: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([0-9A-Za-z.-]+)):(\d{1,5})$/.exec(listen);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/** Whether someone already listens there, found out by listening for a moment. */
export function isPortTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "EADDRINUSE"));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(false)));
  });
}

/**
 * Who listens on `host:port`, as "nginx (pid 812)". Linux only, from /proc; what it may not see it calls by that name.
 */
export async function portHolder(host: string, port: number): Promise<string> {
  const inodes = await listeningInodes(host, port);
  if (inodes.size === 0) return "a program that could not be found";
  for (const pid of await processIds()) {
    if (await holdsSocket(pid, inodes)) return `${await programName(pid)} (pid ${pid})`;
  }
  return "a program of another user";
}

/** Ids of all processes now. */
export async function processIds(): Promise<readonly number[]> {
  const names = await readdir("/proc").catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Ports at which a process listens, but for those that only this machine reaches. Linux only, from /proc. */
export async function listenersOf(pid: number): Promise<readonly number[]> {
  const held = new Set(await socketsOf(pid));
  const isOwn = ({ inode, address }: Listening): boolean => held.has(inode) && !loopback.test(address);
  return (await listening()).filter(isOwn).map(({ port }) => port);
}

/** 127.0.0.0/8, ::1 and the former mapped, as /proc writes them: each four bytes lowest first. */
const loopback = /^(?:[0-9A-F]{6}7F|0{24}01000000|0{16}F{4}0{4}[0-9A-F]{6}7F)$/;

/** Sockets in state LISTEN (0A) on that port, at that address or at all addresses. Source: proc(5), /proc/net/tcp. */
async function listeningInodes(host: string, port: number): Promise<ReadonlySet<string>> {
  const wanted = new Set([hexAddress(host), "00000000", "0".repeat(32)]);
  const matches = (await listening()).filter((one) => one.port === port && wanted.has(one.address));
  return new Set(matches.map(({ inode }) => inode));
}

interface Listening {
  /** As /proc writes it. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

async function listening(): Promise<readonly Listening[]> {
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"];
  const texts = await Promise.all(tables.map((table) => readFile(table, "utf8").catch(() => "")));
  const lines = texts.flatMap((text) => text.split("\n").slice(1));
  return lines.flatMap((line) => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    const [address = "", hexPort = ""] = local.split(":");
    return state === "0A" ? [{ address, port: Number.parseInt(hexPort, 16), inode }] : [];
  });
}

/** An IPv4 address as /proc writes it: four bytes, lowest first, in hexadecimal. Other hosts match by port alone. */
function hexAddress(host: string): string {
  const parts = host.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return "";
  return parts
    .reverse()
    .map((part) => part.toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();
}

async function holdsSocket(pid: number, inodes: ReadonlySet<string>): Promise<boolean> {
  return (await socketsOf(pid)).some((inode) => inodes.has(inode));
}

/** Inodes. Empty where this process may not look. */
async function socketsOf(pid: number): Promise<readonly string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const found: string[] = [];
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined) found.push(inode);
  }
  return found;
}

/** The file it runs: the name of its first thread says little ("MainThread"). That stands in where the file is hidden. */
async function programName(pid: number): Promise<string> {
  const file = await readlink(`/proc/${pid}/exe`).catch(() => "");
  if (file !== "") return basename(file.replace(/ \(deleted\)$/, ""));
  const thread = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
  return thread.trim() || "a program";
}
