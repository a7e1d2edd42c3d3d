// Asks about the disk that the media lie on, and reads some of them past the page cache.
import { constants } from "node:fs";
import { type FileHandle, open, opendir, realpath, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { type Told, told, untold } from "#edge/check.ts";
import { type DiskFacts, type Mount, type ReadSample, readMount } from "#edge/check-disk.ts";
import type { Clock } from "#units/clock.ts";
import { type Asker, ask, inTime, kernelSays } from "./check-programs.ts";

export interface DiskAsked extends Asker {
  /** The appliance's folder. */
  readonly dir: string;
  readonly clock: Clock;
}

const noFolder = "Name the appliance's folder with --dir";
/** Enough to leave a disk's own cache behind. Chosen by us. */
const sampleBytes = 256 * 2 ** 20;
const sampleMs = 3000;
const chunkBytes = 4 * 2 ** 20;
const wasmPage = 65_536;
const mostNames = 5000;

export async function askDisk(asked: DiskAsked): Promise<DiskFacts> {
  const { dir } = asked;
  const [room, mount] = await Promise.all([roomOf(dir), mountOf(dir)]);
  const [read, smart] = await Promise.all([sampleOf(asked), smartOf(mount, asked)]);
  return { folder: dir, room, mount, read, smart };
}

async function roomOf(dir: string): Promise<DiskFacts["room"]> {
  const found = await inTime(statfs(dir).catch(() => undefined));
  if (found === undefined) return untold(`${dir} is not there, or does not answer`, noFolder);
  return told({ totalBytes: found.blocks * found.bsize, freeBytes: found.bavail * found.bsize });
}

async function mountOf(dir: string): Promise<Told<Mount>> {
  const look = async () => ({ dev: (await stat(dir)).dev, path: await realpath(dir) });
  const found = await inTime(look().catch(() => undefined));
  if (found === undefined) return untold(`${dir} is not there, or does not answer`, noFolder);
  const major = (found.dev >>> 8) & 0xfff;
  const minor = (found.dev & 0xff) | ((found.dev >>> 12) & 0xfff00);
  const mount = readMount((await kernelSays("/proc/self/mountinfo")) ?? "", `${major}:${minor}`, found.path);
  return mount === undefined
    ? untold("the kernel lists no mount for it", `Look at: findmnt -T ${dir}`)
    : told(mount);
}

async function smartOf(mount: Told<Mount>, asker: Asker): Promise<Told<string>> {
  const source = mount.kind === "told" ? mount.value.source : "";
  if (!/^\/dev\/[\w/-]{1,60}$/.test(source))
    return untold("no disk of its own is behind it", "Look at the disks: lsblk");
  return ask(asker, {
    argv: ["smartctl", "-H", source],
    install: "apt-get install smartmontools",
    mend: `Look at: smartctl -a ${source}`,
    counts: "printed",
  });
}

/** Reads media that lie there, the biggest of the first few thousand first. Writes nothing, so an empty disk tells nothing. */
async function sampleOf({ dir, clock, signal }: DiskAsked): Promise<Told<ReadSample>> {
  const files = await inTime(biggest(join(dir, "v")));
  if (files === undefined || files.length === 0) {
    return untold("no media lie there yet", "Check again after the first fill");
  }
  const sample = inTime(readPast(files, clock, signal).catch(() => undefined));
  const found = await sample;
  signal.throwIfAborted();
  return found === undefined ? untold("the media cannot be read", "Look at: dmesg, smartctl") : told(found);
}

interface Sized {
  readonly path: string;
  readonly size: number;
}

async function biggest(folder: string): Promise<readonly string[]> {
  const sized: Sized[] = [];
  // A folder that ends, or goes, while it is read: what was seen of it is enough for a sample.
  await collect(folder, sized).catch(() => undefined);
  return sized
    .filter(({ size }) => size >= wasmPage)
    .sort((a, b) => b.size - a.size)
    .slice(0, 64)
    .map(({ path }) => path);
}

async function collect(folder: string, sized: Sized[]): Promise<void> {
  for await (const entry of await opendir(folder, { recursive: true })) {
    if (sized.length >= mostNames) break;
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) sized.push({ path, size: (await stat(path)).size });
  }
}

async function readPast(
  files: readonly string[],
  clock: Clock,
  signal: AbortSignal,
): Promise<ReadSample | undefined> {
  // O_DIRECT takes only buffers that begin at a sector; of all buffers here, WebAssembly's memory begins at a page.
  const memory = new WebAssembly.Memory({ initial: chunkBytes / wasmPage });
  const buffer = new Uint8Array(memory.buffer);
  const begun = clock.monoMs();
  const isOver = (): boolean => signal.aborted || clock.monoMs() - begun > sampleMs;
  let [bytes, isDirect] = [0, true];
  for (const path of files) {
    if (bytes >= sampleBytes || isOver()) break;
    const { file, direct } = await opened(path, buffer);
    isDirect &&= direct;
    try {
      bytes += await readAll(file, buffer, sampleBytes - bytes, isOver);
    } finally {
      await file.close();
    }
  }
  return bytes === 0 ? undefined : { bytes, seconds: (clock.monoMs() - begun) / 1000, isDirect };
}

async function readAll(
  file: FileHandle,
  buffer: Uint8Array,
  most: number,
  isOver: () => boolean,
): Promise<number> {
  let at = 0;
  while (at < most && !isOver()) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    at += bytesRead;
    if (bytesRead < buffer.length) break;
  }
  return at;
}

/** Past the page cache where the file system can do that; it refuses at the opening or at the first read. */
async function opened(
  path: string,
  buffer: Uint8Array,
): Promise<{ readonly file: FileHandle; readonly direct: boolean }> {
  const file = await open(path, constants.O_RDONLY | constants.O_DIRECT).catch(() => undefined);
  if (file === undefined) return { file: await open(path, "r"), direct: false };
  const isRefused = await file.read(buffer, 0, 4096, 0).then(
    () => false,
    () => true,
  );
  if (!isRefused) return { file, direct: true };
  await file.close();
  return { file: await open(path, "r"), direct: false };
}
