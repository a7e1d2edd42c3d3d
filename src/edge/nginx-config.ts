// The configuration of one nginx, as text: it serves one folder over signed paths and does nothing else.
// Everything here is decided from values; nginx itself says whether it can live with it (`nginx -t`).
import type { Denial } from "#model/denial.ts";
import { assert } from "#units/assert.ts";
import type { BytesPerSecond } from "#units/quantity.ts";
import { type Breaker, candidatePattern } from "./broken-segment.ts";
import { denyCheck, denyMaps, denySizes } from "./nginx-deny.ts";

/** A key as nginx holds it: see macKey in src/io/signed-path.ts. */
export interface EdgeKey {
  readonly kid: string;
  /** 64 hexadecimal digits. */
  readonly macKey: string;
}

export interface NginxState {
  /** "127.0.1.11:8181". */
  readonly listen: string;
  /** Holds `v/<title>/…`. Nothing outside `v/` can be asked for. */
  readonly folder: string;
  /** nginx's own place: configuration, pid, logs, temporary files. */
  readonly prefixDir: string;
  /** Where `stub_status` listens. */
  readonly stubSocket: string;
  /** Folder of the dynamic modules with set_misc; without it paths are checked with the weaker MD5 envelope. */
  readonly modulesFolder: string | undefined;
  /** User of the workers, when the master is root. */
  readonly user: string | undefined;
  /** Any of these may have signed. None: every request is refused. */
  readonly keys: readonly EdgeKey[];
  readonly workers: number;
  readonly connections: number;
  /** Per response; 0 means no pacing. */
  readonly pace: BytesPerSecond;
  /** While an experiment breaks a segment for some sessions. */
  readonly breaker?: Breaker | undefined;
  /** Refused though the signature is right. */
  readonly denied?: readonly Denial[] | undefined;
  /** Names this text, so that whoever reloads can see which one answers. */
  readonly generation: string;
}

/** Paths that nginx serves: every part begins with a letter, digit or underscore, so no "..", no hidden file. */
const pathPart = "[A-Za-z0-9_][A-Za-z0-9._-]*";
const servable = new RegExp(`^${pathPart}(/${pathPart})*$`);

/** Largest URL path of a file inside its title's folder. */
const longestPath = 512;

/** Whether a file of this path inside a title's folder could ever be asked for. */
export function isServable(path: string): boolean {
  return path.length <= longestPath && servable.test(path);
}

