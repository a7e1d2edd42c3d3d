// The operator page's panels, and the one thing it can do: take an appliance out of new plays and back.
import { z } from "zod";
import { controlFaults } from "#control/faults.ts";
import { drain, opsAppliancesOf } from "#control/fleet.ts";
import { opsEncodeOf, opsSessionsOf, opsTitlesOf } from "#control/ops.ts";
import { wordsOf } from "#control/session-log.ts";
import { timelineOf } from "#control/session-timeline.ts";
import { Fault } from "#units/fault.ts";
import { opsAppliances, opsEncode, opsSessions, opsStoryboard, opsTitles } from "#wire/ops.ts";
import { opsSessionsQuery, opsTimeline } from "#wire/ops-sessions.ts";
import { idText } from "#wire/viewer.ts";
import { answers, nothing } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import { type Desk, momentOf } from "./desk.ts";
import { oneReading } from "./one-reading.ts";
import { perMinute } from "./own-limit.ts";
import { pictureUrl } from "./picture-urls.ts";

export function opsRoutes(app: App, desk: Desk): void {
  const audience = { config: { audience: "operator" } } as const;
  const tags = ["operator"];
  const { ports } = desk;

  app.get(
    "/v1/ops/appliances",
    {
      ...audience,
      schema: { summary: "Appliances: health, load, fill", tags, response: answers(opsAppliances) },
    },
    async () => appliancesNow(desk),
  );
  app.get(
    "/v1/ops/titles",
    { ...audience, schema: { summary: "All titles", tags, response: answers(opsTitles) } },
    async () => opsTitlesOf(desk.state.catalogue),
  );
  app.get(
    "/v1/ops/titles/:id/encode",
    {
      ...audience,
      schema: {
        summary: "The encode report of a title",
        tags,
        params: z.object({ id: idText }),
        response: answers(opsEncode),
      },
    },
    async (request) => {
      const titleId = request.params.id;
      const answer = await opsEncodeOf(ports, titleId);
      if (answer.kind === "unknown-title") throw new Fault(controlFaults.unknownTitle, { titleId });
      if (answer.kind === "no-report") throw new Fault(controlFaults.noReport, { titleId });
      return answer.report;
    },
  );
  app.get(
    "/v1/ops/sessions",
    {
      ...audience,
      schema: {
        summary: "Recent sessions, by title, network, device, appliance and state",
        ...{ tags, querystring: opsSessionsQuery, response: answers(opsSessions) },
      },
    },
    async (request) => opsSessionsOf(ports, request.query),
  );
  timelineRoute(app, desk);
  storyboardRoute(app, desk);
  for (const wish of ["drain", "undrain"] as const) drainRoute(app, desk, wish);
}

/** A few are open, and ask four times a minute each. */
const timelinesPerMinute = 20;
/** Of all operators: one is read, the others wait. */
const mostTimelines = 4;
/** Some 50 MB of log, and a good part of a second. */
const mostRecords = 100_000;

function timelineRoute(app: App, desk: Desk): void {
  const inTurn = oneReading(mostTimelines);
  app.get(
    "/v1/ops/sessions/:id/timeline",
    {
      config: { audience: "operator", rateLimit: perMinute(timelinesPerMinute) },
      schema: {
        summary: "How a session went, from its beacons in the event log, with what was never heard",
        ...{ tags: ["operator"], params: z.object({ id: idText }), response: answers(opsTimeline) },
      },
    },
    async (request) => {
      const { stores, log } = desk.ports;
      const sessionId = request.params.id;
      const [session] = await stores.playback.recent(1, { id: sessionId });
      if (session === undefined) throw new Fault(controlFaults.unknownSession, { sessionId });
      const { startedAtMs, summary } = session;
      const untilMs = Math.max(summary?.lastSeenMs ?? 0, startedAtMs);
      const wanted = { log, sessionId, startedAtMs, untilMs, most: mostRecords };
      return inTurn(async () => timelineOf(session, await wordsOf(wanted), desk.clock.wallMs()));
    },
  );
}

function storyboardRoute(app: App, desk: Desk): void {
  app.get(
    "/v1/ops/titles/:id/storyboard",
    {
      config: { audience: "operator" },
      schema: {
        summary:
          "Where a title's small pictures are listed: an address that opens pictures alone, for one to two hours",
        ...{ tags: ["operator"], params: z.object({ id: idText }), response: answers(opsStoryboard) },
      },
    },
    async (request) => {
      const titleId = request.params.id;
      const title = desk.state.catalogue.titles.get(titleId);
      if (title === undefined) throw new Fault(controlFaults.unknownTitle, { titleId });
      const { profileId } = accountOf(request);
      const asked = { title, address: request.ip, profileId, nowMs: desk.clock.wallMs() };
      return { url: pictureUrl(desk, asked, "storyboard") };
    },
  );
}

function drainRoute(app: App, desk: Desk, wish: "drain" | "undrain"): void {
  app.post(
    `/v1/ops/appliances/:id/${wish}`,
    {
      config: { audience: "operator" },
      schema: {
        summary: wish === "drain" ? "No new plays are sent there" : "New plays may be sent there again",
        tags: ["operator"],
        params: z.object({ id: idText }),
        response: nothing("Done"),
      },
    },
    async (request, reply) => {
      const applianceId = request.params.id;
      if (!desk.state.network.appliances.has(applianceId)) {
        throw new Fault(controlFaults.unknownAppliance, { applianceId });
      }
      const { drains } = desk.ports.stores;
      await (wish === "drain" ? drains.add(applianceId) : drains.remove(applianceId));
      desk.state.fleet = drain(desk.state.fleet, applianceId, wish);
      desk.logger.info({ appliance: applianceId, wish, by: accountOf(request).email }, "drain wish taken");
      return reply.code(204).send();
    },
  );
}

export function appliancesNow(desk: Desk): ReturnType<typeof opsAppliancesOf> {
  const { fleet, network, inForce, fillBooks } = desk.state;
  const tonight = (id: string) => fillBooks.get(id)?.tonight;
  return opsAppliancesOf({ fleet, network, plan: inForce?.plan, tonight, now: momentOf(desk) });
}
