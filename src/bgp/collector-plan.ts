// From an operator's file to what is wanted of routers that export BMP and of MRT dumps, with every complaint at once.
import { type SiteId, siteId } from "#units/id.ts";
import type { BmpView } from "./bmp.ts";
import { acceptedLengths, type LengthLimits, type RouteFilter } from "./filter.ts";
import { canonical, lengthComplaints } from "./peer-plan.ts";

/** The shapes of src/wire/bgp.ts. */
interface CollectedConfig {
  readonly site: string;
  readonly neighbours?: readonly string[] | undefined;
  readonly defaultRoute: boolean;
  readonly lengths: {
    readonly ipv4?: LengthLimits | undefined;
    readonly ipv6?: LengthLimits | undefined;
  };
}

interface RouterConfig extends CollectedConfig {
  readonly address: string;
  readonly view: BmpView;
  readonly maxPaths: number;
}

interface DumpConfig extends CollectedConfig {
  readonly file: string;
}

export interface CollectorConfig {
  readonly localAs: number;
  readonly allowPrivate: boolean;
  readonly bmp?: { readonly routers: readonly RouterConfig[] } | undefined;
  readonly mrt: readonly DumpConfig[];
}

export interface CollectedPlan {
  readonly site: SiteId;
  readonly filter: RouteFilter;
  /** Which neighbours count, by address; all when undefined. */
  readonly neighbours: ReadonlySet<string> | undefined;
}

export interface RouterPlan extends CollectedPlan {
  readonly address: string;
  readonly view: BmpView;
  readonly mostPaths: number;
}

export interface DumpPlan extends CollectedPlan {
  readonly file: string;
}

export type CollectorReading =
  | { readonly kind: "planned"; readonly routers: readonly RouterPlan[]; readonly dumps: readonly DumpPlan[] }
  | { readonly kind: "refused"; readonly complaints: readonly string[] };

export function planCollectors(config: CollectorConfig): CollectorReading {
  const complaints: string[] = [];
  const planOf = (given: CollectedConfig, whose: string): CollectedPlan => {
    complaints.push(...lengthComplaints(given.lengths, whose));
    const neighbours = given.neighbours?.map((text) => canonical(text, `neighbour of ${whose}`, complaints));
    return {
      site: siteId(given.site),
      filter: filterOf(config, given),
      neighbours: neighbours && new Set(neighbours),
    };
  };
  const routers = (config.bmp?.routers ?? []).map((router): RouterPlan => {
    const whose = `BMP router "${router.address}"`;
    const address = canonical(router.address, whose, complaints);
    if (router.view === "loc-rib" && router.neighbours !== undefined) {
      complaints.push(`neighbours of ${whose}: a router's own choice (loc-rib) names no neighbour`);
    }
    const plan = planOf(router, whose);
    // What its policy let through, the router has looked over for its own AS; FRR even puts it in front of every path.
    const filter = router.view === "pre-policy" ? plan.filter : { ...plan.filter, localAs: 0 };
    return { ...plan, filter, address, view: router.view, mostPaths: router.maxPaths };
  });
  const seen = new Set<string>();
  for (const { address } of routers) {
    if (seen.has(address))
      complaints.push(`BMP router "${address}" is named twice: one connection per router`);
    seen.add(address);
  }
  const dumps = config.mrt.map(
    (dump): DumpPlan => ({
      ...planOf(dump, `MRT dump "${dump.file}"`),
      file: dump.file,
    }),
  );
  const names = new Set<string>();
  for (const { file } of dumps) {
    const name = file.slice(file.lastIndexOf("/") + 1);
    if (names.has(name))
      complaints.push(`two MRT dumps are named "${name}": their neighbours would be told as one`);
    names.add(name);
  }
  return complaints.length > 0 ? { kind: "refused", complaints } : { kind: "planned", routers, dumps };
}

/** Paths are seen from inside the AS that collected them: their first hop is its neighbour's, whoever that is. */
function filterOf({ localAs, allowPrivate }: CollectorConfig, given: CollectedConfig): RouteFilter {
  return {
    localAs,
    peerAs: 0,
    isFirstAsChecked: false,
    allowsPrivate: allowPrivate,
    allowsDefaultRoute: given.defaultRoute,
    lengths: {
      4: given.lengths.ipv4 ?? acceptedLengths[4],
      6: given.lengths.ipv6 ?? acceptedLengths[6],
    },
  };
}
