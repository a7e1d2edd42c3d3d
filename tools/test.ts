// `npm test` and `npm run check`: every gate in one run, what was skipped and why, and a last line that counts.
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { run } from "node:test";
import { installedEngine, jarsOf } from "./engine-java.ts";
import versions from "./engine-versions.json" with { type: "json" };
import { demandNode24 } from "./node-version.ts";

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

interface TestStage {
  readonly name: string;
  /** Each a list of files that share one process; two processes at once. */
  readonly companies?: readonly (readonly string[])[];
  readonly lanes: readonly Lane[];
  /** Run by whichever lane is through with its own files, one at a time. */
  readonly rest: readonly string[];
}

/** Files that run beside those of other lanes. */
interface Lane {
  readonly files: readonly string[];
  /** How many of them run at once. */
  readonly concurrency: number;
  /** Computes, and lets others go first. */
  readonly isPatient?: boolean;
  /** For each of its processes. */
  readonly words?: readonly string[];
  /** In this process, one file after the other: what one has started is there for the next. */
  readonly sharesProcess?: boolean;
}

/** What the lanes of a stage add to. */
interface Tally {
  readonly count: Count;
  readonly skips: string[];
  readonly took: { readonly file: string; readonly seconds: number }[];
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
  const { name, lanes } = stage;
  const begun = performance.now();
  const count: Count = { passed: 0, failed: 0, skipped: 0 };
  if (filesOf(stage).length === 0) {
    total.failed += 1;
    console.log(`${name}: no test file was found, which cannot be right`);
    return;
  }
  // A failed journey may leave a program running, and its file's process would wait for that: it ends with its tests. On a
  // busy machine the last reports of such a process can be lost (its status is not), so only journeys end that way.
  const forceExit = name === "journeys";
  const tally: Tally = { count, skips, took: [] };
  await testCompanies(stage.companies ?? [], tally);
  const rest = [...stage.rest];
  await Promise.all(
    lanes.map(async (lane) => {
      if (lane.files.length > 0) await testLane(lane, forceExit, tally);
      for (let file = rest.shift(); file !== undefined; file = rest.shift())
        await testLane({ files: [file], concurrency: 1 }, forceExit, tally);
    }),
  );
  for (const key of ["passed", "failed", "skipped"] as const) total[key] += count[key];
  stageLine(name, count, begun);
  const slowest = tally.took.toSorted((a, b) => b.seconds - a.seconds).slice(0, 5);
  const named = slowest.map(({ file, seconds }) => `${basename(file, ".test.ts")} ${seconds.toFixed(0)} s`);
  if (named.length > 0) console.log(`           longest: ${named.join(", ")}`);
}

function filesOf({ lanes, rest, companies = [] }: TestStage): readonly string[] {
  return [...companies.flat(), ...lanes.flatMap(({ files }) => files), ...rest];
}

async function testCompanies(companies: readonly (readonly string[])[], tally: Tally): Promise<void> {
  const waiting = [...companies];
  const next = async (): Promise<void> => {
    for (let words = waiting.shift(); words !== undefined; words = waiting.shift()) {
      const lane = { files: ["tools/test-company.ts"], words, concurrency: 1 };
      const own: Count = { passed: 0, failed: 0, skipped: 0 };
      await testSome(lane, false, { ...tally, count: own });
      if (own.passed + own.failed + own.skipped === 0) throw new Error(`no test ran of ${words.join(" ")}`);
      for (const key of ["passed", "failed", "skipped"] as const) tally.count[key] += own[key];
    }
  };
  await Promise.all([next(), next()]);
}

async function testLane(lane: Lane, forceExit: boolean, tally: Tally): Promise<void> {
  if (lane.concurrency > 1) return testSome(lane, forceExit, tally);
  for (const file of lane.files) {
    const begun = performance.now();
    await testSome({ ...lane, files: [file] }, forceExit, tally);
    tally.took.push({ file, seconds: (performance.now() - begun) / 1000 });
  }
}

