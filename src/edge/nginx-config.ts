// The configuration of one nginx, as text: it serves one folder over signed paths and does nothing else.
// Everything here is decided from values; nginx itself says whether it can live with it (`nginx -t`).
import { assert } from "#units/assert.ts";
import { breakerUpstream } from "./nginx-breaker.ts";
import { denyMaps, denySizes } from "./nginx-deny.ts";
import { http3Maps } from "./nginx-http3.ts";
import { accessLog, logMaps } from "./nginx-log.ts";
import { mediaServer } from "./nginx-media.ts";
import { missMaps, pullSizes } from "./nginx-miss.ts";
import { closingSeconds } from "./nginx-retired.ts";
import type { EdgeKey, NginxState } from "./nginx-state.ts";
import { block, isQuotable, isUserName, longestPath, mapKey, pathPart } from "./nginx-text.ts";

const servable = new RegExp(`^${pathPart}(/${pathPart})*$`);

/** Whether a file of this path inside a title's folder could ever be asked for. */
export function isServable(path: string): boolean {
  return path.length <= longestPath && servable.test(path);
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
  assert(state.user === undefined || isUserName(state.user), "the user was checked before");
  assert(Number.isInteger(state.workers) && state.workers >= 1, "somebody has to serve");
  return [
    "# Written by Millrace from src/edge/nginx-config.ts; changes made here are lost.",
    ...modules(state),
    ...processes(state),
    "",
    ...block("http", [
      ...transport(state),
      "",
      ...files(),
      "",
      ...mime(),
      "",
      ...accessLog(state),
      "",
      ...mapSizes(state),
      ...maps(state),
      ...logMaps(),
      ...http3Maps(state),
      ...missMaps(state),
      ...denyMaps(state.denied ?? []),
      ...addressZone(state),
      "",
      ...breakerUpstream(state),
      ...mediaServer(state),
      "",
      ...statusServer(state),
    ]),
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
    `worker_shutdown_timeout ${closingSeconds}s;`,
    `pid "${state.prefixDir}/nginx.pid";`,
    `error_log "${state.prefixDir}/logs/error.log" warn;`,
    ...(hasThreads(state) ? [`thread_pool disk threads=${state.threads};`] : []),
    "",
    ...block("events", [
      ...(state.platform === "freebsd" ? ["use kqueue;"] : []),
      `worker_connections ${state.connections};`,
    ]),
  ];
}

function hasThreads({ platform, threads }: NginxState): boolean {
  return platform === "linux" && threads > 0;
}

/**
 * Source of the sizes: research on nginx's cost per byte; sendfile costs a quarter of read and write.
 *
 * A worker must not wait for the disk. On Linux its threads do; FreeBSD's sendfile does not wait, and sends what is read
 * when it is read.
 */
function transport(state: NginxState): string[] {
  return [
    "server_tokens off;",
    "sendfile on;",
    "sendfile_max_chunk 2m;",
    "tcp_nopush on;",
    "tcp_nodelay on;",
    ...(hasThreads(state) ? ["aio threads=disk;"] : []),
    "output_buffers 2 512k;",
    "keepalive_timeout 75s;",
    "keepalive_requests 100000;",
    "reset_timedout_connection on;",
    "send_timeout 30s;",
    `client_header_timeout ${state.headerTimeout}ms;`,
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
  return [...block("types", rows), "default_type application/octet-stream;"];
}

/**
 * A signed folder is a title's whole folder. One that was signed for a poster, which everybody with a home page gets for hours
 * and without a screen, opens pictures alone, and the storyboard's list of them. The first expression of a map that fits counts.
 */
const pastPoster = "^/t/[0-9]{10}/poster-(?![^?]*([.](jpg|jpeg|png|webp|avif)|/storyboard[.]vtt)([?]|$))";

/** What a request is judged by. A path in any but its one plain form (%2e, //, \, ..) is not looked at further. */
function maps(state: NginxState): string[] {
  const plain = `^/t/[0-9]{10}(/${pathPart}){2}/v(/${pathPart}){2,}([?].*)?$`;
  return [
    ...block("map $mr_kid $mr_key", [
      'default "";',
      ...state.keys.map((key) => `${mapKey(key.kid)} "${checkedKey(key)}";`),
    ]),
    ...block("map $request_uri $mr_plain", ["default 0;", `"~${pastPoster}" 0;`, `"~${plain}" 1;`]),
    ...block("map $status $mr_cache_control", [
      'default "no-store";',
      '"~^(200|206|304)$" "public, max-age=31536000, immutable";',
    ]),
  ];
}

/** Room for every connection to come from an address of its own: nginx refuses everyone when the room is used up. */
function addressZone({ perAddress, connections, workers }: NginxState): string[] {
  if (perAddress === 0) return [];
  const megabytes = Math.max(1, Math.ceil((connections * workers * 128) / 2 ** 20));
  return [`limit_conn_zone $binary_remote_addr zone=mr_address:${megabytes}m;`];
}

/** Room for ids in maps. Stands once, before the first map. */
function mapSizes(state: NginxState): string[] {
  const denied = denySizes(state.denied ?? []);
  return denied.length > 0 ? denied : pullSizes(state);
}

function checkedKey(key: EdgeKey): string {
  assert(/^[a-z0-9]{1,16}$/.test(key.kid) && /^[0-9a-f]{64}$/.test(key.macKey), "a key is plain text");
  return key.macKey;
}

function statusServer(state: NginxState): string[] {
  return block("server", [
    `listen "unix:${state.stubSocket}";`,
    "access_log off;",
    "location = /stub { stub_status; }",
    `location = /generation { return 200 "${state.generation}"; }`,
    "location / { return 404; }",
  ]);
}
