// What a small installation would answer about its network: who is where, who serves whom, what changed.
import type { OpsExplain } from "#wire/ops.ts";

export const steered: OpsExplain = {
  address: "192.0.2.1",
  text: "viewer 192.0.2.1, session session\nplace  51.5000, -0.1000, by the table of places\n",
  location: { latitude: 51.5, longitude: -0.1 },
  ranked: [
    {
      ...{ id: "storage-a", siteName: "Alder Broadband, Aarhus", rule: "longest-prefix" },
      because: "It heard 192.0.2.0/24; the next best heard 192.0.0.0/16.",
      ...{ prefix: "192.0.2.0/24", asPathLength: 1, med: 0, distanceKm: 861 },
    },
    {
      ...{
        id: "origin",
        siteName: "origin",
        rule: "origin-last",
        because: "The origin has everything, and comes last.",
      },
      ...{ prefix: null, asPathLength: null, med: null, distanceKm: null },
    },
  ],
  eliminated: [
    { id: "storage-x", by: "draining", because: "An operator took it out of new plays." },
    { id: "flash-x", by: "silent", because: "No report for 34 s; three are due in 3 s." },
    { id: "flash-b", by: "no-route", because: "Its site heard no route to 192.0.2.1." },
  ],
  leftOut: [
    { by: "draining", appliances: 1 },
    { by: "silent", appliances: 1 },
    { by: "no-route", appliances: 1 },
  ],
};
