// How each server is loaded: its share of the bytes, of the traffic, and of the throughput, as bars under each other.
import * as Plot from "@observablehq/plot";
import type { PictureServer } from "#model/placement-picture.ts";
import { short } from "#units/in-words.ts";
import { percentWords, type Sheet } from "./looks.ts";

/** A picture of more servers could not be read; the table has all. */
export const mostDrawn = 40;

const measures = [
  { name: "storage", of: (server: PictureServer) => server.storageShare, fill: "var(--buffer)" },
  { name: "traffic", of: (server: PictureServer) => server.trafficShare, fill: "var(--throughput)" },
  { name: "throughput", of: (server: PictureServer) => server.throughputShare, fill: "var(--line-strong)" },
] as const;

/** The busiest servers, in the order given; their number where not all are drawn. */
export function drawnServers(servers: readonly PictureServer[]): readonly PictureServer[] {
  if (servers.length <= mostDrawn) return servers;
  const busiest = servers.toSorted((a, b) => b.utilisation - a.utilisation).slice(0, mostDrawn);
  const chosen = new Set(busiest.map((server) => server.serverId));
  return servers.filter((server) => chosen.has(server.serverId));
}

export function loadFigure(all: readonly PictureServer[], sheet: Sheet): Element {
  const servers = drawnServers(all);
  const bars = servers.flatMap((server) =>
    measures.map(({ name, of, fill }) => ({ server: server.serverId, name, share: of(server), fill })),
  );
  const most = bars.reduce((max, bar) => Math.max(max, bar.share), 0);
  return Plot.plot({
    className: "plot",
    ...(sheet.document === undefined ? {} : { document: sheet.document }),
    width: sheet.width,
    height: 44 + 40 * servers.length,
    marginLeft: Math.min(160, 0.3 * sheet.width),
    marginRight: 62,
    marginBottom: 36,
    x: {
      percent: true,
      label: "share of the cluster (%)",
      grid: true,
      ticks: 5,
      domain: [0, 100 * most * 1.02],
    },
    y: { axis: null, domain: measures.map((measure) => measure.name), padding: 0 },
    fy: { label: null, domain: servers.map((server) => server.serverId), padding: 0.28 },
    marks: [
      Plot.barX(bars, {
        fy: "server",
        y: "name",
        x: "share",
        fill: "fill",
        insetTop: 0.5,
        insetBottom: 0.5,
        title: (bar) => `${bar.server}: ${percentWords(bar.share)} of ${bar.name}`,
      }),
      Plot.text(servers, {
        fy: "serverId",
        text: (server) => `${short(server.utilisation)} ×`,
        frameAnchor: "right",
        textAnchor: "start",
        dx: 6,
        fill: "var(--ink-soft)",
        title: (server) => `${server.serverId}: ${short(server.utilisation)} × the mean utilisation`,
      }),
    ],
  });
}
