// The part of the configuration that is there while an experiment breaks a segment: see broken-segment.ts.
import { assert } from "#units/assert.ts";
import { candidatePattern } from "./broken-segment.ts";
import type { NginxState } from "./nginx-state.ts";
import { block, isQuotable } from "./nginx-text.ts";
import { nothingOfTheClient, samePath } from "./nginx-upstream.ts";

export function breakerUpstream({ breaker }: NginxState): string[] {
  if (breaker === undefined) return [];
  assert(isQuotable(breaker.socket), "folders were checked before");
  return [...block("upstream mr_breaker", [`server "unix:${breaker.socket}" max_fails=0;`]), ""];
}

/** 418 leaves the location for the breaker; nothing else answers with it. */
export function candidateCheck({ breaker }: NginxState): string[] {
  if (breaker === undefined) return [];
  return [
    'set $mr_asked "$mr_session/$mr_path";',
    "recursive_error_pages on;",
    "error_page 418 = @broken;",
    `if ($mr_asked ~ "${candidatePattern(breaker.rule)}") { return 418; }`,
  ];
}

/**
 * The agent answers, or hands back. One that is gone breaks nothing, and a broken segment is not remembered by anyone.
 *
 * `headers` are those of an answer that nobody may store; `whole` serves the segment as it is.
 */
export function breakerLocations(
  { breaker }: NginxState,
  headers: readonly string[],
  whole: string,
): string[] {
  if (breaker === undefined) return [];
  assert(/^[0-9a-f]{64}$/.test(breaker.token), "a token is plain text");
  return [
    "",
    ...block("location @broken", [
      ...headers,
      "error_page 502 504 = @whole;",
      `proxy_pass http://mr_breaker${samePath};`,
      ...nothingOfTheClient(),
      `proxy_set_header X-Millrace-Breaker "${breaker.token}";`,
      "proxy_buffering off;",
      "proxy_connect_timeout 2s;",
      `proxy_read_timeout ${Math.ceil(breaker.rule.stallMs / 1000) + 15}s;`,
    ]),
    "",
    ...block("location @whole", [whole]),
  ];
}
