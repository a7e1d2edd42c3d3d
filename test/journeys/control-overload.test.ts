// A flood of what matters least, from a process of its own, while plays begin one after the other.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type LoadOrder, requestText } from "#test/fixtures/http-load.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { client } from "./control-client.ts";
import { eventually, openPlane, settings, viewer } from "./control-plane.ts";

const home = mkdtempSync(join(tmpdir(), "millrace-overload-"));
after(() => rmSync(home, { recursive: true, force: true }));

/** The load's process; resolves with the statuses it met. */
function flood(order: LoadOrder): Promise<Readonly<Record<string, number>>> {
  const program = "test/fixtures/http-load-program.ts";
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve(JSON.parse(text).statuses));
  });
}

test("[CO286] [CO287] [CO289] under a flood of telemetry and prefetches plays begin and go on, and the flood is sent away", async (t) => {
  const plenty = {
    ...settings,
    playsPerMinute: 100_000,
    beaconPostsPerMinute: 100_000,
    prefetchesPerMinute: 100_000,
    shedFromPerSecond: 100,
  };
  const plane = await openPlane(home, { settings: plenty });
  t.after(() => plane.close());
  await plane.control.publishTitle(smallTitle("film"));
  const asking = client(plane.control.url);
  await asking.signIn(viewer.email, viewer.password);
  const play = await asking.play("film");
  const sent = { sessionToken: play.sessionToken, events: [asking.beacon(play, 1)] };
  const forged = { ...sent, sessionToken: `${play.sessionToken}x` };
  const post = { method: "POST", headers: { cookie: asking.cookie() } };
  const ahead = requestText({ ...post, path: "/v1/prefetch", body: { titleId: "film" } });
  const told = [sent, forged].map((body) =>
    requestText({ ...post, headers: {}, path: "/v1/telemetry", body }),
  );
  const requests = told.flatMap((telemetry) => [telemetry, ahead]);
  const port = Number(new URL(plane.control.url).port);
  const quiet = await asking.get("/metrics");
  assert.doesNotMatch(
    String(quiet.body),
    /millrace_shed_requests_total\{/,
    "nobody is sent away in quiet times",
  );
  const flooding = flood({ port, connections: 300, requests, seconds: 4 });
  let begun = 0;
  let over = false;
  const statuses = await Promise.race([
    flooding.finally(() => {
      over = true;
    }),
    (async () => {
      while (!over) {
        const { beatUrl, sessionToken, lease } = await asking.play("film");
        const renewed = await asking.post(beatUrl, { sessionToken, generation: lease.generation, seq: 1 });
        assert.equal(renewed.status, 200, renewed.code);
        begun += 1;
      }
      return flooding;
    })(),
  ]);
  const away = statuses["429"] ?? 0;
  assert.ok(begun >= 5, `${begun} plays began`);
  assert.ok(away > 0, JSON.stringify(statuses));
  let figures = "";
  await eventually("figures are told again when the flood is over", async () => {
    figures = String((await asking.get("/metrics")).body);
    return figures.includes("millrace_shed_requests_total");
  });
  assert.match(figures, /millrace_shed_requests_total\{class="telemetry"\} [1-9]/);
  assert.match(figures, /millrace_shed_requests_total\{class="prefetch"\} [1-9]/);
  assert.ok((statuses["200"] ?? 0) > 0, "a part of the look-aheads is answered");
  assert.doesNotMatch(figures, /millrace_shed_requests_total\{class="(play|renew)"\}/);
  t.diagnostic(`${begun} plays began, all of them; the flood: ${JSON.stringify(statuses)}`);
});
