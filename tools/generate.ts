// Rewrites the documents that come from tables: the settings in docs/running.md.
import { readFileSync, writeFileSync } from "node:fs";
import { settingsPage, withTables } from "./settings-page.ts";

const path = "docs/running.md";
writeFileSync(path, withTables(readFileSync(path, "utf8"), settingsPage()));
console.log(`${path} holds every setting`);
