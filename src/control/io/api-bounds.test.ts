// What a request may cost, how it is read, and what a refusal tells: for every operation that the API has.
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { operationIdOf } from "#control/api-document.ts";
import { dataFaults } from "#data/faults.ts";
import { openApi } from "#test/fixtures/api-document.ts";
import type { DeclaredRoute } from "#test/fixtures/api-routes.ts";
import { callers, openMatrix, placedIn } from "#test/fixtures/id-matrix.ts";
import { Fault } from "#units/fault.ts";

/** Changing, and not counted: why that costs nobody anything. */
const uncounted: Readonly<Record<string, string>> = {
  postSignOut: "one row, and it ends the caller's own right to ask",
  deleteDevicesById: "one row, of the account's own few devices",
  postDevicesSignOut: "the account's own few devices",
  postLicenceClearkey: "counted by the session that its token proves, CO255",
  postLicenceBySystem: "counted by the session that its token proves, CO255",
  postPaymentsWebhookByProvider: "a signature is checked before anything is looked up, CO143",
  postPaymentsOfflineConfirmByRefByChoice: "128 bits of chance, looked up in memory",
};

/** Hash, mail, parse files, or make rows that stay: counted whoever asks. */
const costly: readonly string[] = [
  ...["postSignIn", "postSignUp", "postPasswordReset", "postMePassword", "postMeEmail", "deleteMe"],
  ...["postAdminInvitations", "getSearch", "postOpsCatalogImport", "putOpsCatalogWorksByIdPicturesByKind"],
  ...["postOpsBackup", "postOpsTokens", "postOpsExperiments", "getOpsSeries", "getOpsSeriesTags"],
];

function nameOf({ method, url }: DeclaredRoute): string {
  return operationIdOf(method, url);
}

test("[CO306] whoever may be anybody is counted at everything that changes something, and everyone at what costs", async (t) => {
  const { routes } = await openApi(t);
  const open = routes.filter(
    ({ audience, method, hidden }) =>
      !hidden && method !== "GET" && (audience === "anyone" || audience === "viewer"),
  );
  const free = open.filter(({ rateLimited }) => !rateLimited).map(nameOf);
  assert.deepEqual(free.toSorted(), Object.keys(uncounted).toSorted());
  const limited = new Set(routes.filter(({ rateLimited }) => rateLimited).map(nameOf));
  assert.deepEqual(
    costly.filter((operationId) => !limited.has(operationId)),
    [],
  );
});

/** Takes every query, also one of another's making (CO83). */
const takesAll = /^getSteerBySession/;

test("[CO307] a parameter of a query that is given twice is refused", async (t) => {
  const matrix = await openMatrix(t);
  const wrong: string[] = [];
  let asked = 0;
  for (const operation of placedIn(matrix)) {
    for (const { name, in: place, example } of operation.parameters) {
      if (place !== "query" || takesAll.test(operation.operationId)) continue;
      const others = operation.parameters.filter(
        (one) => one.in === "query" && one.required && one.name !== name,
      );
      const query = new URLSearchParams(others.map((one) => [one.name, String(one.example)]));
      query.append(name, String(example));
      query.append(name, String(example));
      const route = matrix.routes.find((one) => nameOf(one) === operation.operationId);
      const by = route?.audience === "worker" ? "worker" : "admin";
      const { status } = await matrix.ask(operation, by, { id: "film-1", query: `?${query}` });
      asked += 1;
      if (status !== 400) wrong.push(`${operation.operationId} ${name}: ${status}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(asked > 10, `${asked}`);
});

/** Bounded by the bytes of their body alone: what machines of the installation report. */
const byBytes: ReadonlySet<string> = new Set(["postAppliancesByIdReport.body.verified", "postCmcd.body"]);

test("[CO308] every text and list of a request has a bound", async (t) => {
  const { routes } = await openApi(t);
  const loose = routes
    .filter(({ hidden }) => !hidden)
    .flatMap((route) =>
      Object.entries({
        ...{ body: route.body, params: route.params, query: route.query, headers: route.headers },
      }).flatMap(([place, schema]) =>
        schema === undefined
          ? []
          : unboundedIn(z.toJSONSchema(schema, { io: "input" }), `${nameOf(route)}.${place}`),
      ),
    );
  assert.deepEqual(
    loose.filter((where) => !byBytes.has(where)),
    [],
  );
  const list = z.toJSONSchema(z.object({ a: z.array(z.string()) }));
  assert.deepEqual(unboundedIn(list, "x"), ["x.a", "x.a"]);
});

function unboundedIn(schema: unknown, where: string): readonly string[] {
  const {
    type,
    properties = {},
    items,
    additionalProperties,
    propertyNames,
    oneOf = [],
    anyOf = [],
    allOf = [],
    ...own
  } = Object(schema);
  const bounded = ["maxLength", "pattern", "format", "enum", "const"].some((key) => key in own);
  const text = type === "string" && !bounded;
  const list = type === "array" && own.maxItems === undefined && own.prefixItems === undefined;
  const map =
    type === "object" && typeof additionalProperties === "object" && propertyNames?.enum === undefined;
  const free = map && Object.keys(additionalProperties).length > 0;
  return [
    ...(text || list || free ? [where] : []),
    ...Object.entries(properties).flatMap(([name, field]) => unboundedIn(field, `${where}.${name}`)),
    ...(items === undefined ? [] : unboundedIn(items, where)),
    ...[...oneOf, ...anyOf, ...allOf].flatMap((part: unknown) => unboundedIn(part, where)),
  ];
}

test("[CO309] what fails inside is answered without names of hosts, folders or statements", async (t) => {
  const matrix = await openMatrix(t);
  const { stores } = matrix.rig;
  const secret = "db.inside.example:5432";
  const away = new Fault(dataFaults.databaseUnreachable, { address: secret, reason: `refused by ${secret}` });
  for (const store of Object.values(stores)) {
    if (typeof store !== "object" || store === null || store === stores.about) continue;
    for (const [name, method] of Object.entries(store)) {
      if (typeof method === "function" && name !== "close" && name !== "trouble")
        t.mock.method(Object(store), name, () => Promise.reject(away));
    }
  }
  const told: string[] = [];
  let failed = 0;
  for (const operation of placedIn(matrix)) {
    for (const by of callers) {
      const { status, text } = await matrix.ask(operation, by, { id: "film-1" });
      if (status >= 500) failed += 1;
      if (/inside\.example|\bat .*\.ts:\d+|SELECT |node_modules/.test(text))
        told.push(`${operation.operationId} by ${by}: ${text.slice(0, 200)}`);
    }
  }
  assert.deepEqual(told, []);
  assert.ok(failed > 20, `${failed}`);
});
