// Asks the kernel and nginx whether TLS can be done in the kernel, and the kernel for how many connections it was.
import { readFile } from "node:fs/promises";
import {
  judgeKernelTls,
  type KernelCount,
  type KernelTls,
  kernelCount,
  type SeenTls,
  seenTls,
} from "#edge/kernel-tls.ts";
import { readIfThere } from "#io/files.ts";
import { run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";

const statFile = "/proc/net/tls_stat";
const protocolsFile = "/proc/sys/net/ipv4/tcp_available_ulp";

/** @throws Fault when nginx cannot be asked */
export async function findKernelTls(nginx: string, signal: AbortSignal): Promise<KernelTls> {
  const asked = run({ argv: [nginx, "-V"], signal, deadline: milliseconds(10_000) });
  const [protocols, { stdout, stderr }] = await Promise.all([readIfThere(protocolsFile), asked]);
  return judgeKernelTls(protocols, stdout + stderr);
}

/** What the kernel took over since the first look. */
export class KernelTlsMeter {
  readonly #file: string;
  #first: KernelCount | undefined;

  constructor(file = statFile) {
    this.#file = file;
  }

  /** `connections`: over TLS, since the first look. Undefined where the kernel does not count, or cannot be read now. */
  async sample(connections: number): Promise<SeenTls | undefined> {
    const text = await readFile(this.#file, "utf8").catch(() => "");
    const now = kernelCount(text);
    if (now === undefined) return undefined;
    this.#first ??= now;
    return seenTls(this.#first, now, connections);
  }
}
