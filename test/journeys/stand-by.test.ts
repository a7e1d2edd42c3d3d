// Two control planes and one PostgreSQL: one works, the other is refused or stands by, and takes over when the first dies, sleeps or ends.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { freshSchema, open, postgresServer, temporaryFolder } from "#test/contract/stores-builders.ts";
import { millraceIn, writtenIn } from "#test/fixtures/command.ts";
import { smallRoutes, smallSites, smallTitle } from "#test/fixtures/small-network.ts";
import { client } from "./control-client.ts";
import { eventually } from "./control-plane.ts";

interface Program {
  readonly child: ChildProcess;
  /** All that it said on standard error. */
  said(): string;
  /** Where it answers; fails when it ended instead. */
  url(): Promise<string>;
  /** Exit status and signal. */
  readonly ended: Promise<readonly unknown[]>;
}

interface Stage {
  readonly databaseUrl: string;
  /** A machine of its own, but for the clock: its folder, with the keys of the first that there was. */
  home(): Promise<string>;
  control(home: string, words?: readonly string[]): Promise<Program>;
}

/** A plane that is stopped is followed after six seconds. */
const quick = {
  MILLRACE_PLANE_HOLD_MS: "6000",
  MILLRACE_PLANE_BEAT_MS: "500",
  MILLRACE_PLANE_WATCH_MS: "100",
};

async function stage(t: TestContext): Promise<Stage | { readonly missing: string }> {
  const server = await postgresServer();
  if ("missing" in server) return server;
  const databaseUrl = await freshSchema(server.url);
  const folder = await temporaryFolder();
  const children: ChildProcess[] = [];
  t.after(() => {
    for (const child of children) child.kill("SIGKILL");
  });
  const stores = await open(databaseUrl, "unused");
  await stores.catalog.publish(smallTitle("film-1"));
  await stores.close();
  const files = ["--sites", writtenIn(folder, "sites.json", smallSites)];
  files.push("--routes", writtenIn(folder, "routes.json", smallRoutes), "--origin", "http://127.0.1.1:8180");
  let homes = 0;
  return {
    databaseUrl,
    async home() {
      homes += 1;
      const home = join(folder, `home-${homes}`);
      await mkdir(home);
      if (homes > 1) await copyFile(join(folder, "home-1", "secrets.json"), join(home, "secrets.json"));
      return home;
    },
    async control(home, words = []) {
      const argv = ["src/bin/millrace.ts", "control", ...files, "--listen", `127.0.0.1:${await freePort()}`];
      const env = { ...process.env, ...quick, MILLRACE_HOME: home, DATABASE_URL: databaseUrl };
      const child = spawn(process.execPath, [...argv, ...words], {
        env: { ...env, MILLRACE_LOG_LEVEL: "warn" },
        stdio: ["ignore", "ignore", "pipe"],
      });
      children.push(child);
      return watched(child);
    },
  };
}

function watched(child: ChildProcess): Program {
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (more: string) => {
    text += more;
  });
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    said: () => text,
    async url() {
      await eventually("the control plane answers", async () => /control {2}http\S+ /.test(text) || isOver());
      const url = /control {2}(\S+)/.exec(text)?.[1];
      assert.ok(url !== undefined, text);
      return url;
    },
    ended: once(child, "close"),
  };
}

/** A request that has left; what is heard until its connection ends. */
async function askedInVain(url: string): Promise<{ readonly heard: Promise<string> }> {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port) });
  await once(socket, "connect");
  let text = "";
  socket.setEncoding("utf8").on("data", (more: string) => {
    text += more;
  });
  const heard = new Promise<string>((resolve) => {
    socket.on("error", () => undefined).once("close", () => resolve(text));
  });
  await new Promise((resolve) => socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", resolve));
  return { heard };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await once(probe.listen(0, "127.0.0.1"), "listening");
  const address = probe.address();
  assert.ok(typeof address === "object" && address !== null);
  probe.close();
  await once(probe, "close");
  return address.port;
}

const waits = (program: Program): Promise<void> =>
  eventually("it stands by", async () => program.said().includes("waiting for its end"));

