// Debian's cloud kernel in a machine of software (QEMU): fetched once, never installed, booted from memory.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import { demand } from "./edge-ktls-image.ts";
import { atEnd } from "./edge-rig.ts";

const needed = {
  "qemu-system-x86_64": "qemu-system-x86",
  cpio: "cpio",
  busybox: "busybox-static",
  strace: "strace",
  curl: "curl",
  ldd: "libc-bin",
  "apt-get": "apt",
  dpkg: "dpkg",
} as const;

/** Why this machine cannot boot one, with the command that mends it. False when it can. */
export const missingMachine = whyNot();

function whyNot(): string | false {
  if (process.platform !== "linux" || process.arch !== "x64")
    return "the kernel is for Linux machines of amd64";
  const packages = Object.entries(needed)
    .filter(([program]) => spawnSync("which", [program]).status !== 0)
    .map(([, name]) => name);
  return packages.length === 0
    ? false
    : `not installed: apt-get install --no-install-recommends ${packages.join(" ")}`;
}

export interface Kernel {
  readonly root: string;
  readonly version: string;
  readonly image: string;
}

const meta = "linux-image-cloud-amd64";

/** The kernel of this Debian, from below MILLRACE_HOME, where it is put at the first call. Undefined: apt has none. */
export function cloudKernel(): Kernel | undefined {
  const cache = resolve(process.env.MILLRACE_HOME ?? "var", "test-kernel");
  mkdirSync(cache, { recursive: true });
  const name = /Depends: (linux-image-\S+-cloud-amd64)/.exec(
    spawnSync("apt-cache", ["depends", meta], { encoding: "utf8" }).stdout,
  )?.[1];
  const kept = readdirSync(cache).filter((entry) => entry.endsWith("-cloud-amd64"));
  const isHere = name !== undefined && (kept.includes(name) || fetchKernel(cache, name));
  return kernelIn(cache, isHere ? name : kept.sort().at(-1));
}

function kernelIn(cache: string, name: string | undefined): Kernel | undefined {
  if (name === undefined) return undefined;
  const version = name.replace("linux-image-", "");
  return { root: join(cache, name), version, image: join(cache, name, "boot", `vmlinuz-${version}`) };
}

/** Whole or not at all. */
function fetchKernel(cache: string, name: string): boolean {
  const work = join(cache, `${name}.${process.pid}`);
  mkdirSync(work);
  try {
    if (spawnSync("apt-get", ["download", name], { cwd: work }).status !== 0) return false;
    const deb = readdirSync(work).find((file) => file.endsWith(".deb"));
    if (deb === undefined) return false;
    demand("dpkg", ["-x", deb, "unpacked"], work);
    renameSync(join(work, "unpacked"), join(cache, name));
    return true;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What it printed on its second serial line until it switched itself off. */
export async function boot(
  t: TestContext,
  order: {
    readonly kernel: string;
    readonly initrd: string;
    readonly folder: string;
    readonly deadlineMs: number;
  },
): Promise<string> {
  const [console, told] = [join(order.folder, "console"), join(order.folder, "told")];
  const append = "console=ttyS0 panic=-1 quiet";
  const machine = ["-accel", "tcg", "-cpu", "max", "-m", "1024", "-no-reboot", "-display", "none"];
  const lines = ["-serial", `file:${console}`, "-serial", `file:${told}`, "-monitor", "none", "-nic", "none"];
  const disk = ["-kernel", order.kernel, "-initrd", order.initrd, "-append", append];
  const child = spawn("qemu-system-x86_64", [...machine, ...lines, ...disk], { stdio: "ignore" });
  const ended = new Promise((gone) => child.once("exit", gone));
  const late = setTimeout(() => child.kill("SIGKILL"), order.deadlineMs);
  atEnd(t, async () => {
    child.kill("SIGKILL");
    await ended;
  });
  await ended;
  clearTimeout(late);
  const text = existsSync(told) ? readFileSync(told, "utf8").replaceAll("\r", "") : "";
  if (text.endsWith("@end\n")) return text;
  const last = existsSync(console) ? readFileSync(console, "utf8").slice(-2000) : "nothing on its console";
  throw new Error(`the machine did not come to its end: ${text.slice(-500)}\n${last}`);
}
