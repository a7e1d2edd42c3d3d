// What the kernel's own tables say of a disk and of file handles. Source: proc(5); Documentation/admin-guide/iostats.rst.

export interface DiskReads {
  /** Since the machine started. */
  readonly reads: number;
  /** Summed over those reads, waiting included, in ms. */
  readonly ms: number;
}

/** The row of a device in /proc/diskstats. `dev` as stat(2) gives it; undefined when the kernel counts nothing for it. */
export function readsOf(diskstats: string, dev: number): DiskReads | undefined {
  const major = (dev >>> 8) & 0xfff;
  const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00);
  const row = diskstats
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find((fields) => Number(fields[0]) === major && Number(fields[1]) === minor);
  return row === undefined || row.length < 7 ? undefined : { reads: Number(row[3]), ms: Number(row[6]) };
}

/** Mean time of one read between two looks, in ms; undefined when nothing was read. */
export function meanReadMs(before: DiskReads, after: DiskReads): number | undefined {
  const reads = after.reads - before.reads;
  return reads > 0 ? Math.max(0, after.ms - before.ms) / reads : undefined;
}

/** Soft and hard limit of open files in /proc/pid/limits; undefined when it does not say. "unlimited" is the largest number. */
export function fileLimits(limits: string): { readonly soft: number; readonly hard: number } | undefined {
  const [, soft, hard] = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(limits) ?? [];
  if (soft === undefined || hard === undefined) return undefined;
  const count = (text: string): number => (text === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(text));
  return { soft: count(soft), hard: count(hard) };
}
