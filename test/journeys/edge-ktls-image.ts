// The disk of a machine that is booted once, in memory: programs with their libraries, kernel modules, our own texts.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The files that a program is started with: what `ldd` prints, as paths. Nothing for a program that needs none. */
export function librariesIn(ldd: string): readonly string[] {
  const lost = /^\s*(\S+) => not found/m.exec(ldd);
  if (lost !== null) throw new Error(`ldd does not find ${lost[1]}: install its package`);
  const lines = ldd.split("\n").map((line) => /^\s*(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)$/.exec(line)?.[1]);
  return lines.filter((path) => path !== undefined);
}

export interface ImageOrder {
  /** Programs and libraries of this machine, by absolute path. They lie at the same place inside. */
  readonly programs: readonly string[];
  /** Where a kernel was unpacked; its modules for TLS and AES are taken along. */
  readonly kernelRoot: string;
  readonly kernelVersion: string;
  /** Path inside → content. */
  readonly texts: Readonly<Record<string, string>>;
  /** Path inside → file here. */
  readonly copies: Readonly<Record<string, string>>;
  readonly folders: readonly string[];
  /** What runs first. */
  readonly init: string;
}

/** Every file that comes from this machine, by its path there and inside. */
export function hostFiles(programs: readonly string[], lddOf: (path: string) => string): readonly string[] {
  return [...new Set(programs.flatMap((path) => [path, ...librariesIn(lddOf(path))]))].sort();
}

/** Writes `<folder>.cpio`, as a kernel unpacks it; its path. Source: kernel, driver-api/early-userspace/buffer-format. */
export function makeImage(folder: string, order: ImageOrder): string {
  const here = hostFiles(order.programs, ldd);
  for (const path of here) put(folder, path, path);
  for (const [inside, path] of Object.entries(order.copies)) put(folder, inside, path);
  for (const [inside, text] of Object.entries(order.texts)) {
    mkdirSync(dirname(join(folder, inside)), { recursive: true });
    writeFileSync(join(folder, inside), text);
  }
  for (const inside of order.folders) mkdirSync(join(folder, inside), { recursive: true });
  putModules(folder, order);
  writeFileSync(join(folder, "init"), order.init);
  chmodSync(join(folder, "init"), 0o755);
  return pack(folder);
}

function ldd(path: string): string {
  const { stdout, stderr } = spawnSync("ldd", [path], { encoding: "utf8" });
  return stdout + stderr;
}

function put(folder: string, inside: string, path: string): void {
  mkdirSync(dirname(join(folder, inside)), { recursive: true });
  copyFileSync(path, join(folder, inside));
}

/** With the lists that modprobe looks names up in, so that what the kernel asks for by itself is found as on a disk. */
function putModules(folder: string, { kernelRoot, kernelVersion }: ImageOrder): void {
  const modules = `lib/modules/${kernelVersion}`;
  for (const part of ["crypto", "arch/x86/crypto", "lib/crypto", "net/tls"]) {
    const from = join(kernelRoot, modules, "kernel", part);
    for (const entry of readdirSync(from, { withFileTypes: true })) {
      if (entry.isFile()) put(folder, join(modules, "kernel", part, entry.name), join(from, entry.name));
    }
  }
  for (const name of ["modules.builtin", "modules.order"])
    put(folder, join(modules, name), join(kernelRoot, modules, name));
  demand("busybox", ["depmod", "-b", folder, kernelVersion]);
}

function pack(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const made = spawnSync("cpio", ["--quiet", "-o", "-H", "newc", "-R", "0:0"], {
    cwd: folder,
    input: names.sort().join("\n"),
    maxBuffer: 512 * 2 ** 20,
  });
  if (made.status !== 0) throw new Error(`cpio: ${made.stderr}`);
  writeFileSync(`${folder}.cpio`, made.stdout);
  return `${folder}.cpio`;
}

export function demand(program: string, args: readonly string[], cwd?: string): string {
  const done = spawnSync(program, args, { encoding: "utf8", cwd });
  if (done.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${done.stderr}`);
  return done.stdout;
}
