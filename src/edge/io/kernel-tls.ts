// Asks the kernel and nginx whether TLS can be done in the kernel.
import { judgeKernelTls, type KernelTls } from "#edge/kernel-tls.ts";
import { readIfThere } from "#io/files.ts";
import { run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";

const protocolsFile = "/proc/sys/net/ipv4/tcp_available_ulp";

/** @throws Fault when nginx cannot be asked */
export async function findKernelTls(nginx: string, signal: AbortSignal): Promise<KernelTls> {
  const asked = run({ argv: [nginx, "-V"], signal, deadline: milliseconds(10_000) });
  const [protocols, { stdout, stderr }] = await Promise.all([readIfThere(protocolsFile), asked]);
  return judgeKernelTls(protocols, stdout + stderr);
}
