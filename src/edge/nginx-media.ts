// The server that viewers talk to: who may read what, and what each answer says of itself.
import { breakerLocations, candidateCheck } from "./nginx-breaker.ts";
import { denyCheck } from "./nginx-deny.ts";
import { http3Header, http3Server } from "./nginx-http3.ts";
import { missLocations } from "./nginx-miss.ts";
import type { NginxState } from "./nginx-state.ts";
import { block, longestPath } from "./nginx-text.ts";
import { tlsServer } from "./nginx-tls.ts";

const whole = "try_files /v/$mr_title/$mr_path @miss;";

export function mediaServer(state: NginxState): string[] {
  // The last sign of either stands for less than six bits; of its spellings one is taken.
  const signature =
    state.modulesFolder === undefined ? "[A-Za-z0-9_-]{21}[AQgw]" : "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]";
  const location = [
    "^/t/(?<mr_expires>[0-9]{10})/(?<mr_session>[A-Za-z0-9][A-Za-z0-9._-]{0,79})",
    `/(?<mr_kid>[a-z0-9]{1,16})[.](?<mr_signature>${signature})`,
    `/v/(?<mr_title>[A-Za-z0-9][A-Za-z0-9._-]{0,63})/(?<mr_path>[A-Za-z0-9_./-]{1,${longestPath}})$`,
  ].join("");
  return block("server", [
    ...listeners(state),
    ...http3Server(state),
    "merge_slashes off;",
    // Players ask for one range. An answer in thousands of parts costs much and helps nobody: such a request gets the whole.
    "max_ranges 1;",
    `root "${state.folder}";`,
    // Who can write below v/ decides what is served, and nothing else on this machine is.
    "disable_symlinks on from=$document_root/v;",
    ...perAddress(state),
    ...headers(state, "$mr_cache_control"),
    "",
    'set $mr_miss "";',
    "if ($request_method = OPTIONS) { return 204; }",
    "if ($request_method !~ ^(GET|HEAD)$) { return 405; }",
    "",
    "location / { return 403; }",
    "",
    ...block(`location ~ "${location}"`, [
      ...signatureCheck(state),
      ...denyCheck(state.denied ?? []),
      ...candidateCheck(state),
      whole,
    ]),
    "",
    ...missLocations(state, headers(state, '"no-store"')),
    ...breakerLocations(state, headers(state, '"no-store"'), whole),
  ]);
}

/**
 * On FreeBSD the kernel keeps a connection to itself until there is something to read in it: the first bytes of a TLS
 * greeting, or a whole request. Source: accf_http(9), accf_data(9).
 */
function listeners(state: NginxState): string[] {
  const options = `${state.workers > 1 ? " reuseport" : ""} backlog=4096`;
  const filter = state.platform === "freebsd" ? " accept_filter=httpready" : "";
  return [`listen ${state.listen}${options}${filter};`, ...tlsServer(state, options)];
}

/** nginx counts a connection from the moment its request's headers were read. Who is refused stands in the access log. */
function perAddress({ perAddress: most }: NginxState): string[] {
  if (most === 0) return [];
  return [`limit_conn mr_address ${most};`, "limit_conn_status 429;", "limit_conn_log_level info;"];
}

function headers(state: NginxState, cacheControl: string): string[] {
  return [
    `add_header Cache-Control ${cacheControl} always;`,
    "add_header Access-Control-Allow-Origin * always;",
    "add_header Access-Control-Allow-Methods 'GET, HEAD, OPTIONS' always;",
    "add_header Access-Control-Allow-Headers 'Range, CMCD-Request, CMCD-Object, CMCD-Status, CMCD-Session' always;",
    "add_header Access-Control-Expose-Headers 'Content-Length, Content-Range, Date, CMSD-Static, CMSD-Dynamic' always;",
    // What a player tells behind an address makes no other file of it: caches that know the header keep one.
    "add_header No-Vary-Search 'params=(\"CMCD\")' always;",
    "add_header Access-Control-Max-Age 86400 always;",
    "add_header Timing-Allow-Origin * always;",
    "add_header X-Content-Type-Options nosniff always;",
    ...http3Header(state),
  ];
}

/**
 * The text that was signed is built again and compared. With set_misc, secure_link only judges the expiry: it is given
 * the MD5 of the empty text for the empty text, so that what remains of its verdict is "0" for late.
 *
 * nginx compares in more time the longer the common beginning; over a network, for a digest of 43 signs, that is
 * accepted.
 */
function signatureCheck(state: NginxState): string[] {
  const text = "v1:$mr_expires:$mr_session:/v/$mr_title/";
  const strong = state.modulesFolder !== undefined;
  return [
    ...(strong
      ? ['secure_link "1B2M2Y8AsgTpgAmY7PhCfg,$mr_expires";', 'secure_link_md5 "";']
      : ['secure_link "$mr_signature,$mr_expires";', `secure_link_md5 "$mr_key ${text} $mr_key";`]),
    "if ($mr_plain = 0) { return 403; }",
    'if ($mr_key = "") { return 403; }',
    'if ($secure_link != "1") { return 403; }',
    ...(strong
      ? [
          `set_hmac_sha256 $mr_mac $mr_key "${text}";`,
          "set_encode_base64url $mr_mac;",
          "if ($mr_signature != $mr_mac) { return 403; }",
        ]
      : []),
  ];
}
