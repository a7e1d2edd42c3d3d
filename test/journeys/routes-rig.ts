// Appliances without a disk that hear routes: their reports are made up, their feed of routes is the real one.
import assert from "node:assert/strict";
import { rename, writeFile } from "node:fs/promises";
import { feedSettings } from "#bgp/feed-settings.ts";
import { type HeardSession, HeardTable } from "#bgp/heard-table.ts";
import { readSessions } from "#bgp/io/heard-file.ts";
import { sendRoutes } from "#bgp/io/route-sender.ts";
import type { RouteSource } from "#bgp/route-source.ts";
import { defaultsOf } from "#config/setting.ts";
import { openLog } from "#io/log.ts";
import { goodReport, smallSites, smallTitleFiles } from "#test/fixtures/small-network.ts";
import { type OpsRoutes, opsRoutes } from "#wire/routes.ts";
import { type Client, client } from "./control-client.ts";

export const film = "film-1";

/** "10.0.0.0/8 3" is that prefix over three hops. */
export function session(id: string, state: "up" | "stale", ...routes: readonly string[]): HeardSession {
  const [read] = readSessions(heardText([id, state, ...routes]));
  assert.ok(read !== undefined);
  return read;
}

export function heardText(...sessions: readonly (readonly string[])[]): string {
  return JSON.stringify({
    sessions: sessions.map(([id, state, ...routes]) => ({
      id,
      state,
      routes: routes.map((text) => {
        const [prefix, hops = "1"] = text.split(" ");
        return { prefix, asPath: Array.from({ length: Number(hops) }, (_, i) => 64_500 + i) };
      }),
    })),
  });
}

/** Replaces it in one step, as whoever exports routes should. */
export async function writeHeard(path: string, ...sessions: readonly (readonly string[])[]): Promise<void> {
  await writeFile(`${path}.new`, heardText(...sessions));
  await rename(`${path}.new`, path);
}

export function heard(...sessions: readonly HeardSession[]): HeardTable {
  const table = new HeardTable();
  table.set(sessions);
  return table;
}

let streams = 0;

/** Tells control what the source hears, until stopped. */
export function tell(order: {
  readonly url: string;
  readonly token: string;
  readonly id: string;
  readonly source: RouteSource;
}): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const running = sendRoutes({
    applianceId: order.id,
    controlUrl: order.url,
    token: order.token,
    stream: `stream-${++streams}`,
    source: order.source,
    settings: { ...defaultsOf(feedSettings), aliveMs: 100, retryMostMs: 200, partKib: 1 },
    log: openLog("sender", "silent"),
    signal: stopping.signal,
  });
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** An agent's report that all is well and the film is held. */
export async function report(url: string, token: string, id: string): Promise<void> {
  const listen = smallSites.sites.flatMap((site) => site.appliances).find((box) => box.id === id)?.listen;
  const body = goodReport(`http://${listen}`, smallTitleFiles(film), 0);
  const headers = { authorization: `Bearer ${token}` };
  const said = await client(url).post(`/v1/appliances/${id}/report`, body, headers);
  assert.equal(said.status, 200, JSON.stringify(said.body));
}

export async function routesNow(operator: Client): Promise<OpsRoutes> {
  const said = await operator.get("/v1/ops/routes");
  assert.equal(said.status, 200, JSON.stringify(said.body));
  return opsRoutes.parse(said.body);
}
