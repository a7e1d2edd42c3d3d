// Who serves HTTP/3 on this machine, judged from what nginx says of itself and what else is there.
//
// nginx can since 1.25, where it was built so; Debian 12's cannot. There a front does: caddy ends QUIC and asks nginx.

export type Http3Way =
  | { readonly kind: "nginx" }
  | { readonly kind: "caddy" }
  | { readonly kind: "nobody"; readonly because: string };

export interface Http3Facts {
  /** What `nginx -V` prints. */
  readonly build: string;
  readonly isCaddyThere: boolean;
  /** Port of the UDP socket that is wanted. */
  readonly port: number;
  /** Ports that nginx serves over TCP. */
  readonly tcpPorts: readonly number[];
}

/**
 * Caddy 2.6, told to speak HTTP/3 alone, still listens for TCP at the same port, with SO_REUSEPORT: beside an nginx of the
 * same user the kernel would hand it a share of nginx's connections, which it never answers. Source: caddy issue 5227.
 */
export function judgeHttp3({ build, isCaddyThere, port, tcpPorts }: Http3Facts): Http3Way {
  if (build.includes("--with-http_v3_module")) return { kind: "nginx" };
  const because = lackOfFront(build, isCaddyThere, tcpPorts.includes(port));
  return because === undefined ? { kind: "caddy" } : { kind: "nobody", because };
}

function lackOfFront(build: string, isCaddyThere: boolean, isShared: boolean): string | undefined {
  if (!isCaddyThere) return "HTTP/3 wanted, caddy is not installed: apt-get install caddy";
  if (isShared) {
    return "HTTP/3 wanted, but caddy also opens TCP at its port, and nginx serves there: name another port in MILLRACE_EDGE_HTTP3_LISTEN";
  }
  if (!build.includes("--with-http_realip_module")) {
    return "HTTP/3 wanted, but this nginx was built without http_realip_module, and could not tell viewers' addresses";
  }
  return undefined;
}