test("[CO320] [CO321] a second control plane is refused, a stand-by takes over after kill -9, and viewers play on it", async (t) => {
  const play = await stage(t);
  if ("missing" in play) return t.skip(play.missing);
  const firstHome = await play.home();
  const first = await play.control(firstHome, ["--operator", "op@example.org"]);
  const before = client(await first.url());
  const password = /password (\S+)/.exec(first.said())?.[1] ?? "";
  assert.equal((await before.signIn("op@example.org", password)).status, 200);

  const home = await play.home();
  const second = await play.control(home);
  assert.deepEqual(await second.ended, [1, null]);
  assert.match(second.said(), new RegExp(`process ${first.child.pid} on ${hostname()}, since 2.*--stand-by`));
  assert.match(second.said(), /\[plane-held\]\n$/);

  const standBy = await play.control(home, ["--stand-by"]);
  await waits(standBy);
  assert.match(standBy.said(), new RegExp(`^stand-by {2}process ${first.child.pid} on ${hostname()}, `, "m"));
  // What opens the database beside a running control plane goes on doing so.
  const beside = { DATABASE_URL: play.databaseUrl };
  for (const words of [["backup"], ["screens", "pause", "--seconds=1"], ["audit", "verify"]]) {
    const said = millraceIn(firstHome, words, beside);
    assert.equal(said.status, 0, `${words.join(" ")}: ${said.err}`);
  }
  assert.equal((await before.get("/readyz")).status, 200);
  assert.doesNotMatch(standBy.said(), /control {2}http/);

  first.child.kill("SIGKILL");
  const url = await standBy.url();
  const known = client(url, before.cookie());
  assert.equal((await known.get("/v1/me")).status, 200, "who was signed in still is");
  const viewer = client(url);
  assert.equal((await viewer.signIn("op@example.org", password)).status, 200);
  await eventually("films start again after the pause", async () => {
    const { status, code } = await viewer.post("/v1/play", { titleId: "film-1" });
    assert.ok(status === 200 || code === "screens-paused", code);
    return status === 200;
  });
  const answer = await viewer.play("film-1");
  assert.ok(answer.sessionId.length > 0);
  standBy.child.kill("SIGTERM");
  assert.deepEqual(await standBy.ended, [0, null], standBy.said());
});

test("[CO321] [CO322] one that was stopped for too long answers nothing beside its successor, and a clean end hands over at once", async (t) => {
  const play = await stage(t);
  if ("missing" in play) return t.skip(play.missing);
  const first = await play.control(await play.home());
  const url = await first.url();
  const second = await play.control(await play.home(), ["--stand-by"]);
  await waits(second);
  first.child.kill("SIGSTOP");
  const next = await second.url();
  // The system takes them for the stopped one, which finds them before any timer of its own when it wakes.
  const late = await Promise.all(Array.from({ length: 5 }, () => askedInVain(url)));
  first.child.kill("SIGCONT");
  for (const answer of await Promise.all(late.map(({ heard }) => heard))) {
    assert.match(answer, /^(HTTP\/1\.1 503 |$)/);
  }
  assert.deepEqual(await first.ended, [1, null]);
  assert.match(first.said(), /no longer holds the database .*\[plane-hold-lost\]\n$/);
  assert.equal((await client(next).get("/readyz")).status, 200);

  const third = await play.control(await play.home(), ["--stand-by"]);
  await waits(third);
  const begun = performance.now();
  second.child.kill("SIGTERM");
  assert.deepEqual(await second.ended, [0, null], second.said());
  await third.url();
  t.diagnostic(`handed over within ${Math.round(performance.now() - begun)} ms of SIGTERM`);
});

test("[CO320] there is nothing to stand by for on the embedded database", async () => {
  const home = await temporaryFolder();
  const files = ["--sites", writtenIn(home, "sites.json", smallSites)];
  files.push("--routes", writtenIn(home, "routes.json", smallRoutes), "--origin", "http://127.0.1.1:8180");
  const said = millraceIn(home, ["control", ...files, "--listen", "127.0.0.1:1", "--stand-by"]);
  assert.equal(said.status, 1);
  assert.match(said.err, /set DATABASE_URL.*\[stand-by-alone\]/);
});
