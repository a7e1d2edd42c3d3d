// Settings as Markdown, from the same rows that are read at start-up.

import { settingsByFolder } from "#bin/settings-tables.ts";
import type { Setting } from "#config/setting.ts";

const begin = "<!-- settings: written by npm run generate -->";
const end = "<!-- end of settings -->";

/** One Markdown table per folder that has settings. */
export function settingsPage(): string {
  const sections = Object.entries(settingsByFolder).map(([folder, table]) => {
    const rows = Object.values(table).map(row);
    return [`### ${folder}`, "| name | default | range | what it does |", "|---|---|---|---|", ...rows].join(
      "\n",
    );
  });
  return sections.join("\n\n");
}

/** `text` with everything between the two marks replaced. */
export function withTables(text: string, tables: string): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/running.md has lost its marks ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${tables}\n\n${text.slice(to)}`;
}

function row(setting: Setting): string {
  return `| \`${setting.name}\` | ${shownDefault(setting)} | ${range(setting)} | ${setting.sentence} |`;
}

function shownDefault(setting: Setting): string {
  return setting.default === "" ? "" : `\`${setting.default}\``;
}

function range(setting: Setting): string {
  switch (setting.kind) {
    case "number":
      return `${setting.min} … ${setting.max} ${setting.unit}`;
    case "choice":
      return setting.choices.map((choice) => `\`${choice}\``).join(", ");
    case "text":
      return setting.secret ? "text, secret" : "text";
  }
}
