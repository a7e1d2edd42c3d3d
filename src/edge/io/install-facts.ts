// Looks at the machine, or at another root, that is to become an appliance. Changes nothing.
import { createHash } from "node:crypto";
import { lstat, readdir, readFile, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DebianNginx, DiskFacts, MachineFacts } from "#edge/install-machine.ts";
import type { InstallOrder } from "#edge/install-order.ts";
import { agentService, debianNginxService, firewallService, installPaths } from "#edge/install-paths.ts";
import type { TokenState } from "#edge/install-plan.ts";
import { sshPortsOf } from "#edge/install-ssh.ts";
import { readIfThere } from "#io/files.ts";
import { isPortTaken, portHolder } from "#io/port-holder.ts";
import { run } from "#io/process.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";
import { hasGroup, linksOnWays, namesIn, readFound, readRecord, userIn } from "./install-found.ts";
import { readSshSigns } from "./install-ssh.ts";
import { ownProcesses } from "./nginx-process.ts";
import { type Release, releasesIn } from "./release.ts";

export interface Asked {
  readonly order: InstallOrder;
  readonly release: Release;
  /** "CLIENT PORT SERVER PORT" of the ssh session that this runs in; empty without one. Source: ssh(1), SSH_CONNECTION. */
  readonly sshConnection: string;
  readonly signal: AbortSignal;
}

export async function readFacts({ order, release, sshConnection, signal }: Asked): Promise<MachineFacts> {
  const { root, dir, prefix, user } = order;
  const inRoot = (path: string): string => join(root, path);
  const isActive = (unit: string): Promise<boolean> => activeUnit(root, unit, signal);
  const debianNginx = await debianNginxIn(root, isActive);
  const isServing = await isActive(agentService);
  return {
    isRoot: process.getuid?.() === 0,
    distribution: await distribution(inRoot("etc/os-release")),
    hasSystemd: await isAnywhere(root, "lib/systemd/systemd"),
    systemdRuns: root === "/" && (await isThere("/run/systemd/system")),
    hasNginx: await isThere(inRoot("usr/sbin/nginx")),
    hasSetMisc: await isThere(inRoot("usr/lib/nginx/modules/ngx_http_set_misc_module.so")),
    hasNft: await isThere(inRoot("usr/sbin/nft")),
    release: { ...release.facts, present: await releasesIn(inRoot(prefix)) },
    user: await userIn(root, user),
    hasGroup: await hasGroup(root, user),
    disk: await diskOf(root, dir),
    debianNginx,
    sshPorts: sshPortsOf(await readSshSigns({ root, connection: sshConnection, signal })),
    portHolders: await strangersAt(order, isServing, debianNginx),
    links: await linksOnWays(root, order),
    missing: await missingIn(root, order.tls === undefined ? [] : [order.tls.certificate, order.tls.key]),
    isServing,
    isFirewallUp: await isActive(firewallService),
    found: await readFound(root, order),
    inDir: await namesIn(inRoot(dir)),
    inPrefix: await namesIn(inRoot(prefix)),
    record: await readRecord(root),
  };
}

/** What has to happen with the token; of the one that is installed only whether it is the same. */
export async function tokenState(order: InstallOrder, token: string | undefined): Promise<TokenState> {
  const path = join(order.root, installPaths.token);
  const at = await stat(path).catch(() => undefined);
  if (token === undefined) return at === undefined ? "missing" : "kept";
  if (at === undefined || (at.mode & 0o7777) !== 0o600) return "new";
  const owner = await userIn(order.root, order.user);
  const installed = await readFile(path, "utf8").catch(() => undefined);
  return installed?.trim() === token && at.uid === owner?.uid ? "same" : "new";
}

async function distribution(path: string): Promise<MachineFacts["distribution"]> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const value = (name: string): string =>
    new RegExp(`^${name}=["']?([^"'\n]*)`, "m").exec(text)?.[1]?.trim() ?? "";
  return { id: value("ID"), version: value("VERSION_ID") };
}

/** Of the folder, or of the nearest one above it that is there. */
async function diskOf(root: string, dir: string): Promise<DiskFacts> {
  const at = await nearest(join(root, dir));
  const [system, here, fs] = await Promise.all([stat(root), stat(at), statfs(at)]);
  return {
    totalBytes: fs.blocks * fs.bsize,
    freeBytes: fs.bavail * fs.bsize,
    isSystemDisk: system.dev === here.dev,
    holdsMedia: await isThere(join(root, dir, "v")),
    uid: at === join(root, dir) ? here.uid : undefined,
  };
}

