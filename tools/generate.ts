// Rewrites the documents that come from tables: the settings in docs/running.md, the metrics in docs/metrics.md,
// the dashboards, and the pages' client of the API.
import { readFileSync, writeFileSync } from "node:fs";
import { clientSources } from "./client-source.ts";
import { dashboardFiles } from "./dashboards.ts";
import { withMetrics } from "./metrics-page.ts";
import { settingsPage, withTables } from "./settings-page.ts";

const path = "docs/running.md";
writeFileSync(path, withTables(readFileSync(path, "utf8"), settingsPage()));
console.log(`${path} holds every setting`);
const metrics = "docs/metrics.md";
writeFileSync(metrics, withMetrics(readFileSync(metrics, "utf8")));
console.log(`${metrics} holds every metric`);
for (const [file, text] of dashboardFiles()) {
  writeFileSync(file, text);
  console.log(`${file} draws what its table says`);
}
for (const [file, text] of await clientSources()) {
  writeFileSync(file, text);
  console.log(`${file} asks what the control plane answers`);
}
