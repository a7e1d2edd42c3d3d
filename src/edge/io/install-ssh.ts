// Gathers every sign of where ssh listens: files, what sshd says, and the sockets that are open.
import { glob, readFile, readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { includesOf, portSet, type SshSigns } from "#edge/install-ssh.ts";
import { listenersOf, processIds } from "#io/port-holder.ts";
import { run } from "#io/process.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";

export interface SshAsked {
  readonly root: string;
  readonly connection: string;
  readonly signal: AbortSignal;
}

const unitFolders = [
  "etc/systemd/system",
  "run/systemd/system",
  "run/systemd/generator",
  "usr/lib/systemd/system",
  "lib/systemd/system",
];
const mostFiles = 256;
const askMs = 10_000;

export async function readSshSigns({ root, connection, signal }: SshAsked): Promise<SshSigns> {
  const runs = root === "/" ? await servers() : [];
  return {
    configurations: await configurations(root),
    effective: root === "/" ? await effective(signal) : "",
    sockets: await unitTexts(root, "socket"),
    commands: [
      ...(await texts(root, ["etc/default/ssh", "etc/default/dropbear"])),
      ...(await unitTexts(root, "service")),
      ...runs.map(({ command }) => command),
    ],
    listening: portSet((await Promise.all(runs.map(({ pid }) => listenersOf(pid)))).flat()),
    connection,
  };
}

/** sshd_config, its folder whether it is included or not, and what they include. */
async function configurations(root: string): Promise<readonly string[]> {
  const waiting = ["/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/*.conf"];
  const read = new Map<string, string>();
  for (let pattern = waiting.shift(); pattern !== undefined; pattern = waiting.shift()) {
    for (const path of await matching(root, pattern)) {
      if (read.has(path) || read.size >= mostFiles) continue;
      const text = await readFile(path, "utf8").catch(() => "");
      read.set(path, text);
      waiting.push(...includesOf(text));
    }
  }
  return [...read.values()];
}

async function unitTexts(root: string, kind: "socket" | "service"): Promise<readonly string[]> {
  const names = unitFolders.flatMap((folder) =>
    ["ssh", "sshd", "dropbear"].flatMap((name) => [
      `${folder}/${name}.${kind}`,
      `${folder}/${name}.${kind}.d/*.conf`,
    ]),
  );
  return texts(root, names);
}

async function texts(root: string, patterns: readonly string[]): Promise<readonly string[]> {
  const paths = (await Promise.all(patterns.map((pattern) => matching(root, pattern)))).flat();
  return Promise.all(paths.map((path) => readFile(path, "utf8").catch(() => "")));
}

async function matching(root: string, pattern: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const path of glob(join(root, pattern))) found.push(path);
  return found;
}

/** Empty when there is no sshd, or when it does not like its own files: the files were read anyway. */
async function effective(signal: AbortSignal): Promise<string> {
  try {
    const argv = ["/usr/sbin/sshd", "-T"] as const;
    return (await run({ argv, signal, deadline: milliseconds(askMs) })).stdout;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return "";
  }
}

/** Running servers of ssh. Sessions are left out: what they listen at is forwarded, and nobody logs in there. */
async function servers(): Promise<readonly { readonly pid: number; readonly command: string }[]> {
  const asked = await Promise.all(
    (await processIds()).map(async (pid) => ({
      pid,
      program: basename((await readlink(`/proc/${pid}/exe`).catch(() => "")).replace(/ \(deleted\)$/, "")),
      command: (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ").trim(),
    })),
  );
  const isServer = ({ program, command }: { readonly program: string; readonly command: string }): boolean =>
    program === "dropbear" || (program === "sshd" && !/^sshd(-session)?: (?!\/)/.test(command));
  return asked.filter(isServer);
}
