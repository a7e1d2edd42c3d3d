// Whether the kernel can encrypt what nginx sends (kTLS), judged from what the kernel and nginx say of themselves.
//
// It takes a kernel with the upper-layer protocol `tls`, nginx 1.21.4 or later, and OpenSSL 3 or later.
// Source: nginx, CHANGES 1.21.4; OpenSSL 3.0, SSL_OP_ENABLE_KTLS. Whether OpenSSL was built without it, nobody tells;
// what the kernel really did stands in /proc/net/tls_stat, and is told beside the verdict.

export type KernelTls =
  | { readonly kind: "kernel" }
  | { readonly kind: "user-space"; readonly because: string };

/**
 * `protocols` is /proc/sys/net/ipv4/tcp_available_ulp, undefined where there is none; `build` is what `nginx -V` prints.
 */
export function judgeKernelTls(protocols: string | undefined, build: string): KernelTls {
  const because = lack(protocols, build);
  return because === undefined ? { kind: "kernel" } : { kind: "user-space", because };
}

function lack(protocols: string | undefined, build: string): string | undefined {
  if (protocols === undefined) return "this system does not say what its kernel can do for TLS";
  if (!protocols.split(/\s+/).includes("tls")) {
    return "the kernel does not offer tls (modprobe tls, or a kernel with CONFIG_TLS)";
  }
  const nginx = /nginx version: \S*\/(\d+)\.(\d+)\.(\d+)/.exec(build)?.slice(1).map(Number) ?? [];
  if (!reaches(nginx, [1, 21, 4]))
    return `nginx ${nginx.join(".") || "of no known version"} is older than 1.21.4`;
  const openssl = /running with OpenSSL (\d+)/.exec(build) ?? /built with OpenSSL (\d+)/.exec(build);
  if (Number(openssl?.[1] ?? 0) < 3) return "nginx runs without OpenSSL 3";
  return undefined;
}

function reaches(found: readonly number[], wanted: readonly number[]): boolean {
  const at = wanted.findIndex((number, i) => found[i] !== number);
  return at < 0 || (found[at] ?? 0) > (wanted[at] ?? 0);
}

/** Connections that the kernel encrypted what was sent on, by itself or by the network card. */
export interface KernelCount {
  readonly software: number;
  readonly device: number;
}

/**
 * What /proc/net/tls_stat counts since the machine started; undefined where the kernel has no such file.
 *
 * Every program of the same network namespace counts. Source: kernel, Documentation/networking/tls.rst, Statistics.
 */
export function kernelCount(tlsStat: string): KernelCount | undefined {
  const of = (name: string): string | undefined => new RegExp(`^${name}\\s+(\\d+)$`, "m").exec(tlsStat)?.[1];
  const software = of("TlsTxSw");
  return software === undefined
    ? undefined
    : { software: Number(software), device: Number(of("TlsTxDevice") ?? 0) };
}

/** What was seen of connections over TLS since the agent's start. */
export interface SeenTls {
  /** That asked for something. */
  readonly connections: number;
  /** That the kernel took over; a handshake without a request is one too. */
  readonly kernel: number;
  /** Of these, by the network card. */
  readonly device: number;
}

export function seenTls(before: KernelCount, now: KernelCount, connections: number): SeenTls {
  const device = Math.max(0, now.device - before.device);
  return { connections, kernel: Math.max(0, now.software - before.software) + device, device };
}

/** So many without the kernel are no coincidence of who was counted when. */
const enough = 20;

/** The verdict, corrected by what was seen: a kernel that offers to encrypt, and did it for nobody, does not. */
export function judgeSeen(verdict: KernelTls, seen: SeenTls | undefined): KernelTls {
  if (verdict.kind !== "kernel" || seen === undefined) return verdict;
  if (seen.kernel > 0 || seen.connections < enough) return verdict;
  const because = `the kernel offers tls, and took over 0 of ${seen.connections} connections`;
  return { kind: "user-space", because };
}
