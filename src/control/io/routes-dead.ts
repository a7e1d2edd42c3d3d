// The dead letters: what stood in the event log and could not be used, newest first.
import { deadLetters, deadLettersQuery } from "#wire/dead-letters.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";
import type { Desk } from "./desk.ts";

/** Enough to see what it was; the whole lies in the log or topic of dead letters. */
const shownBytes = 4096;

export function deadLetterRoutes(app: App, { events }: Desk): void {
  app.get(
    "/v1/ops/dead-letters",
    {
      config: { audience: "operator" },
      schema: {
        summary: "Records of the event log that no consumer could use, and why; newest first",
        tags: ["operator"],
        querystring: deadLettersQuery,
        response: answers(deadLetters),
      },
    },
    async (request) => {
      const letters = (await events.dead?.newest(request.query.limit)) ?? [];
      return {
        letters: letters.map(({ value, ...letter }) => ({
          ...letter,
          value: Buffer.from(value.subarray(0, shownBytes)).toString("base64"),
        })),
      };
    },
  );
}
