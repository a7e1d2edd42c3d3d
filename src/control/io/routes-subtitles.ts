// Subtitles of a title that is published: which there are, one more, one in another's place, one less.
import { z } from "zod";
import { controlFaults } from "#control/faults.ts";
import { Fault } from "#units/fault.ts";
import { subtitleTracks, subtitleWish, trackId } from "#wire/subtitles.ts";
import { idText } from "#wire/viewer.ts";
import { answers } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import type { Desk } from "./desk.ts";
import { perMinute } from "./own-limit.ts";
import type { SubtitleRoom } from "./subtitle-room.ts";

const tags = ["operator"];
const audience = "operator";
const path = "/v1/ops/titles/:id/subtitles";
const params = z.object({ id: idText });
/** Each makes another version of the title, and has it placed. */
const changesPerMinute = 60;
/** Without a store at hand nothing is taken, but the route is told of. */
const usualBytes = 8 * 2 ** 20;

export function subtitleRoutes(app: App, desk: Desk): void {
  app.get(
    path,
    {
      config: { audience },
      schema: {
        summary: "Subtitles of a published title, in the order of its manifests",
        tags,
        params,
        response: answers(subtitleTracks),
      },
    },
    async ({ params: { id } }) => roomOf(desk).tracks(desk, id),
  );
  app.register(async (scope) => putRoute(scope.withTypeProvider(), desk));
  app.delete(
    `${path}/:track`,
    {
      config: { audience, rateLimit: perMinute(changesPerMinute) },
      schema: {
        summary: "Takes a subtitle track away; plays that began before keep it",
        tags,
        params: params.extend({ track: trackId }),
        response: answers(subtitleTracks),
      },
    },
    async (request) => {
      const { id, track } = request.params;
      const left = await roomOf(desk).remove(desk, id, track);
      desk.logger.info({ title: id, track, by: accountOf(request).email }, "subtitles were taken away");
      return left;
    },
  );
}

/** In a scope of its own: WebVTT is no JSON. A form of another page cannot send this type without asking first. */
function putRoute(app: App, desk: Desk): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(["text/vtt"], { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.post(
    path,
    {
      bodyLimit: desk.subtitles?.maxBytes ?? usualBytes,
      config: { audience, proofInBody: true, rateLimit: perMinute(changesPerMinute) },
      schema: {
        summary:
          "Adds a WebVTT file to a published title, or puts it in another's place; media stay as they are. The same again changes nothing",
        tags,
        params,
        querystring: subtitleWish,
        response: answers(subtitleTracks),
      },
    },
    async (request) => {
      const { id } = request.params;
      const file = request.body instanceof Uint8Array ? request.body : new Uint8Array();
      const now = await roomOf(desk).put(desk, id, request.query, file);
      const { language, replaces } = request.query;
      desk.logger.info(
        { title: id, language, replaces, by: accountOf(request).email },
        "subtitles were put in",
      );
      return now;
    },
  );
}

function roomOf({ subtitles }: Desk): SubtitleRoom {
  if (subtitles === undefined) throw new Fault(controlFaults.noOriginStore);
  return subtitles;
}
