// Figures over time over HTTP, from what the control plane really counted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { film, openScreenRig, type ScreenRig } from "#test/fixtures/screen-rig.ts";
import { knownPasswordHash } from "#test/fixtures/signed-in.ts";
import type { Client, Said } from "#test/journeys/control-client.ts";
import { seriesAnswer, seriesTags } from "#wire/series.ts";

const step = 60_000;

async function operator(rig: ScreenRig): Promise<Client> {
  const passwordHash = await knownPasswordHash();
  const who = { email: "op@example.org", passwordHash, role: "operator", profileName: "P" } as const;
  const made = await rig.stores.accounts.create(who);
  return rig.device(typeof made === "string" ? "" : made.id);
}

function asking(who: Client): (q: string, more?: Record<string, string>) => Promise<Said> {
  return (q, more = {}) => who.get(`/v1/ops/series?${new URLSearchParams({ q, ...more })}`);
}

/** To the next boundary, where the instruments are read. */
async function nextStep(rig: ScreenRig): Promise<void> {
  rig.pass(step - (rig.nowMs() % step));
  await rig.control.sample();
}

test("[CO340] plays of a minute are a line, told by their source; operators alone may ask", async (t) => {
  const rig = await openScreenRig(t);
  const op = await operator(rig);
  const ask = asking(op);
  const viewer = await rig.device(await rig.account("ada@example.org"));
  assert.equal((await asking(viewer)(":true")).code, "not-operator");
  await nextStep(rig);
  for (const device of [viewer, await rig.device(await rig.account("bob@example.org"))])
    await device.play(film);
  await nextStep(rig);
  await nextStep(rig);
  const name = "name,millrace_play_starts_total,:eq";
  const said = await ask(`${name},(,source,),:by,:per-step`, { s: "e-2m" });
  const answer = seriesAnswer.strict().parse(said.body);
  assert.deepEqual(answer.lines, [
    {
      ...{ expression: 0, label: "origin" },
      tags: { name: "millrace_play_starts_total", source: "origin" },
      values: [2, 0],
    },
  ]);
  assert.deepEqual([answer.lastMs, answer.stepMs, answer.lastMs - answer.firstMs], [rig.nowMs(), step, step]);
  assert.deepEqual(answer.read, { series: 1, datapoints: 2 });
  const mean = seriesAnswer.parse(
    (
      await ask("name,millrace_http_request_duration_seconds,:eq,:dup,:dist-avg,:swap,:dist-max", {
        s: "e-2m",
      })
    ).body,
  );
  const [[average = null] = [], [largest = null] = []] = mean.lines.map(({ values }) => values);
  assert.ok(average !== null && largest !== null && average > 0 && largest >= average, JSON.stringify(mean));
});

test("[CO340] what there is to ask for is told by tags", async (t) => {
  const rig = await openScreenRig(t);
  const op = await operator(rig);
  await nextStep(rig);
  const all = seriesTags.parse((await op.get("/v1/ops/series/tags")).body);
  const names = all.tags.find(({ tag }) => tag === "name");
  assert.ok(names?.values.includes("millrace_overload_ratio"), JSON.stringify(names));
  const q = encodeURIComponent("name,millrace_appliances,:eq");
  const boxes = seriesTags.parse((await op.get(`/v1/ops/series/tags?q=${q}`)).body);
  assert.equal(boxes.series, 6);
  assert.deepEqual(boxes.tags[0], {
    ...{ tag: "health", count: 6 },
    values: ["degraded", "draining", "healthy", "silent", "unadmitted", "unhealthy"],
  });
});

test("[CO340] a query that cannot be read, or asks too much, is refused in words", async (t) => {
  const rig = await openScreenRig(t);
  const op = await operator(rig);
  const ask = asking(op);
  const told = async (q: string, more: Record<string, string> = {}): Promise<string> => {
    const { status, code, body } = await ask(q, more);
    return `${status} ${code} ${Object(Object(body).error).message}`;
  };
  assert.equal(
    await told("name,a,:eq,:nosuch"),
    '400 series-query-unread q: word 4, ":nosuch": this word is not known here.',
  );
  assert.equal(
    await told(":true", { s: "e-2d", step: "1m" }),
    "400 series-span-unread step: a line has at most 1440 points, this one has 2880.",
  );
  assert.match(await told(`1${",:dup".repeat(99)},:add`, { s: "e-1d" }), /^200 /);
  const work = `:true,:sum${",:dup,1m,:offset,:add".repeat(120)}`;
  assert.match(await told(work, { s: "e-1d" }), /^400 series-query-too-much q: at most \d+ .* Ask for less/);
  assert.equal((await op.get("/v1/ops/series")).code, "bad-request");
  assert.equal((await op.get("/v1/ops/series/tags?q=name,a,:eq,:sum")).code, "series-query-unread");
});

test("[CO340] another step is kept and told", async (t) => {
  const rig = await openScreenRig(t, { seriesStep: "10s" });
  const op = await operator(rig);
  const answer = await asking(op)("1", { s: "e-1m" });
  assert.deepEqual(seriesAnswer.parse(answer.body).lines[0]?.values, [1, 1, 1, 1, 1, 1]);
});
