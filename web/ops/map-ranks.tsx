// What steering answers for an address, drawn: numbered lines to the sites of the ranked sources, best first.
import type { ReactElement } from "react";
import type { OpsExplain } from "#wire/ops.ts";
import type { SiteNow } from "./map-sites.ts";

type Place = readonly [number, number];

interface RanksProps {
  readonly explained: Pick<OpsExplain, "location" | "ranked">;
  readonly sites: readonly SiteNow[];
  readonly scale: number;
  readonly placeOf: (location: SiteNow["location"]) => Place | undefined;
}

/** Without a place of the address, the numbers alone. The origin has no place: it stands in the list beside. */
export function Ranks({ explained, sites, scale, placeOf }: RanksProps): ReactElement {
  const from = placeOf(explained.location);
  const siteOf = new Map(sites.flatMap((site) => site.appliances.map(({ id }) => [id, site] as const)));
  const bySite = Map.groupBy(
    explained.ranked.map(({ id }, at) => ({ id, rank: at + 1, site: siteOf.get(id) })),
    ({ site }) => site?.id ?? "",
  );
  return (
    <g className="ranks">
      {[...bySite.values()].map((group) => {
        const [best] = group;
        const to = placeOf(best?.site?.location ?? null);
        if (best === undefined || to === undefined) return null;
        const words = group.map(({ rank }) => rank).join(" ");
        return (
          <g key={best.id} className={best.rank === 1 ? "rank first" : "rank"}>
            {from !== undefined && <line x1={from[0]} y1={from[1]} x2={to[0]} y2={to[1]} />}
            <circle cx={to[0]} cy={to[1] - 22 * scale} r={(8.5 + 2.5 * (words.length - 1)) * scale} />
            <text x={to[0]} y={to[1] - 18 * scale} fontSize={11.5 * scale}>
              {words}
            </text>
            <title>{group.map(({ rank, id }) => `${rank} ${id}`).join(", ")}</title>
          </g>
        );
      })}
      {from !== undefined && (
        <path
          className="asked"
          d={`M${from[0] - 6 * scale} ${from[1]}h${12 * scale}M${from[0]} ${from[1] - 6 * scale}v${12 * scale}`}
        />
      )}
    </g>
  );
}
