// An appliance that tells its routes to a control plane that is away, slow, or refuses.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { type TestContext, test } from "node:test";
import { feedSettings } from "#bgp/feed-settings.ts";
import { HeardTable } from "#bgp/heard-table.ts";
import { RouteFeed } from "#bgp/route-feed.ts";
import { RowPacker } from "#bgp/route-rows.ts";
import { SiteView } from "#bgp/site-view.ts";
import { defaultsOf } from "#config/setting.ts";
import { openLog } from "#io/log.ts";
import { siteId } from "#units/id.ts";
import { routeMessage, routesBytes } from "#wire/routes.ts";
import { sendRoutes } from "./route-sender.ts";

/** 10.0.n.0/24 */
function key(n: number): string {
  return String.fromCharCode(24, 10, n >> 8, n & 255);
}

/** Control's end with an answer that can be spoiled: undefined hangs up, a status refuses. */
class FakeControl {
  readonly feed = new RouteFeed(10_000);
  readonly lengths: number[] = [];
  spoil: () => "hang-up" | 400 | 503 | undefined = () => undefined;
  private readonly server: Server;
  private readonly site = new SiteView(siteId("s1"));
  private tokens = 0;
  private heard: () => void = () => undefined;

  constructor() {
    this.server = createServer((request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      request.on("end", () => {
        this.lengths.push(text.length);
        const spoilt = this.spoil();
        if (spoilt === "hang-up") request.socket.destroy();
        else if (spoilt !== undefined) response.writeHead(spoilt).end("{}");
        else response.setHeader("content-type", "application/json").end(JSON.stringify(this.take(text)));
        this.heard();
      });
    });
  }

  async open(t: TestContext): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      this.server.closeAllConnections();
      this.server.close();
    });
    const address = this.server.address();
    assert.ok(typeof address === "object" && address !== null);
    return `http://127.0.0.1:${address.port}`;
  }

  /** After each message, until it holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.heard = resolve;
      });
    }
  }

  get size(): number | undefined {
    return this.feed.sessions.get("n1")?.routes.size;
  }

  private take(text: string): unknown {
    const taking = this.feed.take(routeMessage.parse(JSON.parse(text)), `t${++this.tokens}`);
    assert.ok(taking.kind === "answer");
    if (taking.commit !== undefined) for (const _ of this.feed.settle(taking.commit, this.site));
    return taking.answer;
  }
}

function start(t: TestContext, controlUrl: string, source: HeardTable): void {
  const stopping = new AbortController();
  const running = sendRoutes({
    ...{ applianceId: "a1", controlUrl, token: "x", stream: "s", source },
    settings: { ...defaultsOf(feedSettings), aliveMs: 100, retryMostMs: 100, gatherMs: 0, mostWaiting: 50 },
    log: openLog("sender", "silent"),
    signal: stopping.signal,
  });
  t.after(async () => {
    stopping.abort();
    await running;
  });
}

test("[BG122] while control is away nothing piles up; back again, it is told what is true by then", async (t) => {
  const control = new FakeControl();
  const table = new HeardTable();
  const routes = new Map(
    Array.from({ length: 20 }, (_, n) => [key(n), { asPathLength: 1, med: 0, neighbourAs: 1 }]),
  );
  table.set([{ id: "n1", state: "up", routes }]);
  start(t, await control.open(t), table);
  await control.until(() => control.size === 20 && control.feed.state === "live");
  control.spoil = () => "hang-up";
  for (let n = 0; n < 5000; n++) table.put("n1", key(n), { asPathLength: 2, med: n, neighbourAs: 1 });
  for (let n = 5; n < 5000; n++) table.put("n1", key(n), undefined);
  const tried = control.lengths.length;
  await control.until(() => control.lengths.length > tried + 2);
  assert.ok(
    control.lengths.slice(tried).every((length) => length < 2000),
    "only hellos and what was under way",
  );
  control.spoil = () => undefined;
  await control.until(() => control.size === 5 && control.feed.state === "live");
  assert.deepEqual(control.feed.sessions.get("n1")?.routes.get(key(4)), {
    asPathLength: 2,
    med: 4,
    neighbourAs: 1,
  });
});

test("[BG122] an answer lost, or a refusal, costs nothing but time", async (t) => {
  const control = new FakeControl();
  const table = new HeardTable();
  table.set([{ id: "n1", state: "up", routes: new Map() }]);
  let turn = 0;
  control.spoil = () =>
    ([undefined, "hang-up", undefined, 503, undefined, undefined, 400] as const)[turn++ % 7];
  start(t, await control.open(t), table);
  for (let n = 0; n < 8; n++) {
    table.put("n1", key(n), { asPathLength: 1, med: 0, neighbourAs: 1 });
    await control.until(() => control.size === n + 1);
  }
  assert.ok(turn > 14, "every answer was spoilt twice");
});

test("[BG122] the largest part that may be made is taken as a message, whatever its routes are", () => {
  const packers = [false, true].map((areAlike) => {
    const packer = new RowPacker();
    for (let n = 0; packer.size < feedSettings.partKib.max * 1024; n++) {
      const octets = [32, 10, (n >> 16) & 255, (n >> 8) & 255, n & 255];
      const neighbourAs = areAlike ? 1 : 0xffff_ffff - n;
      const route = { asPathLength: 0xffff, med: 0xffff_ffff, neighbourAs };
      packer.add({ session: "n1", key: String.fromCharCode(...octets), route });
    }
    return packer;
  });
  for (const packer of packers) {
    const part = {
      kind: "part",
      stream: "s",
      seq: 1,
      base: "nothing",
      token: "t",
      isFirst: true,
      isLast: true,
    };
    const message = { ...part, sessions: [], ...packer.finish() };
    assert.ok(routeMessage.safeParse(message).success);
    assert.ok(JSON.stringify(message).length < routesBytes);
  }
});
