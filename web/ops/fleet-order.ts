// Which appliances an operator wants to see, and in which order: whoever is not well first.
import type { OpsAppliances } from "#wire/ops.ts";

type OpsAppliance = OpsAppliances["appliances"][number];
export type HealthName = OpsAppliance["health"];
export type HealthFilter = HealthName | "all";
type Sorted = Pick<OpsAppliance, "id" | "siteName" | "siteId" | "health">;

export const worstFirst: readonly HealthName[] = [
  ...(["unhealthy", "silent", "degraded", "unadmitted"] as const),
  ...(["draining", "healthy"] as const),
];

export function healths(appliances: readonly Pick<OpsAppliance, "health">[]): Record<HealthName, number> {
  const counts = { unhealthy: 0, silent: 0, degraded: 0, unadmitted: 0, draining: 0, healthy: 0 };
  for (const { health } of appliances) counts[health] += 1;
  return counts;
}

/** The worst first, among equals by name; `text` is looked for in the names of appliance and site. */
export function inOrder<One extends Sorted>(
  appliances: readonly One[],
  { health, text }: { readonly health: HealthFilter; readonly text: string },
): readonly One[] {
  const sought = text.trim().toLowerCase();
  return appliances
    .filter((one) => health === "all" || one.health === health)
    .filter(({ id, siteId, siteName }) =>
      [id, siteId, siteName].some((name) => name.toLowerCase().includes(sought)),
    )
    .toSorted(
      (a, b) =>
        worstFirst.indexOf(a.health) - worstFirst.indexOf(b.health) ||
        a.id.localeCompare(b.id, "en", numeric),
    );
}

const numeric = { numeric: true } as const;
