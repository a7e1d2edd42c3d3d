// Metrics as Markdown, from the same rows that the instruments are made from.
import { controlMetrics } from "#control/metrics.ts";

const begin = "<!-- metrics: written by npm run generate -->";
const end = "<!-- end of metrics -->";

export function metricsTable(): string {
  const rows = Object.values(controlMetrics).map(({ name, kind, unit, labels, sentence }) => {
    const told = labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${name}\` | ${kind} | ${unit} | ${told} | ${sentence} |`;
  });
  return ["| name | kind | unit | labels | what it is |", "|---|---|---|---|---|", ...rows].join("\n");
}

/** `text` with everything between the two marks replaced. */
export function withMetrics(text: string): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/metrics.md has lost its marks ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${metricsTable()}\n\n${text.slice(to)}`;
}