async function nearest(path: string): Promise<string> {
  return (await isThere(path)) || path === dirname(path) ? path : nearest(dirname(path));
}

/**
 * Whether Debian's own nginx.service serves anything: it does not when its files are the package's and the only page is
 * the package's. dpkg knows both. Source: dpkg(1), Conffiles in /var/lib/dpkg/status.
 */
async function debianNginxIn(
  root: string,
  isActive: (unit: string) => Promise<boolean>,
): Promise<DebianNginx> {
  if (!(await isAnywhere(root, "lib/systemd/system/nginx.service"))) return { kind: "absent" };
  const isOn = await isThere(join(root, installPaths.debianNginxWanted));
  if (!isOn && !(await isActive(debianNginxService))) return { kind: "off" };
  const own = [
    ...(await edited(root, ["/etc/nginx/nginx.conf", "/etc/nginx/sites-available/default"])),
    ...(await others(root, "/etc/nginx/sites-enabled", ["default"])),
    ...(await others(root, "/etc/nginx/conf.d", [])),
    ...(await others(root, "/var/www/html", ["index.nginx-debian.html"])),
  ];
  return own.length === 0 ? { kind: "welcome-page" } : { kind: "serves", what: own.slice(0, 4).join(", ") };
}

async function edited(root: string, paths: readonly string[]): Promise<readonly string[]> {
  const status = (await readIfThere(join(root, "var/lib/dpkg/status"))) ?? "";
  const known = new Map(
    [...status.matchAll(/^ (\/etc\/nginx\/\S+) ([0-9a-f]{32})/gm)].map(([, path = "", md5 = ""]) => [
      path,
      md5,
    ]),
  );
  const texts = await Promise.all(paths.map((path) => readIfThere(join(root, path))));
  return paths.filter((path, i) => {
    const text = texts[i];
    return text !== undefined && createHash("md5").update(text).digest("hex") !== known.get(path);
  });
}

async function others(root: string, folder: string, known: readonly string[]): Promise<readonly string[]> {
  const names = await readdir(join(root, folder)).catch(() => []);
  return names.filter((name) => !known.includes(name)).map((name) => `${folder}/${name}`);
}

/** Whoever holds a wanted port and is neither this appliance nor the nginx that is about to be switched off. */
async function strangersAt(
  order: InstallOrder,
  isServing: boolean,
  debianNginx: DebianNginx,
): Promise<ReadonlyMap<number, string>> {
  if (order.root !== "/") return new Map();
  const own = await ownProcesses(join(order.dir, "nginx"));
  const isOurs = (holder: string): boolean => own.some(({ pid }) => holder.endsWith(`(pid ${pid})`));
  const leaves = order.debianNginx === "switch-off" && debianNginx.kind === "welcome-page";
  const asked = [
    ...(isServing || own.length > 0 ? [] : [order.listen]),
    ...(order.tls === undefined ? [] : [order.tls.listen]),
  ];
  const strangers = new Map<number, string>();
  for (const { host, port } of asked) {
    if (!(await isPortTaken(host, port))) continue;
    const holder = await portHolder(host, port);
    if (!isOurs(holder) && !(leaves && holder.startsWith("nginx "))) strangers.set(port, holder);
  }
  return strangers;
}

async function missingIn(root: string, paths: readonly string[]): Promise<readonly string[]> {
  const there = await Promise.all(paths.map((path) => isThere(join(root, path))));
  return paths.filter((_, i) => there[i] !== true);
}

async function activeUnit(root: string, unit: string, signal: AbortSignal): Promise<boolean> {
  if (root !== "/" || !(await isThere("/run/systemd/system"))) return false;
  try {
    const argv = ["systemctl", "is-active", "--quiet", unit] as const;
    await run({ argv, signal, deadline: milliseconds(15_000) });
    return true;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return false;
  }
}

async function isAnywhere(root: string, path: string): Promise<boolean> {
  return (await isThere(join(root, path))) || (await isThere(join(root, "usr", path)));
}

/** A link that leads nowhere is there too: in another root links lead out of it. */
async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
