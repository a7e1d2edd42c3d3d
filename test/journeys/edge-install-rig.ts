// A root to install into: just enough of a Debian for an installation to take it for one.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
import { signalTo } from "#edge/io/nginx-process.ts";
import { atEnd, missing } from "./edge-rig.ts";

const isDebian = existsSync("/etc/debian_version") && existsSync("/usr/sbin/useradd");
export const notHere =
  missing ||
  (process.getuid?.() === 0 ? false : "only root may install, into whatever root") ||
  (isDebian ? false : "this is no Debian with useradd");

export function hasProgram(path: string): boolean {
  return existsSync(path);
}

const files = ["passwd", "group", "shadow", "gshadow", "login.defs"];

export function makeRoot(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), "millrace-root-"));
  atEnd(t, () => rmSync(root, { recursive: true, force: true }));
  for (const folder of [
    "etc/systemd/system",
    "usr/sbin",
    "usr/lib/systemd",
    "usr/lib/nginx/modules",
    "var/lib",
  ])
    mkdirSync(join(root, folder), { recursive: true });
  for (const name of files) {
    if (existsSync(`/etc/${name}`)) copyFileSync(`/etc/${name}`, join(root, "etc", name));
  }
  writeFileSync(join(root, "etc/os-release"), 'PRETTY_NAME="Debian"\nID=debian\nVERSION_ID="12"\n');
  for (const program of ["usr/sbin/nginx", "usr/lib/systemd/systemd"]) writeFileSync(join(root, program), "");
  return root;
}

export interface Done {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export function appliance(args: readonly string[], launcher = "./millrace"): Done {
  const done = spawnSync(launcher, ["appliance", ...args], { encoding: "utf8", timeout: 60_000 });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

/** Options of an installation into a root; later ones win. */
export function options(root: string, more: Readonly<Record<string, string | true>> = {}): readonly string[] {
  const all: Record<string, string | true> = {
    root,
    id: "box",
    control: "http://127.0.0.1:9",
    listen: "127.0.0.1:8181",
    dir: "/var/lib/appliance",
    budget: "1G",
    ...more,
  };
  return Object.entries(all).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [`--${name}`, value],
  );
}

/** A file to hand a token over with. */
export function token(root: string, text = "the token"): string {
  writeFileSync(`${root}/given-token`, `${text}\n`);
  return `${root}/given-token`;
}

/** A root that was installed into. */
export function installed(
  t: TestContext,
  more: Readonly<Record<string, string | true>> = {},
  text = "the token",
): string {
  const root = makeRoot(t);
  linkRelease(root);
  const done = appliance(["install", ...options(root, { "token-file": token(root, text), ...more })]);
  assert.equal(done.status, 0, done.err);
  keepRelease(root);
  return root;
}

let kept: string | undefined;

/** A release is copied once, and linked into the roots of later tests: it is large, and they take it for their own. */
function keepRelease(root: string): void {
  if (kept !== undefined) return;
  kept = mkdtempSync(join(tmpdir(), "millrace-release-"));
  spawnSync("cp", ["-al", join(root, "opt"), kept]);
}

function linkRelease(root: string): void {
  if (kept !== undefined) spawnSync("cp", ["-al", join(kept, "opt"), root]);
}

after(() => kept !== undefined && rmSync(kept, { recursive: true, force: true }));

/** Every path below a root with kind, mode, owner and content or size; of releases only the folder. */
export function tree(root: string): readonly string[] {
  const entries = readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
  return entries
    .filter((path) => !/^opt\/millrace\/[^/]+\//.test(path))
    .map((path) => {
      const stats = lstatSync(join(root, path));
      const mode = (stats.mode & 0o7777).toString(8);
      const content = stats.isSymbolicLink()
        ? readlinkSync(join(root, path))
        : stats.isFile()
          ? readFileSync(join(root, path), "latin1")
          : "/";
      return `${path} ${mode} ${stats.uid} ${content}`;
    });
}

/** What a unit says once. */
export function unitValue(unit: string, name: string): string {
  const found = [...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value = ""]) => value);
  if (found.length !== 1) throw new Error(`${name} stands ${found.length} times in the unit`);
  return found[0] ?? "";
}

/** As systemd reads it. */
export function environmentFile(path: string): Record<string, string> {
  const rows = [...readFileSync(path, "utf8").matchAll(/^([A-Z_]+)=(.*)$/gm)];
  return Object.fromEntries(rows.map(([, name = "", value = ""]) => [name, value]));
}

export interface UnitProcess {
  /** Sends a signal to the agent itself, not to the sandbox that waits for it. */
  kill(name: NodeJS.Signals): void;
  stderr(): string;
  readonly ended: Promise<number | string>;
}

/**
 * Starts a unit's command line without systemd: in a mount namespace where the root's folders are in their places and all
 * but the appliance's is read-only, with the unit's settings and nothing else, as its user, who can gain nothing.
 */
export function startUnit(t: TestContext, root: string, dir: string): UnitProcess {
  const unit = readFileSync(join(root, "etc/systemd/system/millrace-appliance.service"), "utf8");
  const passwd = readFileSync(join(root, "etc/passwd"), "utf8");
  const user = unitValue(unit, "User");
  const [, uid = "", gid = ""] = new RegExp(`^${user}:[^:]*:(\\d+):(\\d+):`, "m").exec(passwd) ?? [];
  const host = ["usr", "lib", "lib64", "bin", "sbin"].filter((name) => existsSync(`/${name}`));
  const argv = [
    ...host.flatMap((name) => ["--ro-bind", `/${name}`, `/${name}`]),
    ...["etc", "opt", "var"].flatMap((name) => ["--ro-bind", join(root, name), `/${name}`]),
    ...["--bind", join(root, dir), dir, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"],
    ...["--cap-add", "ALL", "--"],
    ...["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--no-new-privs"],
    ...["--bounding-set=-all", "--inh-caps=-all", "--"],
    ...unitValue(unit, "ExecStart").split(" "),
  ];
  const env = {
    PATH: "/usr/sbin:/usr/bin",
    HOME: dir,
    ...environmentFile(join(root, unitValue(unit, "EnvironmentFile"))),
  };
  const child = spawn("bwrap", argv, { env, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-20_000);
  });
  const ended = new Promise<number | string>((resolve) =>
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "?")),
  );
  const kill = (name: NodeJS.Signals): void => {
    for (const pid of childrenOf(child.pid ?? 0)) signalTo(pid, name);
  };
  atEnd(t, () => {
    kill("SIGKILL");
    child.stderr.destroy();
    return ended;
  });
  return { kill, stderr: () => stderr, ended };
}

/** None when the process is gone. Source: proc(5), /proc/pid/task/tid/children. */
function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return text.trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
