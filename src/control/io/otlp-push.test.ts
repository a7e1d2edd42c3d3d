// Pushes to a collector on loopback that is there, away, slow, or of another opinion.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { openLog } from "#io/log.ts";
import { seriesSettings } from "#series/settings.ts";
import { type Collector, openCollector, pointsOf } from "#test/fixtures/otlp-collector.ts";
import { film, openScreenRig } from "#test/fixtures/screen-rig.ts";
import { eventually } from "#test/journeys/control-plane.ts";
import { Fault } from "#units/fault.ts";
import { openMeters } from "./meters.ts";
import { type OtlpPush, openPush } from "./otlp-push.ts";

interface Rig {
  readonly push: OtlpPush;
  /** By result, and what was lost. */
  counted(): Promise<Readonly<Record<string, number>>>;
  add(...totals: readonly number[]): void;
}

function open(
  t: { after(stop: () => Promise<void>): void },
  url: string,
  more: Partial<ReturnType<typeof defaultsOf<typeof seriesSettings>>> = {},
): Rig {
  const meters = openMeters();
  const settings = { ...defaultsOf(seriesSettings), otlpUrl: url, otlpRetryMs: 10, ...more };
  const order = { settings, meters, logger: openLog("control", "silent"), sinceMs: 1_800_000_000_000 };
  const push = openPush({ ...order, instance: "i1", chance: () => 0.5 });
  assert.ok(push !== undefined);
  const over = new AbortController();
  const running = push.run(over.signal);
  t.after(async () => {
    over.abort();
    await running;
  });
  return {
    push,
    async counted() {
      const figures = await meters.figures();
      const counts = figures.flatMap((one) =>
        one.kind === "counter" && (one.name.includes("otlp") || one.name.includes("lost")) && one.total > 0
          ? [[[...one.labels.values()].join(), one.total] as const]
          : [],
      );
      return Object.fromEntries(counts);
    },
    add(...totals) {
      for (const total of totals) {
        const figure = {
          kind: "counter",
          name: "a_total",
          unit: "a",
          sentence: "A.",
          labels: new Map(),
        } as const;
        push.add([{ ...figure, total }], 1_800_000_060_000 + total);
      }
    },
  };
}

const values = ({ pushes }: Collector): readonly string[] =>
  pushes.flatMap(({ body }) => pointsOf(body, "a_total"));

test("[CO341] nothing is pushed unless it is asked for, and not to what is no web address", () => {
  const order = {
    ...{ meters: openMeters(), logger: openLog("control", "silent"), sinceMs: 0 },
    ...{ instance: "i1", chance: () => 0.5 },
  };
  const at = (otlpUrl: string) =>
    openPush({ ...order, settings: { ...defaultsOf(seriesSettings), otlpUrl } });
  assert.equal(at(""), undefined);
  for (const url of ["localhost:4318", "ftp://collector/v1/metrics", "http://me:secret@collector/"]) {
    assert.throws(
      () => at(url),
      (error) =>
        error instanceof Fault && error.code === "otlp-url-unfit" && !error.message.includes("secret"),
    );
  }
});

test("[CO341] a control plane pushes all its instruments, in the protocol's shape, with what it was told to say", async (t) => {
  const collector = await openCollector(t);
  const rig = await openScreenRig(t, { otlpUrl: collector.url, otlpAuthorization: "Bearer of-news" });
  await collector.until(1);
  const viewer = await rig.device(await rig.account("ada@example.org"));
  await viewer.play(film);
  rig.pass(60_000);
  await rig.control.sample();
  await collector.until(2);
  const [, last] = collector.pushes;
  assert.ok(last !== undefined);
  assert.equal(last.headers.authorization, "Bearer of-news");
  assert.deepEqual(pointsOf(last.body, "millrace_play_starts_total"), ["source=origin 1"]);
  assert.ok(pointsOf(last.body, "millrace_http_request_duration_seconds").length > 0);
  assert.ok(pointsOf(last.body, "millrace_appliances").includes("health=silent 3"));
  await eventually("pushes are counted", async () => {
    const text = String((await viewer.get("/metrics")).body);
    return text.includes('millrace_otlp_pushes_total{result="sent"} 2');
  });
});

test("[CO341] a collector that is busy or silent gets the same push again, and each failure is counted", async (t) => {
  const collector = await openCollector(t);
  collector.say({ status: 503 }, { status: 429, headers: { "retry-after": "0" } }, "hang");
  const rig = open(t, collector.url, { otlpDeadlineMs: 200 });
  rig.add(1, 2);
  await collector.until(5);
  await eventually("all were sent", async () => (await rig.counted()).sent === 2);
  assert.deepEqual(values(collector), [" 1", " 1", " 1", " 1", " 2"]);
  assert.deepEqual(await rig.counted(), { failed: 3, sent: 2 });
});

test("[CO341] what the collector refuses is not sent again, and a redirect is not followed", async (t) => {
  const elsewhere = await openCollector(t);
  const collector = await openCollector(t);
  collector.say({ status: 400 });
  collector.say({ status: 200, body: '{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"old"}}' });
  collector.say({ status: 307, headers: { location: elsewhere.url } });
  const rig = open(t, collector.url);
  rig.add(1, 2, 3);
  await collector.until(4);
  await eventually("all were sent", async () => (await rig.counted()).sent === 2);
  assert.deepEqual(values(collector), [" 1", " 2", " 3", " 3"]);
  assert.deepEqual(await rig.counted(), { refused: 1, push: 1, point: 3, failed: 1, sent: 2 });
  assert.equal(elsewhere.pushes.length, 0);
});

test("[CO341] while nobody is there the queue holds its newest, and what it drops is counted", async (t) => {
  const rig = open(t, "http://127.0.0.1:9/v1/metrics", { otlpQueue: 3, otlpRetryMs: 300_000 });
  rig.add(1, 2, 3, 4, 5);
  await eventually("the first try failed", async () => ((await rig.counted()).failed ?? 0) > 0);
  assert.deepEqual(await rig.counted(), { failed: 1, dropped: 2, push: 2 });
});
