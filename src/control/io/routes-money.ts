// What delivery moved, holds and cost: what an operator multiplies prices with.
import { moneyOf } from "#control/money.ts";
import { moneyQuery, type OpsMoney, opsMoney } from "#wire/money.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import type { Desk } from "./desk.ts";
import { perMinute } from "./own-limit.ts";
import { appliancesNow } from "./routes-ops.ts";

const hourMs = 3_600_000;
/** Beyond these the bytes of masters are not counted. */
const mostMasters = 10_000;
const askedPerMinute = 120;

export function moneyRoute(app: App, desk: Desk): void {
  app.get(
    "/v1/ops/money",
    {
      config: { audience: "operator", rateLimit: perMinute(askedPerMinute) },
      schema: {
        summary:
          "What sites sent and hold, what titles cost to encode and save at each play, and customers by state",
        tags: ["operator"],
        querystring: moneyQuery,
        response: answers(opsMoney),
      },
    },
    async (request): Promise<OpsMoney> => {
      const { stores } = desk.ports;
      const untilMs = desk.clock.wallMs();
      const fromMs = untilMs - request.query.hours * hourMs;
      const plays = await stores.playback.playCounts(fromMs);
      const money = moneyOf({
        ...{ series: desk.series, appliances: appliancesNow(desk).appliances, fromMs, untilMs },
        catalogue: desk.state.catalogue,
        masters: await stores.uploads.masters(mostMasters),
        plays: new Map(plays.map((row) => [row.titleId, row.plays])),
      });
      const counts = await desk.billing?.ports.store.statusCounts();
      return counts === undefined ? money : { ...money, subscriptions: [...counts] };
    },
  );
}
