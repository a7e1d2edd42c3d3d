// What an installation has to know of a machine (or of another root), and what is wrong with that machine.
import { type Bytes, bytes } from "#units/quantity.ts";
import type { InstallOrder } from "./install-order.ts";
import { ownershipComplaints } from "./install-ownership.ts";
import type { InstallRecord } from "./install-record.ts";

export interface MachineFacts {
  /** Whether this process is root. */
  readonly isRoot: boolean;
  /** From os-release; undefined without one. */
  readonly distribution: { readonly id: string; readonly version: string } | undefined;
  readonly hasSystemd: boolean;
  /** Whether systemd runs here; it cannot be told what to do otherwise. */
  readonly systemdRuns: boolean;
  readonly hasNginx: boolean;
  readonly hasSetMisc: boolean;
  readonly hasNft: boolean;
  /** Of the Millrace that is to be installed. */
  readonly release: ReleaseFacts;
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  readonly hasGroup: boolean;
  readonly disk: DiskFacts;
  readonly debianNginx: DebianNginx;
  readonly sshPorts: readonly number[];
  /** Wanted ports that somebody else than this appliance has, and who that is. */
  readonly portHolders: ReadonlyMap<number, string>;
  /** Symbolic links of another root on the way to what is written; none on this machine. */
  readonly links: readonly string[];
  /** Files that the order names and that are not there. */
  readonly missing: readonly string[];
  readonly isServing: boolean;
  readonly isFirewallUp: boolean;
  readonly found: Found;
  /** Names in the folders of the order; none where there is no such folder. */
  readonly inDir: readonly string[];
  readonly inPrefix: readonly string[];
  readonly record: InstallRecord | undefined;
}

export interface ReleaseFacts {
  /** "0.1.0-3f2a91c04d7e". */
  readonly name: string;
  /** Node's version in it; undefined when its packages are not there. */
  readonly node: string | undefined;
  readonly files: number;
  readonly bytes: number;
  /** Releases that an installation copied below the prefix, newest first. */
  readonly present: readonly string[];
}

export interface DiskFacts {
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** The folder lies on the same file system as the root. */
  readonly isSystemDisk: boolean;
  readonly holdsMedia: boolean;
  /** Owner of the folder, when there is one. */
  readonly uid: number | undefined;
}

export type DebianNginx =
  | { readonly kind: "absent" }
  | { readonly kind: "off" }
  | { readonly kind: "welcome-page" }
  /** `what`: the files that say so. */
  | { readonly kind: "serves"; readonly what: string };

/** What lies at a path. */
export type Thing =
  | { readonly kind: "file"; readonly text: string; readonly mode: number; readonly uid: number }
  | { readonly kind: "folder"; readonly mode: number; readonly uid: number }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "other" };

/** By path inside the root; what is not there is not in it. */
export type Found = ReadonlyMap<string, Thing>;

const oldestDebian = 12;
const oldestNode = 24;

/** Every reason why this machine cannot be made an appliance as ordered, each with what to do. */
export function complaintsAboutMachine(order: InstallOrder, facts: MachineFacts): readonly string[] {
  return [
    ...systemComplaints(order, facts),
    ...programComplaints(order, facts),
    ...diskComplaints(order, facts),
    ...ownerComplaints(order, facts),
    ...ownershipComplaints(order, facts),
    ...[...facts.portHolders].map(([port, holder]) => {
      const option = port === order.listen.port ? "--listen" : "--tls-listen";
      return `Port ${port} is in use by ${holder}. Stop that program, or choose another address with ${option}.`;
    }),
    ...facts.links.map(linkComplaint),
    ...facts.missing.map((path) => `--tls-certificate, --tls-key: ${path} is not there.`),
  ];
}

/** For `--root`, on the way there and back. */
export function linkComplaint(link: string): string {
  return `--root: ${link} is a symbolic link there, which may lead out of it. Make it a folder or a file, or install once that system runs.`;
}

function systemComplaints(order: InstallOrder, facts: MachineFacts): readonly string[] {
  const { id = "no os-release", version = "" } = facts.distribution ?? {};
  const isDebian = id === "debian" && (version === "" || Number(version) >= oldestDebian);
  return [
    ...(isDebian
      ? []
      : [`Debian ${oldestDebian} or newer was wanted; found ${[id, version].join(" ").trim()}.`]),
    ...(facts.hasSystemd ? [] : ["systemd was not found. Install it: apt-get install systemd"]),
    ...(facts.hasSystemd && !facts.systemdRuns && order.root === "/"
      ? ["systemd is not what runs this machine. In a container or an image use --root."]
      : []),
  ];
}

function programComplaints(
  order: InstallOrder,
  { hasNginx, hasNft, release }: MachineFacts,
): readonly string[] {
  const major = Number(release.node?.split(".")[0] ?? 0);
  return [
    ...(hasNginx
      ? []
      : ["nginx was not found. Install it: apt-get install nginx-light libnginx-mod-http-set-misc"]),
    ...(order.firewall === "enabled" && !hasNft
      ? ["--firewall: nft was not found. Install it: apt-get install nftables"]
      : []),
    ...(major >= oldestNode
      ? []
      : [
          `Node ${oldestNode} was wanted in node_modules; found ${release.node ?? "none"}. Run npm ci in this folder first.`,
        ]),
  ];
}

function diskComplaints(order: InstallOrder, { disk }: MachineFacts): readonly string[] {
  const { dir, budget } = order;
  if (budget === undefined) {
    if (disk.isSystemDisk) {
      return [
        `--budget: wanted, since ${dir} lies on the system's own disk; on a disk of its own it would be nine tenths of that.`,
      ];
    }
    const share = shareOf(disk);
    return disk.holdsMedia || share <= disk.freeBytes
      ? []
      : [
          `--budget: wanted, since nine tenths of the disk of ${dir} are ${gigabytes(share)}, and only ${gigabytes(disk.freeBytes)} are free.`,
        ];
  }
  const room = disk.holdsMedia ? disk.totalBytes : disk.freeBytes;
  if (budget <= room) return [];
  const which = disk.holdsMedia ? "holds" : "has free";
  return [
    `--budget: wanted at most what the disk of ${dir} ${which}, ${gigabytes(room)}; found ${gigabytes(budget)}.`,
  ];
}

const shareOfDisk = 0.9;

/** The budget where none was named. */
export function shareOf({ totalBytes }: DiskFacts): Bytes {
  return bytes(Math.floor(totalBytes * shareOfDisk));
}

function ownerComplaints(
  order: InstallOrder,
  { disk, user, record, found }: MachineFacts,
): readonly string[] {
  const { dir, user: name } = order;
  const other = record !== undefined && record.id !== order.id ? record.id : undefined;
  const isForeign = disk.holdsMedia && disk.uid !== user?.uid;
  const at = found.get(dir);
  return [
    ...(user?.uid === 0 ? [`--user: wanted a user that is not root, found ${name} with uid 0.`] : []),
    ...(other === undefined
      ? []
      : [`This machine is already appliance ${other}. Take that away first: millrace appliance uninstall`]),
    ...(at !== undefined && at.kind !== "folder" ? [`--dir: ${dir} is there and is no folder.`] : []),
    ...(isForeign
      ? [
          `${dir} holds media that belong to uid ${disk.uid}, not to ${name}. Hand them over (chown -R ${name}: ${dir}), or choose another folder.`,
        ]
      : []),
  ];
}

export function gigabytes(size: number): string {
  return `${(size / 1e9).toFixed(1)} GB`;
}
