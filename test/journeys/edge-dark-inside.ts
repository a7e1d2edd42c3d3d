// Ten minutes in which control is not there: run in a network namespace of its own by edge-dark.test.ts, as root.
// One appliance's packets to a real control plane vanish; another's are taken by a control that says nothing.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { client } from "./control-client.ts";
import { operator } from "./control-plane.ts";
import { filmFileBytes, type Network, openNetwork, pathOf } from "./edge-network.ts";
import {
  type AgentProcess,
  type FakeControl,
  get,
  k1,
  publish,
  type Scope,
  signed,
  startAgent,
  until,
} from "./edge-rig.ts";
import { origin, plan, site } from "./edge-site.ts";
import { startViewers, type Viewers } from "./edge-viewers.ts";

const [seconds = 600] = process.argv.slice(2).map(Number);
const environment = { MILLRACE_EDGE_LOG_BYTES: "65536" };
const controlHost = "10.99.0.2";
const sampleMs = 5000;
const missesPerSample = 100;
/** Between two reports of a silent control, jitter included: the log is read, and set aside, that often. */
const longestSilenceMs = 18_000;

const ip = (...words: string[]): string => execFileSync("ip", words, { encoding: "utf8" });

/** Control's address is this machine's until it goes dark: then packets leave to a neighbour that is nobody. */
function lightUp(): void {
  ip("link", "set", "lo", "up");
  ip("link", "add", "dark0", "type", "veth", "peer", "name", "dark1");
  for (const name of ["dark0", "dark1"]) ip("link", "set", name, "up");
  ip("addr", "add", "10.99.0.1/24", "dev", "dark0");
  ip("neigh", "add", controlHost, "lladdr", "02:00:00:00:00:99", "dev", "dark0", "nud", "permanent");
  ip("addr", "add", `${controlHost}/32`, "dev", "lo");
}

/** One appliance under watch. */
interface Watched {
  readonly name: string;
  readonly dir: string;
  readonly listen: string;
  readonly agent: AgentProcess;
  readonly viewers: Viewers;
  readonly path: (session: string, file?: string) => string;
  readonly rssMb: number[];
  readonly handles: number[];
  misses: number;
  logLines: number;
  longestLogBytes: number;
}

function watched(
  t: Scope,
  box: Pick<Watched, "name" | "dir" | "listen" | "agent" | "path">,
  bytes: number,
): Watched {
  const path = box.path("viewer");
  const viewers = startViewers(t, { listen: box.listen, viewers: 2, restMs: 400, path: () => path, bytes });
  const one: Watched = {
    ...{ ...box, viewers, rssMb: [], handles: [] },
    ...{ misses: 0, logLines: 0, longestLogBytes: 0 },
  };
  box.agent.child.stderr?.on("data", (text: string) => {
    one.logLines += text.split("\n").length - 1;
  });
  return one;
}

/** Names that nobody ever asked for: each is a miss that the ledger has not seen. */
async function missSome(one: Watched): Promise<void> {
  for (let i = 0; i < missesPerSample; i += 1) {
    one.misses += 1;
    const { status } = await get(one.listen, one.path("curious", `v360-1/made-up-${one.misses}.m4s`));
    assert.equal(status, 404);
  }
}

