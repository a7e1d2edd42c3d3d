// Grafana dashboards, from tables of panels: docs/grafana/*.json is written from here, and holds nothing that is not told there.
// That the metrics exist, with these labels, is for tools/metrics.test.ts to say.

import type { Dashboard, Panel } from "./dashboard-panels.ts";
import { dashboards } from "./dashboard-tables.ts";
import { formatted } from "./formatted.ts";

/** Each dashboard's file, as Grafana imports it. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(dashboards).map(([id, dashboard]) => [
      `docs/grafana/${id}.json`,
      formatted(`docs/grafana/${id}.json`, JSON.stringify(grafana(id, dashboard), null, 2)),
    ]),
  );
}

const datasource = { type: "prometheus", uid: "$datasource" };
const [across, wide, high] = [3, 8, 8];

function grafana(uid: string, { title, sentence, rows }: Dashboard): unknown {
  let y = 0;
  let id = 0;
  const panels = rows.flatMap((row) => {
    const top = y + 1;
    const heading = {
      ...{ type: "row", id: ++id, title: row.title, collapsed: false, panels: [] },
      gridPos: { h: 1, w: 24, x: 0, y },
    };
    y = top + Math.ceil(row.panels.length / across) * high;
    return [
      heading,
      ...row.panels.map((panel, at) => {
        const gridPos = {
          h: high,
          w: wide,
          x: (at % across) * wide,
          y: top + Math.floor(at / across) * high,
        };
        return { ...panelOf(panel), id: ++id, gridPos };
      }),
    ];
  });
  const source = { name: "datasource", type: "datasource", query: "prometheus", label: "Prometheus" };
  return {
    ...{
      uid,
      title,
      description: sentence,
      tags: ["millrace"],
      schemaVersion: 39,
      version: 1,
      editable: true,
    },
    ...{ refresh: "1m", time: { from: "now-6h", to: "now" }, timezone: "browser" },
    ...{ templating: { list: [source] }, annotations: { list: [] }, panels },
  };
}

function panelOf({ title, sentence, unit, lines }: Panel): object {
  const targets = Object.entries(lines).map(([legendFormat, expr], at) => ({
    ...{ refId: String.fromCharCode(65 + at), datasource, expr, legendFormat, range: true },
  }));
  return {
    ...{ type: "timeseries", title, description: sentence, datasource, targets },
    fieldConfig: { defaults: { unit, min: 0, custom: { lineWidth: 1, fillOpacity: 10 } }, overrides: [] },
    options: {
      legend: { displayMode: "list", placement: "bottom" },
      tooltip: { mode: "multi", sort: "desc" },
    },
  };
}
