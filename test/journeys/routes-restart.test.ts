// The control plane killed in the middle of it: from its first answer on it knows what appliances told the one before.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openSecrets } from "#control/io/secrets.ts";
import { endAll } from "#edge/io/nginx-process.ts";
import { smallRoutes, smallSites, smallTitle } from "#test/fixtures/small-network.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import { type Client, client } from "./control-client.ts";
import { eventually, openPlane, operator, viewer } from "./control-plane.ts";
import { freeListen, missing } from "./edge-rig.ts";
import { film, heard, report, routesNow, session, tell, writeHeard } from "./routes-rig.ts";

/** Where only the appliances know of: the routes file has the exchange's default route for it. */
const place = { id: "by-bgp", name: "By BGP", address: "198.51.100.7" };

async function freePort(): Promise<number> {
  const probe = createServer();
  await once(probe.listen(0, "127.0.0.1"), "listening");
  const address = probe.address();
  assert.ok(typeof address === "object" && address !== null);
  probe.close();
  await once(probe, "close");
  return address.port;
}

async function isOver(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

class Installation {
  readonly home: string;
  readonly url: string;
  token = "";
  private readonly children: ChildProcess[] = [];

  private constructor(home: string, url: string) {
    this.home = home;
    this.url = url;
  }

  /** A film, accounts and files in a folder; nothing runs yet. */
  static async open(t: TestContext): Promise<Installation> {
    const home = await mkdtemp(join(tmpdir(), "millrace-restart-"));
    const made = new Installation(home, `http://127.0.0.1:${await freePort()}`);
    t.after(async () => {
      const running = made.children.filter((child) => child.kill("SIGKILL"));
      // They write into the folder as long as they are there.
      await Promise.all(running.map(isOver));
      await endAll(join(home, "box/nginx"), 0);
      await rm(home, { recursive: true, force: true });
    });
    const plane = await openPlane(home);
    await plane.control.publishTitle(smallTitle(film));
    await plane.close();
    made.token = (await openSecrets(join(home, "secrets.json"))).applianceToken;
    await writeFile(join(home, "token"), made.token);
    const sites = { ...smallSites, viewpoints: [...smallSites.viewpoints, place] };
    await writeFile(join(home, "sites.json"), JSON.stringify(sites));
    await writeFile(join(home, "routes.json"), JSON.stringify(smallRoutes));
    return made;
  }

  async startControl(): Promise<ChildProcess> {
    const files = ["--sites", join(this.home, "sites.json"), "--routes", join(this.home, "routes.json")];
    const child = this.start([
      ...["control", ...files, "--origin", "http://127.0.1.1:8180"],
      ...["--listen", new URL(this.url).host],
    ]);
    const anyone = client(this.url);
    await eventually("control is up", async () => {
      assert.equal(child.exitCode, null);
      return anyone.get("/readyz").then(
        ({ status }) => status === 200,
        () => false,
      );
    });
    return child;
  }

  start(words: readonly string[]): ChildProcess {
    const env = {
      ...process.env,
      MILLRACE_HOME: this.home,
      MILLRACE_LOG_LEVEL: "error",
      MILLRACE_PLAYS_PER_MINUTE: "100000",
      MILLRACE_BGP_KEEP_MS: "20",
      MILLRACE_BGP_FEED_ALIVE_MS: "200",
      MILLRACE_BGP_FEED_RETRY_MOST_MS: "300",
    };
    const argv = ["src/bin/millrace.ts", ...words];
    const child = spawn(process.execPath, argv, { env, stdio: "ignore" });
    this.children.push(child);
    return child;
  }
}

/** Prefixes by which isp-a was chosen, in the order in which they were seen; "unheard" while a1 did not report yet. */
class Watch {
  readonly seen: string[] = [];
  /** What may be answered; undefined while anything may. */
  right: Set<string> | undefined;
  private readonly browser: Client;
  private readonly installation: Installation;

  constructor(installation: Installation) {
    this.installation = installation;
    this.browser = client(installation.url);
  }

  async signIn(): Promise<void> {
    assert.equal((await this.browser.signIn(viewer.email, viewer.password)).status, 200);
  }

  /** One play, checked; false while nobody answers. */
  async look(): Promise<boolean> {
    let play: PlayAnswer;
    try {
      play = await this.browser.play(film, place.id);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return false;
    }
    const { ranked, eliminated } = play.steering;
    const first = ranked.find(({ id }) => id === "a1");
    const out = eliminated.find(({ id }) => id === "a1");
    const said =
      first?.prefix ??
      (out?.by === "silent" || out?.by === "not-held" ? "unheard" : `${ranked[0]?.id} instead of a1`);
    if (this.seen.at(-1) !== said) this.seen.push(said);
    assert.ok(
      this.right === undefined || this.right.has(said),
      `${said} is neither the old answer nor the new one; before: ${this.seen.join(", ")}`,
    );
    if (first !== undefined) assert.equal(ranked[0]?.id, "a1", "the longest prefix comes first");
    return true;
  }

  async until(said: string): Promise<void> {
    const { url, token } = this.installation;
    await eventually(`the answer is ${said}`, async () => {
      await Promise.all(["a1", "x1"].map((id) => report(url, token, id))).catch(() => undefined);
      return (await this.look()) && this.seen.at(-1) === said;
    });
  }
}

test("[BG121] control killed and started again: every answer is the right old one or the right new one", {
  skip: missing,
}, async (t) => {
  const installation = await Installation.open(t);
  const { home, url, token } = installation;
  const first = await installation.startControl();
  const watch = new Watch(installation);
  await watch.signIn();
  // a2 is a real appliance, without a film; what it hears is heard by the whole site, and so brings viewers to a1.
  const heardPath = join(home, "heard.json");
  await writeHeard(heardPath, ["n1", "up", "198.51.100.0/24"]);
  installation.start([
    ...[
      "appliance",
      "--id",
      "a2",
      "--control",
      url,
      "--token-file",
      join(home, "token"),
      "--budget",
      "1000000",
    ],
    ...[
      "--listen",
      await freeListen(),
      "--dir",
      join(home, "box"),
      "--heard",
      heardPath,
      "--die-with-parent",
    ],
  ]);
  const exchange = tell({ url, token, id: "x1", source: heard(session("n1", "up", "198.51.0.0/16")) });
  t.after(() => exchange.stop());
  await watch.until("198.51.100.0/24");
  await eventually("they are kept", async () =>
    ["a2", "x1"].every((id) => existsSync(join(home, `routes/${id}.routes`))),
  );
  // From here on it counts.
  watch.right = new Set(["198.51.100.0/24", "unheard"]);
  first.kill("SIGKILL");
  await once(first, "exit");
  await writeHeard(heardPath, ["n1", "up", "198.51.100.0/25"]);
  watch.right.add("198.51.100.0/25");
  await installation.startControl();
  await watch.until("198.51.100.0/25");
  const page = client(url);
  await page.signIn(operator.email, operator.password);
  for (let looks = 0; looks < 20; looks++) assert.ok(await watch.look());
  const { appliances } = await routesNow(page);
  const box = appliances.find(({ id }) => id === "a2");
  assert.deepEqual([box?.state, box?.resyncs, box?.prefixes.v4], ["live", 1, 1]);
  t.diagnostic(watch.seen.join(" → "));
});
