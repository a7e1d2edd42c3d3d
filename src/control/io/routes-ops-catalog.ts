// What operators do with the catalogue: import and export it, go back to an earlier version, give works their pictures.
import { createHash } from "node:crypto";
import { z } from "zod";
import { readPicture } from "#catalog/picture.ts";
import { controlFaults } from "#control/faults.ts";
import { exported, type ImportForm, planImport } from "#control/import-works.ts";
import type { Artwork, Work } from "#model/work.ts";
import { pictureKinds } from "#model/work.ts";
import { Fault } from "#units/fault.ts";
import {
  catalogVersions,
  type ImportAnswer,
  importAnswer,
  rollbackOrder,
  rolledBack,
} from "#wire/catalog.ts";
import { picture } from "#wire/picture.ts";
import { idText } from "#wire/viewer.ts";
import { answers } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import type { Desk } from "./desk.ts";
import { perMinute } from "./own-limit.ts";

const complaintsShown = 100;
/** A whole file is read and compared for each. */
const importsPerMinute = 30;
const picturesPerMinute = 600;
const tags = ["operator"];
const audience = "operator";

export function opsCatalogRoutes(app: App, desk: Desk): void {
  app.register(async (scope) => importRoute(scope.withTypeProvider(), desk));
  app.register(async (scope) => pictureRoutes(scope.withTypeProvider(), desk));
  exportRoute(app, desk);
  versionRoutes(app, desk);
}

/** In a scope of its own: a table is no JSON. A form of another page cannot send these types without asking first. */
function importRoute(app: App, desk: Desk): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(["text/csv", "application/json"], { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  app.post(
    "/v1/ops/catalog/import",
    {
      bodyLimit: desk.ports.settings.importMib * 2 ** 20,
      config: { audience, proofInBody: true, rateLimit: perMinute(importsPerMinute) },
      schema: {
        summary: "Takes over a file of works, all of it or nothing; type text/csv or application/json",
        tags,
        querystring: z.object({
          mode: z.enum(["merge", "replace"]).default("merge"),
          /** Say what it would do, and do nothing. */
          dryRun: z.enum(["true", "false"]).default("false"),
        }),
        response: answers(importAnswer),
      },
    },
    async (request): Promise<ImportAnswer> => {
      const [type = "", ...more] = (request.headers["content-type"] ?? "").split(";");
      const form: ImportForm = type.trim().toLowerCase() === "text/csv" ? "csv" : "json";
      const charset = /charset="?([\w-]+)/i.exec(more.join(";"))?.[1];
      const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
      const { mode, dryRun } = request.query;
      const view = desk.works.view();
      const { delta, counts, complaints } = planImport({ view, bytes, form, charset, mode });
      const answer = {
        ...counts,
        version: view.version,
        complaints: complaints.slice(0, complaintsShown),
        complaintsFound: complaints.length,
      };
      if (complaints.length > 0) return { ...answer, kind: "refused" };
      if (dryRun === "true") return { ...answer, kind: "checked" };
      const note = `import by ${accountOf(request).email}: ${counts.works} works`;
      const done = await desk.works.publish(delta, view.version, note);
      if (done.kind === "rebase") throw rebase(done.workIds);
      return { ...answer, kind: "imported", version: done.version };
    },
  );
}

function rebase(workIds: readonly string[]): Fault {
  return new Fault(controlFaults.catalogChanged, { works: workIds.slice(0, 5).join(", ") });
}

function exportRoute(app: App, desk: Desk): void {
  app.get(
    "/v1/ops/catalog/export",
    {
      config: { audience },
      schema: {
        summary: "The catalogue in a form that can be imported again",
        tags,
        querystring: z.object({ form: z.enum(["csv", "json"]).default("json") }),
      },
    },
    async (request, reply) => {
      const { form } = request.query;
      return reply
        .type(form === "csv" ? "text/csv; charset=utf-8" : "application/json; charset=utf-8")
        .header("content-disposition", `attachment; filename="catalog.${form}"`)
        .send(exported(desk.works.view(), form));
    },
  );
}

function versionRoutes(app: App, desk: Desk): void {
  app.get(
    "/v1/ops/catalog/versions",
    {
      config: { audience },
      schema: {
        summary: "Kept versions of the catalogue, the newest first",
        tags,
        response: answers(catalogVersions),
      },
    },
    async () => ({ versions: [...(await desk.ports.stores.works.versions())] }),
  );
  app.post(
    "/v1/ops/catalog/rollback",
    {
      config: { audience },
      schema: {
        summary: "Makes an earlier version the newest again, under a new number",
        tags,
        body: rollbackOrder,
        response: answers(rolledBack),
      },
    },
    async (request) => {
      const { version } = request.body;
      const note = `back to version ${version} by ${accountOf(request).email}`;
      const made = await desk.works.rollBack(version, note);
      if (made !== undefined) return { version: made };
      throw new Fault(controlFaults.catalogVersionUnknown, { version, newest: desk.works.view().version });
    },
  );
}

const pictureParams = z.object({ id: idText, kind: z.enum(pictureKinds) });

function pictureRoutes(app: App, desk: Desk): void {
  const path = "/v1/ops/catalog/works/:id/pictures/:kind";
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ["image/jpeg", "image/png", "image/webp"],
    { parseAs: "buffer" },
    (_request, body, done) => done(null, body),
  );
  app.put(
    path,
    {
      bodyLimit: desk.ports.settings.pictureKib * 1024,
      config: { audience, proofInBody: true, rateLimit: perMinute(picturesPerMinute) },
      schema: {
        summary: "The work's picture of a kind: JPEG, PNG or WebP, known by its bytes",
        tags,
        params: pictureParams,
        response: answers(picture),
      },
    },
    async (request) => {
      const { id, kind } = request.params;
      const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
      const reading = readPicture(bytes);
      if (reading.kind === "refused")
        throw new Fault(controlFaults.pictureRefused, { because: reading.because });
      const { type, width, height } = reading;
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      await desk.ports.stores.pictures.put({ sha256, type, bytes }, desk.clock.wallMs());
      const artwork: Artwork = { kind, sha256, type, width, height, bytes: bytes.byteLength };
      await withArtwork(desk, id, (others) => [...others.filter((one) => one.kind !== kind), artwork]);
      return { kind, path: `/artwork/${sha256}`, type, width, height };
    },
  );
}

async function withArtwork(
  desk: Desk,
  workId: string,
  change: (artwork: readonly Artwork[]) => readonly Artwork[],
): Promise<void> {
  const view = desk.works.view();
  const work: Work | undefined = view.works.get(workId);
  if (work === undefined) throw new Fault(controlFaults.unknownWork, { workId });
  const put = [{ ...work, artwork: change(work.artwork) }];
  const done = await desk.works.publish({ put, remove: [] }, view.version, `a picture of ${workId}`);
  if (done.kind === "rebase") throw rebase(done.workIds);
}