async function testSome(lane: Lane, forceExit: boolean, { count, skips }: Tally): Promise<void> {
  const { files, concurrency, isPatient = false, sharesProcess = false } = lane;
  const argv = [...(lane.words ?? [])];
  const known = new Set(files.flatMap((file) => [file, `${process.cwd()}/${file}`]));
  const before = ["tools/compiled.ts", ...(isPatient ? ["tools/patient.ts"] : [])];
  const execArgv = before.flatMap((file) => ["--import", resolve(file)]);
  const said: string[] = [];
  const how = sharesProcess ? { isolation: "none" as const } : { concurrency, forceExit, execArgv, argv };
  const stream = run({ files: [...files], timeout: perTestMs, ...how });
  stream.on("test:pass", (event: TestEvent) => {
    const isSkipped = event.skip !== undefined && event.skip !== false;
    // A suite that is left out has no tests to say so.
    if ((event.details.type === "suite" && !isSkipped) || isFile(event, known)) return;
    if (!isSkipped) count.passed += 1;
    else {
      count.skipped += 1;
      skips.push(`${event.name}: ${event.skip === true ? "no reason given" : event.skip}`);
    }
  });
  stream.on("test:fail", (event: TestEvent) => {
    if (event.details.type === "suite") return;
    count.failed += 1;
    // A file that fails as a whole says why on its standard error alone.
    const last = isFile(event, known) ? said.join("").split("\n").slice(-20).join("\n") : "";
    console.log(
      `\nFAILED  ${event.name}\n        ${event.file ?? ""}\n${describe(event.details.error)}\n${last}`,
    );
  });
  stream.on("test:stderr", ({ message }: { readonly message: string }) => {
    said.push(message);
    if (said.length > 100) said.shift();
  });
  for await (const _ of stream) void _;
}

function describe(error: Error | undefined): string {
  if (error === undefined) return "";
  if ("exitCode" in error) return `the process ended with ${String(error.exitCode)}`;
  const cause =
    error.cause instanceof Error
      ? (error.cause.stack ?? error.cause.message)
      : (error.stack ?? error.message);
  return cause.split("\n").slice(0, 30).join("\n");
}

/**
 * Browsers mostly wait, encoders never do: they run side by side, and the encoders let the browsers go first. Two browsers, or
 * two whole systems, at once would disturb each other, and so does a third lane: frames are dropped. What is neither runs where there is room.
 */
function journeys(files: readonly string[]): TestStage {
  const isBrowser = (file: string): boolean =>
    /\/start[^/]*$/.test(file) || /romium|-(?:stage|theatre)\.ts/.test(readFileSync(file, "utf8"));
  const computes = (file: string): boolean =>
    /\/(encode|pack|edge-install)[^/]*$/.test(file) && !isBrowser(file);
  const isElse = (file: string): boolean => !isBrowser(file) && !computes(file);
  return {
    name: "journeys",
    lanes: [
      { files: files.filter(isBrowser), concurrency: 1 },
      { files: files.filter(computes), concurrency: 1, isPatient: true },
    ],
    rest: files.filter(isElse),
  };
}

type Chosen = (pattern: string | string[]) => string[];

/** The servers that Millrace grows into take long to start: one of each is for all files. */
function engines(chosen: Chosen): TestStage {
  const files = chosen("test/engines/*.test.ts");
  return { name: "engines", lanes: [{ files, concurrency: 2, sharesProcess: true }], rest: [] };
}

/** Promises of ports on engines that are installed: some seconds each. What crashes engines, or wants all of them, is left out. */
const onEngines: readonly { readonly file: string; readonly engine: string }[] = [
  { file: "test/engines/event-source.test.ts", engine: jarsOf("kafka") },
  { file: "test/engines/history.test.ts", engine: jarsOf("cassandra") },
  { file: "test/engines/blob.test.ts", engine: installedEngine(`seaweedfs-${versions.seaweedfs.version}`) },
];

