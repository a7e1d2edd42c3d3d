// TLS of one nginx. Ciphers in the order of what the kernel can encrypt: with kTLS a file goes out by sendfile, encrypted on
// the way, and no byte of it is seen by nginx.
import { assert } from "#units/assert.ts";
import type { NginxState, TlsState } from "./nginx-state.ts";
import { isQuotable } from "./nginx-text.ts";

/**
 * AES-GCM first: processors have instructions for it, ChaCha20 is for clients whose processor has not. Linux takes over all
 * three.
 */
const suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

/** Forward secret, and such as the kernel takes over. */
const suitesOf12 = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
].join(":");

/**
 * Every client has one of these. OpenSSL would also agree to finite fields of up to 8192 bits, where one step of a greeting
 * takes 5 ms and not 23 µs (`openssl speed ffdh8192 ecdhx25519`), while the client may send any number and work out nothing
 * (D(HE)at, CVE-2002-20001).
 */
const groups = "X25519:prime256v1:secp384r1";

/** The lines of a server that also speaks TLS. `options` are those of its plain listener. */
export function tlsServer({ tls, platform }: NginxState, options: string): string[] {
  if (tls === undefined) return [];
  assert(isQuotable(tls.certificate) && isQuotable(tls.key), "folders were checked before");
  return [
    `listen ${tls.listen} ssl http2${options}${platform === "freebsd" ? " accept_filter=dataready" : ""};`,
    `ssl_certificate "${tls.certificate}";`,
    `ssl_certificate_key "${tls.key}";`,
    ...versions(tls),
    ...sessions(),
    ...sizes(),
    ...(tls.kernel ? ["ssl_conf_command Options KTLS;"] : []),
  ];
}

function versions({ oldest }: TlsState): string[] {
  return [
    ...(oldest === "1.2"
      ? ["ssl_protocols TLSv1.2 TLSv1.3;", `ssl_ciphers ${suitesOf12};`]
      : ["ssl_protocols TLSv1.3;"]),
    `ssl_conf_command Ciphersuites ${suites};`,
    "ssl_prefer_server_ciphers on;",
    `ssl_ecdh_curve ${groups};`,
  ];
}

/**
 * Sessions are kept in memory that all workers share and that outlives a reload; the client gets a number, not a sealed
 * ticket. A ticket's key would open what it sealed for as long as nginx runs, and would be lost with every reload.
 */
function sessions(): string[] {
  return ["ssl_session_cache shared:mr_tls:10m;", "ssl_session_timeout 1h;", "ssl_session_tickets off;"];
}

/**
 * Sizes: research on nginx's cost per byte over TLS. Fewer, larger writes. A frame of HTTP/2 is at most what the client
 * takes: 16 KiB unless it says more. Source: RFC 9113 §4.2.
 *
 * The requests of one connection are bounded at nginx's default: over HTTP/2, streams that are reset as fast as they are
 * opened cost the server much and the client little (CVE-2023-44487), and this bound is what ends them.
 */
function sizes(): string[] {
  return ["ssl_buffer_size 64k;", "http2_chunk_size 128k;", "keepalive_requests 1000;"];
}
