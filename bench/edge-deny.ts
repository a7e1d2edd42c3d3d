// How long after an operator's word a denied session is refused at every appliance, while viewers are served: a real control
// plane, two agents, two nginx. The clock starts when control has answered the operator.
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, client } from "#test/journeys/control-client.ts";
import { operator } from "#test/journeys/control-plane.ts";
import { type Box, filmFileBytes, type Network, openNetwork, pathOf } from "#test/journeys/edge-network.ts";
import { get } from "#test/journeys/edge-rig.ts";
import { startViewers } from "#test/journeys/edge-viewers.ts";
import { median } from "./bench.ts";
import { barRow, digits, type Row, settledAt } from "./edge-figures.ts";
import { scoped } from "./edge-scope.ts";

/** Of control's default interval between reports, jitter included: denials come at every moment between two of them. */
const cycleMs = 2400;
const barMs = 5000;
const askEveryMs = 10;
/** So many answers alike in a row: no worker of the configuration before is left. */
const forGood = 20;
const patienceMs = 60_000;

export function denyRows(signal: AbortSignal, quick: boolean): Promise<readonly Row[]> {
  return scoped(async (t) => {
    const network = await openNetwork(t, {
      ids: ["a1", "a2"],
      environment: { MILLRACE_EDGE_WORKERS: "2" },
    });
    const op = client(network.url);
    await op.signIn(operator.email, operator.password);
    const viewers = network.boxes.map(({ listen }) =>
      startViewers(t, {
        ...{ listen, viewers: 8, restMs: 100, bytes: filmFileBytes },
        path: () => pathOf(network, "viewer"),
      }),
    );
    const [denied, allowed]: [number[], number[]] = [[], []];
    const turns = quick ? 4 : 24;
    for (let turn = 0; turn < turns; turn += 1) {
      signal.throwIfAborted();
      const session = `s${turn}`;
      await sleep((turn / turns) * cycleMs);
      denied.push(...(await timed(network, op, session, "deny")));
      await sleep(((turns - turn) / turns) * cycleMs);
      allowed.push(...(await timed(network, op, session, "allow")));
    }
    for (const one of viewers) await one.stop();
    const failed = viewers.flatMap((one) => one.failed());
    const requests = viewers.reduce((sum, one) => sum + one.asked(), 0);
    return [
      ...figures("from control's answer to a denial until it is refused for good, in ms", turns, denied),
      ...figures("from control's answer to an allowance until it is served for good, in ms", turns, allowed),
      {
        ...barRow("deny", "failed requests of other sessions meanwhile", failed.length, ["≤", 0]),
        ...{ requests, reloads: 4 * turns },
      },
      ...[...new Set(failed)].slice(0, 5).map((because) => ({ part: "deny", what: `failed: ${because}` })),
    ];
  });
}

/** At each appliance, from control's answer to the first of an unbroken row of the right answers, in ms. */
async function timed(
  network: Network,
  op: Client,
  session: string,
  wish: "deny" | "allow",
): Promise<readonly number[]> {
  const [before, after] = wish === "deny" ? [200, 403] : [403, 200];
  for (const box of network.boxes) {
    const status = await statusOf(network, box, session);
    if (status !== before) throw new Error(`${box.id} answered ${status} before it was told to ${wish}`);
  }
  const said = await op.post(`/v1/ops/sessions/${session}/${wish}`, {});
  if (said.status !== 204) throw new Error(`control answered ${said.status} ${said.code}`);
  const from = performance.now();
  return Promise.all(
    network.boxes.map(async (box) => {
      const answers: { atMs: number; isRight: boolean }[] = [];
      for (;;) {
        const isRight = (await statusOf(network, box, session)) === after;
        answers.push({ atMs: performance.now() - from, isRight });
        const settled = settledAt(answers, forGood);
        if (settled !== undefined) return settled;
        if (performance.now() - from > patienceMs) throw new Error(`${box.id} did not ${wish} ${session}`);
        await sleep(askEveryMs);
      }
    }),
  );
}

async function statusOf(network: Network, { listen }: Box, session: string): Promise<number> {
  return (await get(listen, pathOf(network, session), { method: "HEAD" })).status;
}

function figures(what: string, times: number, ms: readonly number[]): readonly Row[] {
  const most = { ...barRow("deny", `${what}: longest`, Math.max(...ms), ["≤", barMs]) };
  return [
    { part: "deny", what: `${what}: median`, figure: digits(median(ms), 0) },
    { ...most, figure: digits(Math.max(...ms), 0), times, appliances: ms.length / times },
  ];
}
