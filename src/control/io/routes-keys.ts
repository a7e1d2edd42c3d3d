// What operators do with keys: import them, see which there are, have them wrapped anew. No answer holds one.
import { z } from "zod";
import { controlFaults } from "#control/faults.ts";
import { keepKeys, keyStateOf, rewrapKeys, titleKeysOf } from "#control/title-keys.ts";
import { keyringOf } from "#pack/protection.ts";
import { Fault } from "#units/fault.ts";
import { contentKeys } from "#wire/content-keys.ts";
import { keyState, rewrapped, titleKeys } from "#wire/licence.ts";
import { idText } from "#wire/viewer.ts";
import { answers } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import type { Desk } from "./desk.ts";

const tags = ["operator"];
const params = z.object({ id: idText });

export function keyRoutes(app: App, desk: Desk): void {
  titleKeyRoutes(app, desk);
  app.get(
    "/v1/ops/keys",
    {
      config: { audience: "operator" },
      schema: {
        summary: "Which key encryption keys wrap how many content keys",
        tags,
        response: answers(keyState),
      },
    },
    async () => keyStateOf(desk.ports),
  );
  app.post(
    "/v1/ops/keys/rewrap",
    {
      config: { audience: "admin" },
      schema: {
        summary: "Wraps every content key anew that another key encryption key than the first wraps",
        tags,
        response: answers(rewrapped),
      },
    },
    async (request) => {
      const done = await rewrapKeys(desk.ports);
      const { kekId, rewrapped: count, unopenedCount } = done;
      desk.logger.info(
        { kekId, count, unopenedCount, by: accountOf(request).email },
        "keys were wrapped anew",
      );
      return done;
    },
  );
}

function titleKeyRoutes(app: App, desk: Desk): void {
  const { stores } = desk.ports;
  const path = "/v1/ops/titles/:id/keys";
  app.get(
    path,
    {
      config: { audience: "operator" },
      schema: { summary: "Labels and kids of a title's keys", tags, params, response: answers(titleKeys) },
    },
    async ({ params: { id } }) => titleKeysOf(id, await stores.contentKeys.ofTitle(id)),
  );
  app.post(
    path,
    {
      config: { audience: "admin" },
      schema: {
        summary:
          "Keeps a title's keys, wrapped: one per label, as in a key file. The title need not be published yet. 409 kid-taken",
        tags,
        params,
        body: contentKeys,
        response: answers(titleKeys),
      },
    },
    async (request) => {
      const { id } = request.params;
      const ring = keyringOf(request.body.keys);
      if (ring.kind === "refused") throw new Fault(controlFaults.keysUnfit, { because: ring.because });
      await keepKeys(desk.ports, id, ring.keys, desk.clock.wallMs());
      desk.logger.info({ title: id, by: accountOf(request).email }, "keys were imported");
      return titleKeysOf(id, await stores.contentKeys.ofTitle(id));
    },
  );
}

/** At the start: an operator hears before viewers do that a key encryption key is missing. */
export async function lookAfterKeys({ ports, keyEncryptionKeys, logger }: Desk): Promise<void> {
  for (const { kekId, keys } of await ports.stores.contentKeys.wrappers()) {
    if (keyEncryptionKeys.has(kekId)) continue;
    logger.error(
      { kekId, keys },
      "content keys cannot be opened: secrets.json lacks the key encryption key that wraps them",
    );
  }
}
