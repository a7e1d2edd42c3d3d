// `npm run bench -- NAME [--quick] [--json]`: ratios measured in one run against a named reference.
import { existsSync } from "node:fs";
import type { Bench } from "#bench/bench.ts";
import { demandNode24 } from "./node-version.ts";

demandNode24();
const known = ["place", "ingest"];
const words = process.argv.slice(2).filter((word) => word !== "--");
const name = words.find((word) => !word.startsWith("--")) ?? "";
if (!known.includes(name) || !existsSync(`bench/${name}.ts`)) {
  console.error(`usage: npm run bench -- NAME [--quick] [--json]   with NAME one of ${known.join(", ")}`);
  process.exit(2);
}
const { bench }: { bench: Bench } = await import(`#bench/${name}.ts`);
const result = await bench(words.includes("--quick"));
if (words.includes("--json")) console.log(JSON.stringify(result, null, 2));
else console.table(result.rows);
