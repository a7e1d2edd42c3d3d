// The answer of content steering, for HLS and DASH. Sources: draft-pantos-hls-rfc8216bis §7, ETSI TS 103 998 (DASH-IF CTS 001).
//
// A clone lets a player use an appliance that its own manifest does not name: it takes the addresses of a pathway that it has
// and puts another HOST there. How far that carries depends on the player (each read in its source):
//   hls.js, Shaka Player   replace the hostname and keep the port; a HOST with a port changes nothing at all. As built, Shaka
//                          Player 5.2.12 knows no clones, since its compiler renames their keys: it takes the next pathway
//   dash.js                replaces host and port together, and drops the query: a HOST without a port means the default port
// So a clone is made only where all of them arrive at the same place: same scheme and port as its base, and for DASH only where
// that port is the scheme's own. Pathways that stand in the manifest itself are free of all this.
import { assert } from "#units/assert.ts";
import { idPattern } from "#units/id.ts";
import type { Seconds } from "#units/quantity.ts";

export type ManifestKind = "hls" | "dash";

export interface PathwayClone {
  readonly "BASE-ID": string;
  readonly ID: string;
  readonly "URI-REPLACEMENT": { readonly HOST: string };
}

export interface SteeringManifest {
  readonly VERSION: 1;
  /** Seconds. */
  readonly TTL: number;
  readonly "RELOAD-URI": string;
  readonly "PATHWAY-PRIORITY": readonly string[];
  readonly "PATHWAY-CLONES"?: readonly PathwayClone[];
}

export interface SteeringManifestOrder {
  readonly kind: ManifestKind;
  /** Best first, as #steer/pathway-order.ts has them. */
  readonly ids: readonly string[];
  /** Those that the player's own manifest names; never empty. */
  readonly listed: readonly string[];
  /** "http://host:port" of a source. */
  readonly baseUrl: (id: string) => string;
  /** So many appliances are offered, whether they stand in the manifest or not. */
  readonly most: number;
  readonly ttl: Seconds;
  /** Absolute: Shaka Player 5.2.12 stops asking when it is not. */
  readonly reloadUri: string;
}

/** An appliance that was worth naming and could not be. */
export interface Uncloned {
  readonly id: string;
  readonly because: string;
}

export function steeringManifest(order: SteeringManifestOrder): {
  readonly manifest: SteeringManifest;
  readonly uncloned: readonly Uncloned[];
} {
  const { ids, listed, most } = order;
  assert(listed.length > 0, "a manifest names a pathway");
  const legal = [...new Set(ids)].filter((id) => idPattern.test(id));
  const wanted = legal.slice(0, most).filter((id) => !listed.includes(id));
  const readings = wanted.map((id) => ({ id, reading: cloneOf(id, order) }));
  const clones = readings.flatMap(({ reading }) => (reading.kind === "clone" ? [reading.clone] : []));
  const uncloned = readings.flatMap(({ id, reading }) =>
    reading.kind === "none" ? [{ id, because: reading.because }] : [],
  );
  const usable = new Set([...listed, ...clones.map((clone) => clone.ID)]);
  const priority = legal.filter((id) => usable.has(id));
  const manifest = {
    VERSION: 1,
    TTL: order.ttl,
    "RELOAD-URI": order.reloadUri,
    // Nothing that the player knows is left: it goes on as it began.
    "PATHWAY-PRIORITY": priority.length > 0 ? priority : [...listed],
    ...(clones.length > 0 ? { "PATHWAY-CLONES": clones } : {}),
  } as const;
  return { manifest, uncloned };
}

type CloneReading =
  | { readonly kind: "clone"; readonly clone: PathwayClone }
  | { readonly kind: "none"; readonly because: string };

function cloneOf(id: string, { kind, listed, baseUrl }: SteeringManifestOrder): CloneReading {
  const target = new URL(baseUrl(id));
  if (kind === "dash" && target.port !== "") {
    return {
      kind: "none",
      because: `In DASH a clone has its scheme's own port, and ${id} has ${target.port}.`,
    };
  }
  const base = listed.find((other) => {
    const url = new URL(baseUrl(other));
    return url.protocol === target.protocol && url.port === target.port;
  });
  if (base === undefined) {
    const place = `${target.protocol}//…${target.port === "" ? "" : `:${target.port}`}`;
    return { kind: "none", because: `No pathway of the player's manifest is at ${place} as ${id} is.` };
  }
  return {
    kind: "clone",
    clone: { "BASE-ID": base, ID: id, "URI-REPLACEMENT": { HOST: target.hostname } },
  };
}

/**
 * What keeps appliances from standing in for each other in the manifests that players already have; undefined: nothing.
 * Ports are compared as viewers see them.
 */
export function portComplaint(
  sources: readonly { readonly id: string; readonly baseUrl: string }[],
): string | undefined {
  const places = Map.groupBy(sources, ({ baseUrl }) => {
    const { protocol, port } = new URL(baseUrl);
    return `${protocol.slice(0, -1)} port ${port === "" ? "default" : port}`;
  });
  if (places.size < 2) return undefined;
  const named = [...places].map(([place, [first]]) => `${first?.id ?? ""} at ${place}`).slice(0, 3);
  return `Players can be sent to an appliance that their manifest does not name only if it has the same scheme and port as one that it does, and these differ: ${named.join(", ")}.`;
}
