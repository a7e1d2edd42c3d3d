// The pages' typed way to the control plane, written from the routes' own declarations: a path that changes does not compile.
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import type { z } from "zod";
import { operationIdOf } from "#control/api-document.ts";
import { type Operation, openApi, operationsIn } from "#test/fixtures/api-document.ts";
import type { DeclaredRoute } from "#test/fixtures/api-routes.ts";
import { formatted } from "./formatted.ts";

/** Which operations each part of the pages asks: one file for each part that is fetched by itself. */
export const clientFiles: Readonly<Record<string, readonly string[]>> = {
  "web/client.ts": [
    ...["getMe", "postSignIn", "postSignOut", "getSignInMethods", "getHome", "getTitlesById"],
    ...["getSearch", "postPrefetch", "getProfiles", "postProfilesByIdUse"],
  ],
  "web/app/client.ts": [
    ...["postProfiles", "patchProfilesById", "deleteProfilesById"],
    ...["getDevices", "deleteDevicesById", "postDevicesSignOut", "getScreens", "deleteScreensBySessionId"],
    ...["postMePassword", "postMeEmail", "deleteMe"],
    ...["getPlans", "getSubscription", "postSubscription", "postSubscriptionChange"],
    ...["postSubscriptionCancel", "postSubscriptionResume", "postPaymentMethod", "getInvoices"],
    ...["postSignUp", "postSignUpConfirm", "postPasswordReset", "postPasswordResetConfirm"],
    "postEmailConfirm",
  ],
  "web/ops/client.ts": [
    ...["getOpsAppliances", "postOpsAppliancesByIdDrain", "postOpsAppliancesByIdUndrain"],
    ...["getOpsPlacement", "getOpsPlacementChurn", "getOpsPlacementExplain"],
    ...["getOpsTitles", "getOpsTitlesByIdEncode", "getOpsLints", "getOpsRoutes", "getOpsSessions"],
    "getOpsSteerExplain",
    ...["getOpsEncodes", "getOpsJobs", "getOpsJobsLanes", "getOpsJobsByIdEvents", "postOpsJobsByIdRetry"],
    ...["postOpsEncodesByIdCancel", "postOpsEncodesByIdPause", "postOpsEncodesByIdResume"],
    ...["postOpsEncodesByIdPriority", "getOpsTitlesByIdStoryboard", "getOpsSessionsByIdTimeline"],
    ...["getOpsQoe", "getOpsQoeBreakdown", "getOpsQoeDefinitions", "getOpsExperiments"],
    ...["getOpsExperimentsByIdReport", "getOpsMisses"],
    ...["getOpsChanges", "getOpsMap", "getOpsSeries", "getOpsAppliancesById", "getOpsAppliancesByIdWithout"],
    ...["postOpsAppliancesByIdDrillsByKind", "getOpsDrills", "postOpsDrillsByIdAbort"],
    ...["postOpsExperiments", "postOpsExperimentsByIdStart", "postOpsExperimentsByIdAbort"],
  ],
  "web/ops/catalogue-client.ts": [
    ...["getOpsCatalogTitles", "getOpsCatalogTitlesById", "postOpsTitlesByIdDeny", "postOpsTitlesByIdAllow"],
    ...["postUploads", "getUploads", "getUploadsById", "deleteUploadsById"],
    ...["postImports", "getImports", "deleteImportsById"],
    ...["getMasters", "deleteMastersById", "postMastersByIdPublish"],
    ...["postOpsCatalogImport", "getOpsCatalogExport", "getOpsCatalogVersions", "postOpsCatalogRollback"],
    ...["putOpsCatalogWorksByIdPicturesByKind", "getOpsTitlesByIdKeys", "getOpsKeys", "postOpsKeysRewrap"],
    ...["getOpsTitlesByIdSubtitles", "postOpsTitlesByIdSubtitles", "deleteOpsTitlesByIdSubtitlesByTrack"],
  ],
  "web/ops/money-client.ts": [
    ...["getOpsMoney", "getAdminTrialBalance", "getAdminLedgerCsv", "postAdminRefunds", "postAdminCredits"],
    ...["getAdminAccounts", "getAdminAccountsByIdInvoices"],
  ],
  "web/ops/settings-client.ts": [
    ...["getOpsSettings", "getOpsTokens", "postOpsTokens", "postOpsTokensByIdRevoke", "getOpsAudit"],
    ...["getAdminAccounts", "postAdminAccountsByIdRole", "postAdminAccountsByIdLock"],
    ...["postAdminAccountsByIdUnlock", "postOpsBackup", "getOpsDeadLetters"],
  ],
  "web/player/client.ts": ["postPlay", "deleteScreensBySessionId", "postTelemetry", "postCmcd"],
};