/**
 * The gate installs no engine: that is a download of some hundred megabytes, and a build of ten minutes. It says what it leaves out.
 * A process of their own: tests that share one can be run once in it.
 */
function contractsOnEngines(chosen: Chosen, total: Count, skips: string[]): void {
  const files = onEngines.filter(({ file, engine }) => existsSync(engine) && chosen(file).length > 0);
  const run = files.map(({ file }) => file);
  const left = chosen("test/engines/*.test.ts").filter((file) => !run.includes(file));
  if (left.length > 0) {
    const names = left.map((file) => basename(file, ".test.ts")).join(", ");
    const lacking = onEngines.some(({ engine }) => !existsSync(engine))
      ? ", or their engines are not installed here"
      : "";
    console.log(
      `engines    left out: ${names}: they take minutes${lacking}. All of them: npm run test:engines`,
    );
  }
  if (run.length === 0) return;
  const argv = ["tools/test.ts", "--engines", ...run];
  const { stdout } = spawnSync(process.execPath, argv, { encoding: "utf8", maxBuffer: 64 << 20 });
  const said = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(stdout);
  console.log(stdout.slice(0, said?.index).trimEnd());
  const [, passed = 0, failed = 1, skipped = 0] = said ?? [];
  total.passed += Number(passed);
  total.failed += Number(failed);
  total.skipped += Number(skipped);
  if (Number(skipped) > 0) skips.push(`${skipped} on engines, with their reasons above`);
}

/** So many that none is long, and so few that starting them takes no time to speak of. */
const companySize = 32;

/** Neighbours test alike: a company gets every twelfth file, say, so that all take about as long. */
function inCompanies(files: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(files.length / companySize);
  return Array.from({ length: count }, (_, nth) => files.filter((_file, at) => at % count === nth));
}

function gates(chosen: Chosen, fast: boolean): readonly TestStage[] {
  const unit = ["src/**/*.test.ts", "web/**/*.test.ts", "tools/**/*.test.ts", "bench/**/*.test.ts"];
  const units: TestStage = { name: "unit", companies: inCompanies(chosen(unit)), lanes: [], rest: [] };
  if (fast) return [units];
  const contract: TestStage = {
    name: "contract",
    lanes: [{ files: chosen("test/contract/*.test.ts"), concurrency: 2 }],
    rest: [],
  };
  return [units, contract, journeys(chosen("test/journeys/*.test.ts"))];
}

async function main(): Promise<void> {
  demandNode24();
  const strange = process.argv
    .slice(2)
    .filter((word) => word.startsWith("--") && !["--fast", "--engines"].includes(word));
  if (strange.length > 0) {
    console.error(
      `usage: npm test -- [--fast|--engines] [WORD …]   words choose files by path; found ${strange.join(" ")}`,
    );
    process.exit(2);
  }
  const fast = process.argv.includes("--fast");
  const only = process.argv.slice(2).filter((word) => !word.startsWith("--"));
  const chosen: Chosen = (pattern) =>
    globSync(pattern).filter((file) => only.length === 0 || only.some((word) => file.includes(word)));
  const total: Count = { passed: 0, failed: 0, skipped: 0 };
  const skips: string[] = [];
  const isWhole = only.length === 0 && !process.argv.includes("--engines");
  if (isWhole) {
    tool("lint", ["node_modules/@biomejs/biome/bin/biome", "ci", "."], total);
    tool("types", ["node_modules/typescript/bin/tsc", "-p", "."], total);
  }
  const stages = process.argv.includes("--engines") ? [engines(chosen)] : gates(chosen, fast);
  for (const stage of stages) {
    if (only.length === 0 || filesOf(stage).length > 0) await testFiles(stage, total, skips);
  }
  if (!(fast || process.argv.includes("--engines"))) contractsOnEngines(chosen, total, skips);
  if (skips.length > 0) console.log(`\nskipped:\n${skips.map((line) => `  ${line}`).join("\n")}`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}

await main();
