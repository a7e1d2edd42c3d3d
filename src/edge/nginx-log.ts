// The access log: one line of JSON for each request, which no request can lengthen, break or forge.
import { loggedAs } from "./nginx-http3.ts";
import type { NginxState } from "./nginx-state.ts";
import { block } from "./nginx-text.ts";

/** What a player tells with CMCD is shorter. Source: CTA-5004 has no bound; ours is four times what our player sends. */
const longestQuery = 2048;
const longestRange = 128;

/** What nginx knows of a request, as lines of `http {}`. */
export function logMaps(): string[] {
  return [
    // A client's own words are told where they are short and plain ASCII: nginx writes other bytes as they come, and
    // then the line is no JSON.
    ...block("map $args $mr_query", ['default "";', `"~^[ -~]{1,${longestQuery}}$" $args;`]),
    ...block("map $http_range $mr_range", ['default "";', `"~^[ -~]{1,${longestRange}}$" $http_range;`]),
    // A stream that was ended before it had an answer has "000" for a status, which is no number in JSON.
    ...block("map $status $mr_status", ["default $status;", '"~^0" 499;']),
    ...block("map $request_method $mr_method", [
      'default "other";',
      '"" "";',
      ...["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"].map((method) => `${method} ${method};`),
    ]),
  ];
}

/** The signature is left out: a log is not a place for what opens a door. */
export function accessLog(state: NginxState): string[] {
  const { protocol, tls, turn } = loggedAs(state);
  const fields = [
    '"time":$msec',
    '"session":"$mr_session"',
    '"title":"$mr_title"',
    '"path":"$mr_path"',
    '"method":"$mr_method"',
    '"status":$mr_status',
    '"bytes":$body_bytes_sent',
    '"miss":"$mr_miss"',
    '"seconds":$request_time',
    '"range":"$mr_range"',
    '"client":"$remote_addr"',
    `"protocol":"${protocol}"`,
    ...(state.tls === undefined ? [] : [`"tls":"${tls}"`, `"turn":"${turn}"`]),
    '"query":"$mr_query"',
  ];
  return [
    // What is no request at all has no verdict on misses, and says so with nothing.
    "uninitialized_variable_warn off;",
    `log_format millrace escape=json '{${fields.join(",")}}';`,
    `access_log "${state.prefixDir}/logs/access.log" millrace buffer=64k flush=1s;`,
  ];
}