/** Whether a folder's name can stand between quotes in the configuration. */
export function isQuotable(folder: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return folder !== "" && !/["'$\\\u0000-\u001f\u007f]/.test(folder);
}

const mimeTypes: Readonly<Record<string, string>> = {
  "video/mp4": "mp4 m4v",
  "video/iso.segment": "m4s",
  "audio/mp4": "m4a",
  "video/webm": "webm",
  "application/vnd.apple.mpegurl": "m3u8",
  "application/dash+xml": "mpd",
  "text/vtt": "vtt",
  "application/json": "json",
  "image/jpeg": "jpg jpeg",
  "image/png": "png",
  "image/webp": "webp",
};

export function nginxConfig(state: NginxState): string {
  for (const folder of [state.folder, state.prefixDir, state.stubSocket]) {
    assert(isQuotable(folder), "folders were checked before");
  }
  assert(Number.isInteger(state.workers) && state.workers >= 1, "somebody has to serve");
  return [
    "# Written by Millrace from src/edge/nginx-config.ts; changes made here are lost.",
    ...modules(state),
    ...processes(state),
    "",
    "http {",
    ...indent([
      ...transport(state),
      "",
      ...files(),
      "",
      ...mime(),
      "",
      ...accessLog(state),
      "",
      ...denySizes(state.denied ?? []),
      ...maps(state),
      ...denyMaps(state.denied ?? []),
      "",
      ...breakerUpstream(state),
      ...mediaServer(state),
      "",
      ...statusServer(state),
    ]),
    "}",
    "",
  ].join("\n");
}

function modules(state: NginxState): string[] {
  if (state.modulesFolder === undefined) return [];
  return ["ndk_http_module", "ngx_http_set_misc_module"].map(
    (name) => `load_module "${state.modulesFolder}/${name}.so";`,
  );
}

function processes(state: NginxState): string[] {
  return [
    "daemon off;",
    "master_process on;",
    ...(state.user === undefined ? [] : [`user "${state.user}";`]),
    `worker_processes ${state.workers};`,
    `worker_rlimit_nofile ${state.connections * 2 + 64};`,
    "# A worker of an older configuration finishes what it sends, but not for ever.",
    "worker_shutdown_timeout 120s;",
    `pid "${state.prefixDir}/nginx.pid";`,
    `error_log "${state.prefixDir}/logs/error.log" warn;`,
    "",
    "events {",
    `  worker_connections ${state.connections};`,
    "}",
  ];
}

/** Source of the sizes: research on nginx's cost per byte; sendfile costs a quarter of read and write. */
function transport(state: NginxState): string[] {
  return [
    "server_tokens off;",
    "sendfile on;",
    "sendfile_max_chunk 2m;",
    "tcp_nopush on;",
    "tcp_nodelay on;",
    "aio threads;",
    "output_buffers 2 512k;",
    "keepalive_timeout 75s;",
    "keepalive_requests 100000;",
    "reset_timedout_connection on;",
    "send_timeout 30s;",
    "client_header_timeout 15s;",
    "client_body_timeout 5s;",
    "client_max_body_size 1k;",
    "large_client_header_buffers 4 8k;",
    ...(state.pace > 0 ? [`limit_rate ${Math.max(1, Math.floor(state.pace))};`] : []),
    ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path "${state.prefixDir}/temp/${name}";`,
    ),
  ];
}

/** Errors are not remembered: a file that arrives is there at once. */
function files(): string[] {
  return [
    "open_file_cache max=16384 inactive=60s;",
    "open_file_cache_valid 30s;",
    "open_file_cache_min_uses 1;",
    "open_file_cache_errors off;",
    "log_not_found off;",
  ];
}

function mime(): string[] {
  const rows = Object.entries(mimeTypes).map(([type, endings]) => `${type} ${endings};`);
  return ["types {", ...indent(rows), "}", "default_type application/octet-stream;"];
}

/** The signature is left out: a log is not a place for what opens a door. */
function accessLog(state: NginxState): string[] {
  const fields = [
    '"time":$msec',
    '"session":"$mr_session"',
    '"title":"$mr_title"',
    '"path":"$mr_path"',
    '"method":"$request_method"',
    '"status":$status',
    '"bytes":$body_bytes_sent',
    '"seconds":$request_time',
    '"range":"$http_range"',
    '"client":"$remote_addr"',
    '"query":"$args"',
  ];
  return [
    `log_format millrace escape=json '{${fields.join(",")}}';`,
    `access_log "${state.prefixDir}/logs/access.log" millrace buffer=64k flush=1s;`,
  ];
}

/** What a request is judged by. A path in any but its one plain form (%2e, //, \, ..) is not looked at further. */
function maps(state: NginxState): string[] {
  const plain = `^/t/[0-9]{10}(/${pathPart}){2}/v(/${pathPart}){2,}([?].*)?$`;
  return [
    "map $mr_kid $mr_key {",
    '  default "";',
    ...state.keys.map((key) => `  "${key.kid}" "${checkedKey(key)}";`),
    "}",
    "map $request_uri $mr_plain {",
    "  default 0;",
    `  "~${plain}" 1;`,
    "}",
    "map $status $mr_cache_control {",
    '  default "no-store";',
    '  "~^(200|206|304)$" "public, max-age=31536000, immutable";',
    "}",
  ];
}

function checkedKey(key: EdgeKey): string {
  assert(/^[a-z0-9]{1,16}$/.test(key.kid) && /^[0-9a-f]{64}$/.test(key.macKey), "a key is plain text");
  return key.macKey;
}

function mediaServer(state: NginxState): string[] {
  const signatureLength = state.modulesFolder === undefined ? 22 : 43;
  const location = [
    "^/t/(?<mr_expires>[0-9]{10})/(?<mr_session>[A-Za-z0-9][A-Za-z0-9._-]{0,79})",
    `/(?<mr_kid>[a-z0-9]{1,16})[.](?<mr_signature>[A-Za-z0-9_-]{${signatureLength}})`,
    "/v/(?<mr_title>[A-Za-z0-9][A-Za-z0-9._-]{0,63})/(?<mr_path>.+)$",
  ].join("");
  return [
    "server {",
    ...indent([
      `listen ${state.listen}${state.workers > 1 ? " reuseport" : ""} backlog=4096;`,
      "merge_slashes off;",
      `root "${state.folder}";`,
      ...headers("$mr_cache_control"),
      "",
      "if ($request_method = OPTIONS) { return 204; }",
      "if ($request_method !~ ^(GET|HEAD)$) { return 405; }",
      "",
      "location / { return 403; }",
      "",
      `location ~ "${location}" {`,
      ...indent(signatureCheck(state)),
      ...indent(denyCheck(state.denied ?? [])),
      ...indent(candidateCheck(state)),
      "  try_files /v/$mr_title/$mr_path =404;",
      "}",
      ...breakerLocations(state),
    ]),
    "}",
  ];
}

function headers(cacheControl: string): string[] {
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
  ];
}

function breakerUpstream({ breaker }: NginxState): string[] {
  if (breaker === undefined) return [];
  assert(isQuotable(breaker.socket), "folders were checked before");
  return ["upstream mr_breaker {", `  server "unix:${breaker.socket}" max_fails=0;`, "}", ""];
}

/** 418 leaves the location for the breaker; nothing else answers with it. */
function candidateCheck({ breaker }: NginxState): string[] {
  if (breaker === undefined) return [];
  return [
    'set $mr_asked "$mr_session/$mr_path";',
    "recursive_error_pages on;",
    "error_page 418 = @broken;",
    `if ($mr_asked ~ "${candidatePattern(breaker.rule)}") { return 418; }`,
  ];
}

/** The agent answers, or hands back. One that is gone breaks nothing, and a broken segment is not remembered by anyone. */
function breakerLocations({ breaker }: NginxState): string[] {
  if (breaker === undefined) return [];
  assert(/^[0-9a-f]{64}$/.test(breaker.token), "a token is plain text");
  return [
    "",
    "location @broken {",
    ...indent([
      ...headers('"no-store"'),
      "error_page 502 504 = @whole;",
      "proxy_pass http://mr_breaker;",
      "proxy_http_version 1.1;",
      'proxy_set_header Connection "";',
      `proxy_set_header X-Millrace-Breaker "${breaker.token}";`,
      "proxy_buffering off;",
      "proxy_connect_timeout 2s;",
      `proxy_read_timeout ${Math.ceil(breaker.rule.stallMs / 1000) + 15}s;`,
    ]),
    "}",
    "",
    "location @whole {",
    "  try_files /v/$mr_title/$mr_path =404;",
    "}",
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

function statusServer(state: NginxState): string[] {
  return [
    "server {",
    ...indent([
      `listen "unix:${state.stubSocket}";`,
      "access_log off;",
      "location = /stub { stub_status; }",
      `location = /generation { return 200 "${state.generation}"; }`,
      "location / { return 404; }",
    ]),
    "}",
  ];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}