/** Asked by other means than JSON and an answer: their path alone. */
const pathOnly: ReadonlySet<string> = new Set([
  ...["postTelemetry", "postCmcd", "postUploads", "postOpsCatalogImport", "getOpsCatalogExport"],
  ...["putOpsCatalogWorksByIdPicturesByKind", "getAdminLedgerCsv", "postOpsTitlesByIdSubtitles"],
]);

/** About money: sent with a key that its form keeps, so that it is carried out once. */
const once: ReadonlySet<string> = new Set([
  ...["postSubscription", "postSubscriptionChange", "postSubscriptionCancel", "postSubscriptionResume"],
  ...["postPaymentMethod", "postAdminRefunds", "postAdminCredits"],
]);

/** Shown to people as well. */
const pathToo: ReadonlySet<string> = new Set(["postSignIn"]);

interface Named {
  readonly name: string;
  readonly from: string;
}

/** By the path of the file. @throws Error when an operation or a schema has no name to call it by */
export async function clientSources(): Promise<ReadonlyMap<string, string>> {
  const stops: (() => Promise<void>)[] = [];
  try {
    const { document, routes } = await openApi({ after: (stop) => void stops.push(stop) });
    const names = await wireNames();
    return new Map(
      Object.entries(clientFiles).map(([path, ids]) => {
        const asked = ids.map((id) => pieceOf(id, operationsIn(document), routes, names));
        return [path, formatted(path, fileOf(asked))];
      }),
    );
  } finally {
    for (const stop of stops) await stop();
  }
}

/** Every schema that #wire exports, by itself. */
async function wireNames(): Promise<ReadonlyMap<unknown, Named>> {
  const names = new Map<unknown, Named>();
  for (const file of readdirSync("src/wire")
    .filter((name) => /^[a-z-]+\.ts$/.test(name))
    .sort()) {
    const module: object = await import(resolve("src/wire", file));
    for (const [name, value] of Object.entries(module)) names.set(value, { name, from: `#wire/${file}` });
  }
  return names;
}

interface Piece {
  readonly text: string;
  readonly wire: readonly Named[];
  readonly api: readonly string[];
  readonly types: readonly string[];
}

