// The configuration of the front that speaks HTTP/3 for an nginx that cannot: caddy, as JSON. It ends QUIC and passes each
// request on to nginx's socket as it came. It decides nothing.

import { assert } from "#units/assert.ts";
import { clientHeader } from "./nginx-http3.ts";
import { isQuotable } from "./nginx-text.ts";

export interface FrontOrder {
  /** "192.0.2.7:8443", UDP. */
  readonly listen: string;
  /** Where nginx listens. */
  readonly socket: string;
  /** PEM, as text: no file that the front's user could not read. */
  readonly certificate: string;
  readonly key: string;
  /** One of the certificate's names: it is served to who names none, such as a browser that was given a number. */
  readonly name: string;
  /** The front's own folder. */
  readonly folder: string;
}

/** As nginx's own listeners: a request's head, and how long an idle connection stays. */
const headBytes = 8192;
const idle = "75s";

/**
 * No admin API, no certificates of its own (no ACME, no OCSP), no configuration kept. Source: caddyserver.com/docs/json, as of
 * 2.6.
 */
export function frontConfig(order: FrontOrder): string {
  assert(isQuotable(order.socket) && !order.socket.includes("{"), "folders were checked before");
  const config = {
    admin: { disabled: true, config: { persist: false } },
    logging: { logs: { default: { level: "ERROR", writer: logFile(order.folder) } } },
    storage: { module: "file_system", root: `${order.folder}/kept` },
    apps: {
      tls: {
        certificates: { load_pem: [{ certificate: order.certificate, key: order.key }] },
        disable_ocsp_stapling: true,
      },
      http: { grace_period: "1s", servers: { front: server(order) } },
    },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** Bounded: one older is kept. */
function logFile(folder: string): object {
  return { output: "file", filename: `${folder}/front.log`, roll_size_mb: 1, roll_keep: 1, roll_gzip: false };
}

function server({ listen, socket, name }: FrontOrder): object {
  return {
    listen: [listen],
    protocols: ["h3"],
    automatic_https: { disable: true },
    tls_connection_policies: [{ protocol_min: "tls1.3", default_sni: name }],
    max_header_bytes: headBytes,
    idle_timeout: idle,
    routes: [{ handle: [{ handler: "reverse_proxy", ...toNginx(socket) }] }],
  };
}

/** What a viewer says in these headers is overwritten, or goes. Hop-by-hop headers are caddy's to drop. */
function toNginx(socket: string): object {
  return {
    upstreams: [{ dial: `unix/${socket}` }],
    transport: {
      protocol: "http",
      compression: false,
      dial_timeout: "2s",
      keep_alive: { idle_timeout: "60s" },
    },
    headers: {
      request: {
        set: { [clientHeader]: ["{http.request.remote.host}"] },
        delete: ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"],
      },
    },
  };
}
