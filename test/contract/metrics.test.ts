// What is counted, wherever it is told: as Prometheus text, as a series in memory, at a collector. One suite for each.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { type Meters, openMeters } from "#control/io/meters.ts";
import { openPush } from "#control/io/otlp-push.ts";
import { openLog } from "#io/log.ts";
import { valueAt } from "#series/blocks.ts";
import { seriesSettings } from "#series/settings.ts";
import { SeriesStore } from "#series/store.ts";
import { nameTag } from "#series/tags.ts";
import { openCollector, pointsOf } from "#test/fixtures/otlp-collector.ts";

const stepMs = 60_000;
const startMs = 1_800_000_000_000;

interface Outlet {
  /** What a counter rose by since the outlet was opened, by the value of its one label; a gauge's last value under "". */
  read(name: string): Promise<Readonly<Record<string, number>>>;
}

interface Adapter {
  readonly name: string;
  /** The moments of what is read later follow one another by a step. */
  open(t: TestContext, meters: Meters): Promise<Outlet>;
}

const prometheus: Adapter = {
  name: "Prometheus text",
  open: async (_, meters) => ({
    async read(name) {
      const lines = (await meters.text()).split("\n").filter((line) => line.startsWith(name));
      return Object.fromEntries(
        lines.map((line) => {
          const [, label = "", value = ""] = /^\w+(?:\{\w+="([^"]*)"\})? (\S+)$/.exec(line) ?? [];
          return [label, Number(value)];
        }),
      );
    },
  }),
};

const series: Adapter = {
  name: "series in memory",
  async open(_, meters) {
    const store = new SeriesStore({ stepMs, keptBlocks: 2, perName: 100, most: 1000 });
    let steps = 0;
    const take = async (): Promise<void> => store.take(await meters.figures(), startMs + stepMs * steps++);
    await take();
    return {
      async read(name) {
        await take();
        const found = store.select({ kind: "eq", tag: nameTag, value: name });
        const at = Array.from({ length: steps }, (_, step) => startMs / stepMs + step);
        return Object.fromEntries(
          found.map(({ tags, blocks }) => {
            const points = at.map((step) => valueAt(blocks, step)).filter((value) => !Number.isNaN(value));
            const rise = points.reduce((sum, perSecond) => sum + (perSecond * stepMs) / 1000, 0);
            const label = [...tags].find(([key]) => key === "class")?.[1] ?? "";
            return [label, label === "" ? (points.at(-1) ?? Number.NaN) : Math.round(rise)];
          }),
        );
      },
    };
  },
};

/** `refused`: pushes at first that a collector does not take, and that come again. */
function pushing(adapterName: string, refused: number): Adapter {
  return {
    name: adapterName,
    async open(t, meters) {
      const collector = await openCollector(t);
      const settings = { ...defaultsOf(seriesSettings), otlpUrl: collector.url, otlpRetryMs: 10 };
      const order = { settings, meters, logger: openLog("control", "silent"), sinceMs: startMs };
      const push = openPush({ ...order, instance: "i1", chance: () => 0.5 });
      assert.ok(push !== undefined);
      const over = new AbortController();
      const running = push.run(over.signal);
      t.after(async () => {
        over.abort();
        await running;
      });
      for (let count = 0; count < refused; count++) collector.say({ status: 503 });
      let pushes = 0;
      return {
        async read(name) {
          pushes += 1;
          push.add(await meters.figures(), startMs + stepMs * pushes);
          await collector.until(pushes + refused);
          const taken = collector.pushes.at(-1);
          return Object.fromEntries(taken === undefined ? [] : pointsOf(taken.body, name).map(pointOf));
        },
      };
    },
  };
}

function pointOf(text: string): readonly [string, number] {
  const [, label = "", value = ""] = /^(?:\w+=([^ ]*))? ?(\S+)$/.exec(text) ?? [];
  return [label, Number(value)];
}

const adapters = [prometheus, series, pushing("collector", 0), pushing("collector that is away at first", 2)];

for (const { name, open } of adapters) {
  test(`[DA340] what was counted is told by its label, and goes on from there; a gauge is its last value (${name})`, async (t) => {
    const meters = openMeters();
    const outlet = await open(t, meters);
    const lost = "millrace_lost_total";
    meters.lost.inc({ class: "beacon" }, 3);
    meters.lost.inc({ class: "record" });
    const first = await outlet.read(lost);
    assert.deepEqual([first.beacon, first.record], [3, 1]);
    meters.lost.inc({ class: "beacon" }, 39);
    meters.lag.set(7);
    meters.lag.set(5);
    const second = await outlet.read(lost);
    assert.deepEqual([second.beacon, second.record], [42, 1]);
    assert.equal((await outlet.read("millrace_consumer_lag_records"))[""], 5);
  });
}
