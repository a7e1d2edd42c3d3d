// A request that is rightly signed and asks for a file that is not held: 404, sent on, or pulled through. Each is marked in
// the log for the ledger of misses.
//
// Whoever sends on or pulls puts `mr_hop` behind the address. A request that bears it ends here: no two appliances send
// each other the same request.
import { assert } from "#units/assert.ts";
import { schemeOf } from "./nginx-http3.ts";
import type { NginxState, PulledTitle, PullState, Redirect } from "./nginx-state.ts";
import { block, isQuotable, mapKey } from "./nginx-text.ts";
import { nothingOfTheClient, samePath } from "./nginx-upstream.ts";

/** Of a next source: a scheme, a name or number, a port. Nothing that means something to nginx. */
const baseUrlPattern = /^https?:\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$/;
const addressPattern = /^([0-9]{1,3}(\.[0-9]{1,3}){3}|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?$/;

/** Whether nginx may send a viewer there. */
export function isBaseUrl(text: string): boolean {
  return baseUrlPattern.test(text);
}

/** The address that nginx may pull from; undefined when it would have to look up a name, or to speak TLS. */
export function pullAddress(baseUrl: string): string | undefined {
  const address = baseUrl.replace(/^http:\/\//, "");
  return address !== baseUrl && addressPattern.test(address) ? address : undefined;
}

/** Room for titles' ids in a map. nginx wants to know before its first map. */
export function pullSizes({ miss }: NginxState): string[] {
  return miss?.pull === undefined ? [] : ["map_hash_bucket_size 256;", "map_hash_max_size 8192;"];
}

/** What `http {}` needs for misses. */
export function missMaps({ miss, http3 }: NginxState): string[] {
  const { redirect, pull } = miss ?? {};
  if (redirect === undefined && pull === undefined) return [];
  return [
    ...block('map "$mr_session $args" $mr_last', ["default 0;", '"~^fill-" 1;', '"~[ &]mr_hop=" 1;']),
    ...block("map $args $mr_more", ['default "&$args";', '"" "";']),
    ...(redirect === undefined ? [] : stays(redirect, schemeOf({ http3 }))),
    ...(pull === undefined ? [] : pullMaps(pull)),
  ];
}

/** A page that came over TLS may not load from a plain address: such a viewer is better told 404. */
function stays({ baseUrl }: Redirect, scheme: string): string[] {
  const plain = baseUrl.startsWith("http:") ? ['"https0" 1;'] : [];
  return block(`map ${scheme}$mr_last $mr_stay`, ["default $mr_last;", ...plain]);
}

function pullMaps({ folder, bytes, sources }: PullState): string[] {
  assert(isQuotable(folder) && Number.isSafeInteger(bytes) && bytes > 0, "a place for what is pulled");
  const rows = sources.flatMap(({ titles }, i) =>
    titles.map(({ id }) => `"0${checkedTitle(id)}" mr_pull_${i};`),
  );
  const versions = sources.flatMap(({ titles }) => titles.map(versionRow));
  return [
    ...block("map $mr_last$mr_title $mr_pull", ['default "";', ...rows]),
    ...block("map $mr_title $mr_pull_version", ['default "";', ...versions]),
    `proxy_cache_path "${folder}" levels=1:2 keys_zone=mr_pull:8m max_size=${bytes} inactive=24h use_temp_path=off;`,
    ...sources.flatMap(({ address }, i) => {
      assert(addressPattern.test(address), "an address is numbers");
      return block(`upstream mr_pull_${i}`, [`server ${address} max_fails=0;`, "keepalive 16;"]);
    }),
  ];
}

function versionRow({ id, version }: PulledTitle): string {
  assert(/^[0-9a-f]{16}$/.test(version), "a version is digits");
  return `${mapKey(id)} ${version};`;
}

function checkedTitle(title: string): string {
  assert(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(title), "a title's id is plain text");
  return title;
}

/** Where `try_files` goes with what is not held. `headers` are those of an answer that nobody may store. */
export function missLocations({ miss }: NginxState, headers: readonly string[]): string[] {
  const { redirect, pull } = miss ?? {};
  if (pull === undefined) return block("location @miss", answer(redirect));
  return [...block("location @miss", pulled(headers)), "", ...block("location @unpulled", answer(redirect))];
}

function answer(redirect: Redirect | undefined): string[] {
  if (redirect === undefined) return ["set $mr_miss none;", "return 404;"];
  assert(isBaseUrl(redirect.baseUrl), "a next source is plain text");
  return [
    "set $mr_miss none;",
    "if ($mr_stay) { return 404; }",
    "set $mr_miss redirect;",
    `return ${redirect.status} "${redirect.baseUrl}${samePath}?mr_hop=1$mr_more";`,
  ];
}

/**
 * In slices, so that a range fetches no more than it needs, and two viewers of one file fetch it once.
 *
 * The source is not trusted: of what it says, only the bytes, their length and their type are passed on, and no header of
 * its own makes this nginx look elsewhere (X-Accel-Redirect). What nobody has verified, nobody may store.
 */
function pulled(headers: readonly string[]): string[] {
  const own = headers.map((line) => line.split(" ")[1]).filter((name) => name !== undefined);
  return [
    ...headers,
    "set $mr_miss pull;",
    "recursive_error_pages on;",
    "error_page 403 404 416 418 429 500 502 503 504 = @unpulled;",
    'if ($mr_pull = "") { return 418; }',
    "slice 1m;",
    `proxy_pass http://$mr_pull${samePath}?mr_hop=1;`,
    ...nothingOfTheClient(),
    "proxy_set_header Range $slice_range;",
    "proxy_intercept_errors on;",
    "proxy_ignore_headers Cache-Control Expires Set-Cookie Vary X-Accel-Buffering X-Accel-Charset X-Accel-Expires X-Accel-Limit-Rate X-Accel-Redirect;",
    ...[...own, "Set-Cookie", "Location", "Refresh"].map((name) => `proxy_hide_header ${name};`),
    "proxy_cache mr_pull;",
    'proxy_cache_key "$mr_pull_version/$mr_title/$mr_path$slice_range";',
    "proxy_cache_valid 200 206 24h;",
    "proxy_cache_lock on;",
    "proxy_connect_timeout 2s;",
    "proxy_read_timeout 10s;",
  ];
}