function look(one: Watched): void {
  const pid = one.agent.child.pid ?? 0;
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  one.rssMb.push(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
  one.handles.push(readdirSync(`/proc/${pid}/fd`).length);
  for (const name of readdirSync(join(one.dir, "nginx/logs"))) {
    const { size } = statSync(join(one.dir, "nginx/logs", name), { throwIfNoEntry: false }) ?? { size: 0 };
    one.longestLogBytes = Math.max(one.longestLogBytes, size);
  }
}

async function dropped(t: TestContext): Promise<{ network: Network; box: Watched }> {
  const network = await openNetwork(t, { ids: ["a1"], controlHost, environment });
  const [box] = network.boxes;
  assert.ok(box !== undefined);
  const path: Watched["path"] = (session, file) => pathOf(network, session, file);
  return { network, box: watched(t, { ...box, name: "packets dropped", path }, filmFileBytes) };
}

async function mute(t: TestContext): Promise<{ control: FakeControl; box: Watched }> {
  const { dir, listen, control, folder, originUrl } = await site(t);
  const file = "v360/0.m4s";
  control.desired = plan(1, [publish(join(folder, "store"), "t1", "v360", 1, 20_000)], origin(originUrl));
  const agent = startAgent(t, { dir, listen, control: control.url }, environment);
  await control.report("all", (report) => report.verified.length === 1);
  const path: Watched["path"] = (_, other = file) => signed(k1, "t1", other, 7200);
  return { control, box: watched(t, { name: "silent", dir, listen, agent, path }, 20_000) };
}

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

function judge(t: TestContext, one: Watched): void {
  const { rssMb, handles, viewers, logLines, name } = one;
  const third = Math.ceil(rssMb.length / 3);
  const [early, late] = [middle(rssMb.slice(0, third)), middle(rssMb.slice(-third))];
  const perMinute = (logLines / seconds) * 60;
  t.diagnostic(
    `${name}: ${viewers.asked()} requests, ${viewers.failed().length} failed; ${one.misses} misses; agent ` +
      `${early.toFixed(1)} → ${late.toFixed(1)} MB, handles ${handles[0]} → ${handles.at(-1)} (most ${Math.max(...handles)}); ` +
      `${logLines} lines of log, ${perMinute.toFixed(2)} a minute; largest log of nginx ${one.longestLogBytes} bytes`,
  );
  assert.deepEqual(viewers.failed(), []);
  assert.ok(late < early + 32, "memory does not grow with the time without control");
  assert.ok(Math.max(...handles) <= (handles[0] ?? 0) + 8, "nor do file handles");
  assert.ok(perMinute <= 6, "nor is the log flooded");
  const perMs = (missesPerSample / sampleMs + 2 / 400) * 600;
  assert.ok(one.longestLogBytes < 65_536 + perMs * longestSilenceMs, "nginx's logs are set aside");
}

/** Sampled until the time is over; `onHalf` once, in the middle. */
async function wait(boxes: readonly Watched[], onHalf: () => Promise<void>): Promise<void> {
  const begun = performance.now();
  let isHalf = false;
  while (performance.now() - begun < seconds * 1000) {
    for (const one of boxes) await missSome(one);
    await sleep(sampleMs);
    for (const one of boxes) look(one);
    if (isHalf || performance.now() - begun < seconds * 500) continue;
    isHalf = true;
    await onHalf();
  }
}

test(`${seconds} s without control`, async (t) => {
  lightUp();
  const { network, box } = await dropped(t);
  const other = await mute(t);
  const boxes = [box, other.box];
  await until("it is healthy", () => network.told("a1").health === "healthy");
  const before = network.told("a1").report?.bootId;
  const isSteered = (): boolean =>
    network.control.steeringFor("203.0.113.7", "film-1")?.ranked.some(({ id }) => id === "a1") === true;
  assert.ok(isSteered());
  for (const one of boxes) one.logLines = 0;
  ip("addr", "del", `${controlHost}/32`, "dev", "lo");
  other.control.isMute = true;
  const darkAt = performance.now();
  await until("its lease is over", () => network.told("a1").health === "silent");
  t.diagnostic(`lease over ${Math.round(performance.now() - darkAt)} ms after the last packet`);
  assert.ok(!isSteered(), "nobody new is sent there");
  await wait(boxes, async () => {
    const op = client(network.url);
    await op.signIn(operator.email, operator.password);
    assert.equal((await op.post("/v1/ops/sessions/banned/deny", {})).status, 204);
    assert.equal(network.told("a1").health, "silent");
    assert.equal((await get(box.listen, box.path("banned"))).status, 200, "it cannot know");
  });
  for (const one of boxes) judge(t, one);
  ip("addr", "add", `${controlHost}/32`, "dev", "lo");
  const from = other.control.reports.length;
  other.control.isMute = false;
  const lightAt = performance.now();
  const answer = (): Promise<number> => get(box.listen, box.path("banned")).then(({ status }) => status);
  await until("what was denied meanwhile is refused", async () => (await answer()) === 403);
  t.diagnostic(
    `denied meanwhile, refused ${Math.round(performance.now() - lightAt)} ms after control was back`,
  );
  await until("it is healthy again", () => network.told("a1").health === "healthy");
  assert.ok(isSteered());
  for (const one of boxes) await one.viewers.stop();
  await until("every miss is told", () => network.told("a1").report?.misses?.total === box.misses);
  await until(
    "the other's too",
    () => other.control.reports.slice(from).at(-1)?.misses?.total === other.box.misses,
  );
  const report = network.told("a1").report;
  assert.equal(report?.bootId, before, "the same agent");
  assert.equal(report?.misses?.files.length, 50, "the report stays bounded");
  t.diagnostic(`misses told after: ${report?.misses?.total} and ${other.box.misses}, of as many asked`);
});
