// The part of nginx's configuration that refuses what was denied: a map of sessions, which falls back to a map of titles.
import type { Denial } from "#model/denial.ts";
import { assert } from "#units/assert.ts";
import { mapKey } from "./nginx-text.ts";

/** Fits an id of 80 signs with its value. Source: ngx_hash.c, NGX_HASH_ELT_SIZE. */
const bucketBytes = 256;
const buckets = 16_384;

/** Stands before the first map: that one settles the sizes of all. Source: ngx_http_map_module.c. */
export function denySizes(denied: readonly Denial[]): string[] {
  if (denied.length === 0) return [];
  return [`map_hash_bucket_size ${bucketBytes};`, `map_hash_max_size ${buckets};`];
}

/** nginx asks its maps without regard to case, and refuses a map that names one key twice. */
export function denyMaps(denied: readonly Denial[]): string[] {
  if (denied.length === 0) return [];
  return [
    "map $mr_title $mr_title_denied {",
    "  default 0;",
    ...rows(denied, "title"),
    "}",
    "map $mr_session $mr_denied {",
    "  default $mr_title_denied;",
    "  # Appliances fill: that is no viewer's watching.",
    '  "~^fill-" 0;',
    ...rows(denied, "session"),
    "}",
  ];
}

/** Stands behind the check of the signature. */
export function denyCheck(denied: readonly Denial[]): string[] {
  return denied.length === 0 ? [] : ["if ($mr_denied) { return 403; }"];
}

function rows(denied: readonly Denial[], kind: Denial["kind"]): string[] {
  const ids = new Set(denied.filter((one) => one.kind === kind).map((one) => one.id.toLowerCase()));
  assert(
    [...ids].every((id) => id.length <= 80),
    "an id fits the map's bucket",
  );
  return [...ids].sort().map((id) => `  ${mapKey(id)} 1;`);
}
