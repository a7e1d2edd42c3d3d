// `npm test` and `npm run check`: every gate in one run, what was skipped and why, and a last line that counts.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { run } from "node:test";
import { demandNode24 } from "./node-version.ts";

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

interface TestStage {
  readonly name: string;
  readonly files: readonly string[];
  /** How many test files run at once. */
  readonly concurrency: number;
}

/** Only what hangs comes near it: whatever a test waits for has a deadline of its own. */
const perTestMs = 900_000;

/** The slice of node:test's events that is counted here. */
interface TestEvent {
  readonly name: string;
  readonly file?: string | undefined;
  readonly skip?: string | boolean | undefined;
  readonly details: { readonly type?: string | undefined; readonly error?: Error | undefined };
}

function tool(name: string, argv: readonly string[], total: Count): void {
  const begun = performance.now();
  const done = spawnSync(process.execPath, argv, { encoding: "utf8", maxBuffer: 64 << 20 });
  const ok = done.status === 0;
  total[ok ? "passed" : "failed"] += 1;
  if (!ok) console.log(`${done.stdout}\n${done.stderr}`);
  stageLine(name, { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }, begun);
}

function stageLine(name: string, count: Count, begun: number): void {
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(
    `${name.padEnd(10)} ${count.passed} ok, ${count.failed} not ok, ${count.skipped} left out  (${seconds} s)`,
  );
}

/** A whole file that fails to load is an event without a test of its own: it must count as a failure. */
function isFile(event: TestEvent, files: ReadonlySet<string>): boolean {
  return files.has(event.name) || event.name === event.file;
}

async function testFiles(stage: TestStage, total: Count, skips: string[]): Promise<void> {
  const begun = performance.now();
  const count: Count = { passed: 0, failed: 0, skipped: 0 };
  const known = new Set(stage.files.flatMap((file) => [file, `${process.cwd()}/${file}`]));
  if (stage.files.length === 0) {
    total.failed += 1;
    console.log(`${stage.name}: no test file was found, which cannot be right`);
    return;
  }
  // A failed journey may leave a program running, and its file's process would wait for that: it ends with its tests. On a
  // busy machine the last reports of such a process can be lost (its status is not), so only journeys end that way.
  const order = { concurrency: stage.concurrency, timeout: perTestMs, forceExit: stage.name === "journeys" };
  const stream = run({ files: [...stage.files], ...order });
  stream.on("test:pass", (event: TestEvent) => {
    if (event.details.type === "suite" || isFile(event, known)) return;
    if (event.skip === undefined || event.skip === false) count.passed += 1;
    else {
      count.skipped += 1;
      skips.push(`${event.name}: ${event.skip === true ? "no reason given" : event.skip}`);
    }
  });
  stream.on("test:fail", (event: TestEvent) => {
    if (event.details.type === "suite") return;
    count.failed += 1;
    console.log(`\nFAILED  ${event.name}\n        ${event.file ?? ""}\n${describe(event.details.error)}\n`);
  });
  for await (const _ of stream) void _;
  for (const key of ["passed", "failed", "skipped"] as const) total[key] += count[key];
  stageLine(stage.name, count, begun);
}

function describe(error: Error | undefined): string {
  if (error === undefined) return "";
  const cause =
    error.cause instanceof Error
      ? (error.cause.stack ?? error.cause.message)
      : (error.stack ?? error.message);
  return cause.split("\n").slice(0, 30).join("\n");
}

async function main(): Promise<void> {
  demandNode24();
  const fast = process.argv.includes("--fast");
  const only = process.argv.slice(2).filter((word) => !word.startsWith("--"));
  const chosen = (pattern: string | string[]): string[] =>
    globSync(pattern).filter((file) => only.length === 0 || only.some((word) => file.includes(word)));
  const total: Count = { passed: 0, failed: 0, skipped: 0 };
  const skips: string[] = [];
  if (only.length === 0) {
    tool("lint", ["node_modules/@biomejs/biome/bin/biome", "ci", "."], total);
    tool("types", ["node_modules/typescript/bin/tsc", "-p", "."], total);
  }
  const stages: TestStage[] = [
    {
      name: "unit",
      files: chosen(["src/**/*.test.ts", "web/**/*.test.ts", "tools/**/*.test.ts", "bench/**/*.test.ts"]),
      concurrency: 2,
    },
  ];
  if (!fast) {
    stages.push({ name: "contract", files: chosen("test/contract/*.test.ts"), concurrency: 1 });
    stages.push({ name: "journeys", files: chosen("test/journeys/*.test.ts"), concurrency: 1 });
  }
  for (const stage of stages) {
    if (only.length === 0 || stage.files.length > 0) await testFiles(stage, total, skips);
  }
  if (skips.length > 0) console.log(`\nskipped:\n${skips.map((line) => `  ${line}`).join("\n")}`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}

await main();
