// Tokens of workers and appliances: made, listed and revoked by admins.
import { z } from "zod";
import { tokenText } from "#account/api-token.ts";
import { controlFaults } from "#control/faults.ts";
import type { ApiToken } from "#data/ports.ts";
import { Fault } from "#units/fault.ts";
import { madeToken, type NewToken, newToken, tokenList } from "#wire/identity.ts";
import { idText } from "#wire/viewer.ts";
import { answers, nothing } from "./answers.ts";
import type { App } from "./app.ts";
import { entryOf } from "./auditing.ts";
import type { Desk } from "./desk.ts";

const dayMs = 86_400_000;

export function tokenRoutes(app: App, desk: Desk): void {
  const { stores, settings } = desk.ports;

  app.post(
    "/v1/ops/tokens",
    {
      config: {
        audience: "admin",
        audit: "itself",
        rateLimit: { max: settings.signInsPerMinute, timeWindow: 60_000 },
      },
      schema: {
        summary: "Make a token for a worker or one appliance: the answer is the only time that it is seen",
        tags: ["admin"],
        body: newToken,
        response: answers(madeToken),
      },
    },
    async (request) => {
      const { kept, token } = makeToken(desk, request.body);
      if ((await stores.tokens.all()).length >= settings.tokensMost) {
        throw new Fault(controlFaults.tooManyTokens, { most: settings.tokensMost });
      }
      const what = { action: "token.make", object: objectOf(kept), outcome: "done" };
      await failClosed(stores.tokens.add(kept, desk.ports.digest(token), entryOf(desk, request, what)));
      return { ...kept, token };
    },
  );

  app.get(
    "/v1/ops/tokens",
    {
      config: { audience: "admin" },
      schema: {
        summary: "Tokens of workers and appliances, without the tokens themselves",
        tags: ["admin"],
        response: answers(tokenList),
      },
    },
    async () => ({ tokens: (await stores.tokens.all()).map(({ ...token }) => token) }),
  );

  app.post(
    "/v1/ops/tokens/:id/revoke",
    {
      config: { audience: "admin", audit: "itself" },
      schema: {
        summary: "This token opens nothing any more, from now on and for ever",
        tags: ["admin"],
        params: z.object({ id: idText }),
        response: nothing("Revoked"),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const what = { action: "token.revoke", object: `token=${id}`, outcome: "done" };
      const gone = await failClosed(stores.tokens.revoke(id, entryOf(desk, request, what))).finally(() =>
        desk.tokens.forget(),
      );
      if (!gone) throw new Fault(controlFaults.unknownToken, { tokenId: id });
      return reply.code(204).send();
    },
  );
}

function makeToken(
  { ports, clock, state }: Desk,
  order: NewToken,
): { readonly kept: ApiToken; readonly token: string } {
  const { chance, digest } = ports;
  const applianceId = order.kind === "appliance" ? order.applianceId : undefined;
  if (applianceId !== undefined && !state.network.appliances.has(applianceId)) {
    throw new Fault(controlFaults.unknownAppliance, { applianceId });
  }
  const createdAtMs = clock.wallMs();
  const kept: ApiToken = {
    ...{ id: chance.newId(), kind: order.kind, name: order.name, createdAtMs },
    expiresAtMs: order.days === undefined ? undefined : Math.round(createdAtMs + order.days * dayMs),
    ...(applianceId === undefined ? {} : { applianceId }),
  };
  return { kept, token: tokenText(order.kind, digest(chance.newToken()), digest) };
}

function objectOf({ id, kind, applianceId }: ApiToken): string {
  return `token=${id} kind=${kind}${applianceId === undefined ? "" : ` appliance=${applianceId}`}`;
}

/** The change and its audit row are one transaction: a database that is away refuses both. */
async function failClosed<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw error instanceof Fault && error.status < 500
      ? error
      : new Fault(controlFaults.auditAway, {}, error);
  });
}
