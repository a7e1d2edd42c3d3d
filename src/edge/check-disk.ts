// The disk that the media lie on: room, file system, what it reads, and what it says of its own health.
import type { CheckFinding } from "#model/site-check.ts";
import { cannotTell, gigabits, holds, holdsNot, printable, type Question, type Told } from "./check.ts";
import type { Requirements } from "./check-requirements.ts";

export interface DiskRoom {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

export interface Mount {
  readonly point: string;
  readonly type: string;
  /** "/dev/nvme0n1p1". */
  readonly source: string;
  readonly options: readonly string[];
}

export interface ReadSample {
  readonly bytes: number;
  readonly seconds: number;
  /** Past the page cache (O_DIRECT); else it may be memory's speed. */
  readonly isDirect: boolean;
}

export interface DiskFacts {
  /** The folder that was asked about. */
  readonly folder: string;
  readonly room: Told<DiskRoom>;
  readonly mount: Told<Mount>;
  readonly read: Told<ReadSample>;
  /** What `smartctl -H` printed. */
  readonly smart: Told<string>;
}

/**
 * The mount that a path lies in, in /proc/self/mountinfo: of those of its device the one that reaches farthest along the path,
 * and the last such, which covers those before. Source: proc(5). `device` is "8:1", `path` has no symbolic links.
 */
export function readMount(mountinfo: string, device: string, path: string): Mount | undefined {
  const mounts = mountinfo
    .split("\n")
    .map((line) => line.split(" "))
    .flatMap((fields) => (fields[2] === device ? mountOf(fields) : []))
    .filter(({ point }) => point === "/" || path === point || path.startsWith(`${point}/`));
  const farthest = Math.max(...mounts.map(({ point }) => point.length));
  return mounts.findLast(({ point }) => point.length === farthest);
}

function mountOf(fields: readonly string[]): readonly Mount[] {
  const dash = fields.indexOf("-", 6);
  const [type, source] = dash < 0 ? [] : fields.slice(dash + 1);
  if (type === undefined || source === undefined) return [];
  const options = [...(fields[5] ?? "").split(","), ...(fields[dash + 3] ?? "").split(",")];
  return [{ point: unescaped(fields[4] ?? ""), type, source: unescaped(source), options }];
}

/** Blanks and backslashes stand as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

export function judgeDisk(facts: DiskFacts, wanted: Requirements): readonly CheckFinding[] {
  return [
    judgeRoom(facts, wanted),
    judgeFileSystem(facts.mount),
    judgeRead(facts.read, wanted),
    judgeSmart(facts.smart),
  ];
}

function judgeRoom({ room, folder }: DiskFacts, { diskBytes, diskFreePercent }: Requirements): CheckFinding {
  const question: Question = {
    what: "disk",
    weight: "required",
    wanted: `${size(diskBytes)} or more, ${diskFreePercent} % of it free`,
  };
  if (room.kind === "untold") return cannotTell(question, room.because, room.mend);
  const { totalBytes, freeBytes } = room.value;
  const percent = totalBytes > 0 ? (100 * freeBytes) / totalBytes : 0;
  const found = `${size(totalBytes)}, ${percent.toFixed(0)} % free (${printable(folder, 80)})`;
  if (totalBytes < diskBytes)
    return holdsNot(question, found, "Name the media's own disk with --dir, or put in a bigger one");
  if (percent < diskFreePercent)
    return holdsNot(question, found, "Remove what is not the appliance's from that disk");
  return holds(question, found);
}

/** File systems that nginx's sendfile and our renames are right on, and that keep what was flushed. Chosen by us. */
const lasting = ["ext4", "xfs", "btrfs", "zfs", "f2fs", "ufs"];

function judgeFileSystem(mount: Told<Mount>): CheckFinding {
  const question: Question = {
    what: "file system",
    weight: "advised",
    wanted: "ext4, xfs, btrfs, zfs or f2fs, read-write, noatime or relatime",
  };
  if (mount.kind === "untold") return cannotTell(question, mount.because, mount.mend);
  const { type, point, options } = mount.value;
  const atime = options.find((option) => ["noatime", "relatime", "strictatime"].includes(option)) ?? "atime";
  const found = `${printable(type, 20)} at ${printable(point, 80)}, ${options.includes("ro") ? "ro" : "rw"}, ${atime}`;
  if (options.includes("ro"))
    return holdsNot(question, found, "Mount it read-write; a disk that failed is mounted read-only");
  if (!lasting.includes(type))
    return holdsNot(question, found, "Give the media a file system of a disk of their own");
  if (!["noatime", "relatime"].includes(atime)) return holdsNot(question, found, "Mount it with noatime");
  return holds(question, found);
}

function judgeRead(read: Told<ReadSample>, { diskReadBps }: Requirements): CheckFinding {
  const question: Question = {
    what: "disk read",
    weight: "advised",
    wanted: `${gigabits(diskReadBps)} or more`,
  };
  if (read.kind === "untold") return cannotTell(question, read.because, read.mend);
  const { bytes, seconds, isDirect } = read.value;
  const bps = (bytes * 8) / Math.max(seconds, 1e-6);
  const found = `${gigabits(bps)} (${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(2)} s${isDirect ? ", past memory" : ""})`;
  if (!isDirect) {
    return cannotTell(
      question,
      `${found}, but perhaps from memory: no O_DIRECT here`,
      "Use a file system of a disk",
    );
  }
  if (bps >= diskReadBps) return holds(question, found);
  return holdsNot(question, found, "Use SSDs, or look what else reads: iostat -x 1");
}

/** Source: smartctl(8): "SMART overall-health self-assessment test result: PASSED", for SCSI "SMART Health Status: OK". */
export function readSmart(text: string): { readonly isWell: boolean; readonly says: string } | undefined {
  const [, says] =
    /^SMART (?:overall-health self-assessment test result|Health Status): *(.+)$/m.exec(text) ?? [];
  return says === undefined ? undefined : { isWell: /^(PASSED|OK)\b/.test(says.trim()), says: says.trim() };
}

function judgeSmart(smart: Told<string>): CheckFinding {
  const question: Question = { what: "disk health", weight: "advised", wanted: "SMART says PASSED" };
  if (smart.kind === "untold") return cannotTell(question, smart.because, smart.mend);
  const health = readSmart(smart.value);
  if (health === undefined)
    return cannotTell(question, "smartctl says nothing of its health", "Look at: smartctl -a DEVICE");
  return health.isWell ? holds(question, health.says) : holdsNot(question, health.says, "Replace the disk");
}

function size(bytes: number): string {
  return bytes >= 1e12 ? `${(bytes / 1e12).toPrecision(3)} TB` : `${(bytes / 1e9).toPrecision(3)} GB`;
}
