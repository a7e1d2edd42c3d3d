// HTTP/3 as nginx sees it: spoken by itself, or by a front that asks over a Unix socket. What is asked there is judged like
// anything else; only whom it is from, and how it came, is taken from the front's word.
import { assert } from "#units/assert.ts";
import type { NginxState } from "./nginx-state.ts";
import { block, isQuotable } from "./nginx-text.ts";

/** The header in which the front names the viewer's address. Nobody else is believed: see `set_real_ip_from`. */
export const clientHeader = "X-Millrace-Client";

/**
 * How long a browser remembers that there is HTTP/3, in seconds. One that finds nobody there goes back to TCP by itself.
 *
 * Chosen by us: long enough for a film. Source: RFC 7838 §3.1.
 */
const rememberedSeconds = 3600;

/** Lines of `http {}`. */
export function http3Maps({ http3 }: NginxState): string[] {
  if (http3 === undefined) return [];
  const told = http3.isUp ? `h3=":${http3.port}"; ma=${rememberedSeconds}` : "clear";
  const isFront = http3.kind === "front";
  // QUIC's connections are nothing that the kernel could encrypt, and are not counted beside those that it could.
  const turn = "default $connection_requests;";
  return [
    ...(isFront
      ? [
          ...block("map $server_addr $mr_scheme", ["default $scheme;", '"~^unix:" https;']),
          ...block("map $server_addr $mr_protocol", ["default $server_protocol;", '"~^unix:" HTTP/3.0;']),
          ...block("map $server_addr $mr_tls", ["default $ssl_protocol;", '"~^unix:" TLSv1.3;']),
          ...block("map $server_addr $mr_turn", [turn, '"~^unix:" "";']),
        ]
      : block("map $server_protocol $mr_turn", [turn, 'HTTP/3.0 "";'])),
    // Over plain HTTP there is nothing to go on to.
    ...block(`map ${schemeOf({ http3 })} $mr_alt_svc`, ['default "";', `https '${told}';`]),
  ];
}

/** Lines of the server that viewers talk to. */
export function http3Server({ http3 }: NginxState): string[] {
  if (http3 === undefined) return [];
  if (http3.kind === "nginx") {
    return [`listen ${http3.listen} quic reuseport;`, "http3 on;", "quic_gso on;"];
  }
  assert(isQuotable(http3.socket), "folders were checked before");
  return [
    `listen "unix:${http3.socket}";`,
    "# Of whoever comes by that socket, and of nobody else, the header is believed.",
    "set_real_ip_from unix:;",
    `real_ip_header ${clientHeader};`,
  ];
}

export function http3Header({ http3 }: NginxState): string[] {
  return http3 === undefined ? [] : ["add_header Alt-Svc $mr_alt_svc always;"];
}

/** The variable that holds how the viewer came: `http` or `https`. */
export function schemeOf({ http3 }: Pick<NginxState, "http3">): string {
  return http3?.kind === "front" ? "$mr_scheme" : "$scheme";
}

/** The variables for the log: protocol, version of TLS, and which request of its connection one is. */
export function loggedAs({ http3 }: Pick<NginxState, "http3">): {
  readonly protocol: string;
  readonly tls: string;
  readonly turn: string;
} {
  const turn = http3 === undefined ? "$connection_requests" : "$mr_turn";
  return http3?.kind === "front"
    ? { protocol: "$mr_protocol", tls: "$mr_tls", turn }
    : { protocol: "$server_protocol", tls: "$ssl_protocol", turn };
}