function pieceOf(
  id: string,
  operations: readonly Operation[],
  routes: readonly DeclaredRoute[],
  names: ReadonlyMap<unknown, Named>,
): Piece {
  const operation = operations.find(({ operationId }) => operationId === id);
  const route = routes.find(({ method, url }) => operationIdOf(method, url) === id);
  if (operation === undefined || route === undefined) throw new Error(`There is no operation ${id}.`);
  const nameOf = (schema: z.ZodType | undefined): Named | undefined => {
    const known = names.get(schema);
    if (schema !== undefined && known === undefined)
      throw new Error(`${id}: a schema that #wire does not export.`);
    return known;
  };
  const comment = `/** ${operation.summary ?? id}. */\n`;
  const { path, given } = pathOf(route.url, operation);
  const pathText =
    given.length === 0
      ? `export const ${id}Path = ${path};`
      : `export function ${id}Path(${given.join(", ")}): string { return ${path}; }`;
  if (pathOnly.has(id)) {
    return { text: comment + pathText, wire: [], api: [], types: [] };
  }
  // What is only begun may answer nothing that a page reads.
  const answer = nameOf(route.answers.get("200")) ?? names.get(route.answers.get("202"));
  if (route.method === "GET") {
    if (answer === undefined) throw new Error(`${id} answers nothing.`);
    const text = `export function ${id}(${given.join(", ")}): Question<z.infer<typeof ${answer.name}>> { return { path: ${path}, schema: ${answer.name} }; }`;
    return { text: comment + text, wire: [answer], api: [], types: ["Question"] };
  }
  const body = nameOf(route.body);
  const params = [
    ...given,
    ...(body === undefined ? [] : [`body: z.input<typeof ${body.name}>`]),
    ...(once.has(id) ? ["key: string"] : []),
    "signal?: AbortSignal",
  ];
  const result = answer === undefined ? "undefined" : `z.infer<typeof ${answer.name}>`;
  const sender = route.method === "PATCH" ? "patchJson" : once.has(id) ? "postOnce" : "postJson";
  const call =
    route.method === "DELETE"
      ? {
          by: "deleteAt",
          text: `deleteAt(${path}, ${body === undefined ? "undefined" : "body"}, signal)`,
          result: "void",
        }
      : {
          by: sender,
          text: `${sender}(${path}, ${body === undefined ? "{}" : "body"}, ${answer?.name ?? "undefined"}, ${once.has(id) ? "key, " : ""}signal)`,
          result,
        };
  const text = `export function ${id}(${params.join(", ")}): Promise<${call.result}> { return ${call.text}; }`;
  const wire = [body, answer].filter((one) => one !== undefined);
  const shown = pathToo.has(id) ? `${pathText}\n\n` : "";
  return { text: shown + comment + text, wire, api: [call.by], types: [] };
}

function pathOf(
  url: string,
  { parameters }: Operation,
): { readonly path: string; readonly given: readonly string[] } {
  const inPath = parameters.filter((one) => one.in === "path").map(({ name }) => name);
  const inQuery = parameters.filter((one) => one.in === "query");
  const fields = inQuery.map(({ name, required }) => `${name}${required ? "" : "?"}: string`);
  const given = [
    ...inPath.map((name) => `${name}: string`),
    ...(fields.length === 0 ? [] : [`query: { ${fields.map((field) => `readonly ${field}`).join("; ")} }`]),
  ];
  const text = url.replaceAll(/:(\w+)/g, (_whole, name: string) => `\${encodeURIComponent(${name})}`);
  if (fields.length > 0) return { path: `\`${text}?\${new URLSearchParams(query)}\``, given };
  return { path: inPath.length > 0 ? `\`${text}\`` : `"${text}"`, given };
}

function fileOf(pieces: readonly Piece[]): string {
  const wire = Map.groupBy(
    pieces.flatMap((piece) => piece.wire),
    ({ from }) => from,
  );
  const used = pieces.map(({ text }) => text).join("\n");
  const imports = [...wire]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([from, named]) => {
      const names = [...new Set(named.map(({ name }) => name))].sort();
      // What stands in types alone is not loaded.
      const words = names.map((name) =>
        used.replaceAll(`typeof ${name}>`, "").match(new RegExp(`\\b${name}\\b`)) ? name : `type ${name}`,
      );
      const all = words.every((word) => word.startsWith("type "));
      return `import ${all ? "type " : ""}{ ${(all ? names : words).join(", ")} } from "${from}";`;
    });
  const api = [
    ...new Set(pieces.flatMap((piece) => piece.api)),
    ...new Set(pieces.flatMap((piece) => piece.types.map((name) => `type ${name}`))),
  ];
  return [
    "// Written by `npm run generate` from the control plane's routes: change those, not this.",
    ...(used.includes("z.") ? ['import type { z } from "zod";'] : []),
    ...(api.length === 0 ? [] : [`import { ${api.join(", ")} } from "#web/api.ts";`]),
    ...imports,
    "",
    pieces.map(({ text }) => text).join("\n\n"),
    "",
  ].join("\n");
}
