// `npm test` and `npm run check`: every gate in one run, what was skipped and why, and a last line that counts.
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { run } from "node:test";
import { demandNode24 } from "./node-version.ts";

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

interface TestStage {
  readonly name: string;
  readonly lanes: readonly Lane[];
}

/** Files that run beside those of other lanes. */
interface Lane {
  readonly files: readonly string[];
  /** How many of them run at once. */
  readonly concurrency: number;
  /** Computes, and lets others go first. */
  readonly isPatient?: boolean;
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

async function testFiles({ name, lanes }: TestStage, total: Count, skips: string[]): Promise<void> {
  const begun = performance.now();
  const count: Count = { passed: 0, failed: 0, skipped: 0 };
  if (lanes.every(({ files }) => files.length === 0)) {
    total.failed += 1;
    console.log(`${name}: no test file was found, which cannot be right`);
    return;
  }
  // A failed journey may leave a program running, and its file's process would wait for that: it ends with its tests. On a
  // busy machine the last reports of such a process can be lost (its status is not), so only journeys end that way.
  const forceExit = name === "journeys";
  await Promise.all(lanes.map((lane) => testLane(lane, forceExit, count, skips)));
  for (const key of ["passed", "failed", "skipped"] as const) total[key] += count[key];
  stageLine(name, count, begun);
}

async function testLane(lane: Lane, forceExit: boolean, count: Count, skips: string[]): Promise<void> {
  const { files, concurrency, isPatient = false } = lane;
  if (files.length === 0) return;
  const known = new Set(files.flatMap((file) => [file, `${process.cwd()}/${file}`]));
  const execArgv = isPatient ? ["--import", resolve("tools/patient.ts")] : [];
  const stream = run({ files: [...files], concurrency, timeout: perTestMs, forceExit, execArgv });
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
}

function describe(error: Error | undefined): string {
  if (error === undefined) return "";
  const cause =
    error.cause instanceof Error
      ? (error.cause.stack ?? error.cause.message)
      : (error.stack ?? error.message);
  return cause.split("\n").slice(0, 30).join("\n");
}

/** Browsers mostly wait, encoders never do: they run side by side, and the encoders let the browsers go first. */
function journeyLanes(files: readonly string[]): readonly Lane[] {
  const computes = (file: string): boolean =>
    /\/(encode|pack|edge-install)[^/]*$/.test(file) && !readFileSync(file, "utf8").includes("romium");
  return [
    { files: files.filter((file) => !computes(file)), concurrency: 1 },
    { files: files.filter(computes), concurrency: 1, isPatient: true },
  ];
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
  const unit = ["src/**/*.test.ts", "web/**/*.test.ts", "tools/**/*.test.ts", "bench/**/*.test.ts"];
  const stages: TestStage[] = [{ name: "unit", lanes: [{ files: chosen(unit), concurrency: 2 }] }];
  if (!fast) {
    stages.push({ name: "contract", lanes: [{ files: chosen("test/contract/*.test.ts"), concurrency: 1 }] });
    stages.push({ name: "journeys", lanes: journeyLanes(chosen("test/journeys/*.test.ts")) });
  }
  for (const stage of stages) {
    const files = stage.lanes.flatMap((lane) => lane.files);
    if (only.length === 0 || files.length > 0) await testFiles(stage, total, skips);
  }
  if (skips.length > 0) console.log(`\nskipped:\n${skips.map((line) => `  ${line}`).join("\n")}`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}

await main();
