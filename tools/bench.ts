// `npm run bench -- NAME [--PART …] [--quick] [--json]`: ratios measured in one run against a named reference.
import { existsSync } from "node:fs";
import { type Bench, missedBars } from "#bench/bench.ts";
import { demandNode24 } from "./node-version.ts";

demandNode24();
const known = [
  "bgp",
  "lpm",
  "steer",
  "routes",
  "place",
  "churn",
  "ingest",
  "encode",
  "abr",
  "play",
  "edge",
  "lint",
  "fill",
  "playstart",
  "viewers",
  "search",
  "jobs",
  "licence",
  "cache",
  "kills",
];
const words = process.argv.slice(2).filter((word) => word !== "--");
const name = words.find((word) => !word.startsWith("--")) ?? "";
const flags = words.filter((word) => word.startsWith("--"));
if (!known.includes(name) || !existsSync(`bench/${name}.ts`)) {
  refuse(`with NAME one of ${known.join(", ")}`);
}
const { bench, parts = [] }: { bench: Bench; parts?: readonly string[] } = await import(`#bench/${name}.ts`);
const allowed = [...parts.map((part) => `--${part}`), "--quick", "--json"];
const strange = flags.filter((flag) => !allowed.includes(flag));
if (strange.length > 0) refuse(`found ${strange.join(" ")}, while ${name} knows ${allowed.join(" ")}`);
const wanted = parts.filter((part) => flags.includes(`--${part}`));
const result = await bench(flags.includes("--quick"), wanted);
if (flags.includes("--json")) console.log(JSON.stringify(result, null, 2));
else if (result.text !== undefined) console.log(result.text);
else console.table(result.rows);
for (const note of result.notes ?? []) console.error(note);
for (const missed of missedBars(result.rows)) {
  console.error(`MISSED: ${missed}`);
  process.exitCode = 1;
}

function refuse(why: string): never {
  console.error(`usage: npm run bench -- NAME [--PART …] [--quick] [--json]   ${why}`);
  process.exit(2);
}
