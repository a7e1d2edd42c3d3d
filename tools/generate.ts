// Rewrites the documents that come from tables: the settings in docs/running.md,
// and the pages' client of the API.
import { readFileSync, writeFileSync } from "node:fs";
import { clientSources } from "./client-source.ts";
import { settingsPage, withTables } from "./settings-page.ts";

const path = "docs/running.md";
writeFileSync(path, withTables(readFileSync(path, "utf8"), settingsPage()));
console.log(`${path} holds every setting`);
for (const [file, text] of await clientSources()) {
  writeFileSync(file, text);
  console.log(`${file} asks what the control plane answers`);
}
