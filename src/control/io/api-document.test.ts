// The API's own description: complete, with examples that its own schemas take.
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { operationIdOf } from "#control/api-document.ts";
import { knownRefusals } from "#control/api-refusals.ts";
import { billingFaults } from "#control/billing-faults.ts";
import { controlFaults } from "#control/faults.ts";
import { accountFaults } from "#control/faults-account.ts";
import { publishFaults } from "#publish/faults.ts";
import { jobFaults } from "#publish/job-faults.ts";
import { type Operation, openApi, operationsIn } from "#test/fixtures/api-document.ts";
import { operationExamples, plainAnswers, plainRequests } from "#wire/examples.ts";

test("[CO300] every operation has a name of its own, a summary, a tag, words for its parameters, and its refusals by status", async (t) => {
  const { document, routes } = await openApi(t);
  const operations = operationsIn(document);
  const declared = routes
    .filter(({ hidden }) => !hidden)
    .map(({ method, url }) => operationIdOf(method, url));
  assert.deepEqual(operations.map(({ operationId }) => operationId).toSorted(), declared.toSorted());
  assert.equal(new Set(declared).size, declared.length);
  assert.ok(declared.length > 90, `${declared.length}`);
  assert.deepEqual(
    Object.keys(knownRefusals).toSorted(),
    declared.toSorted(),
    "api-refusals.ts has a row for each",
  );
  const poor = operations.filter(
    ({ summary = "", tags, parameters, responses }) =>
      summary.length < 3 ||
      tags.length === 0 ||
      parameters.some(({ description = "" }) => description === "") ||
      Object.keys(responses).some((status) => !/^\d{3}$/.test(status)) ||
      responses["500"] === undefined ||
      Object.values(responses).some(({ description }) => description === "Default Response"),
  );
  assert.deepEqual(
    poor.map(({ operationId }) => operationId),
    [],
  );
});

/** Ends the start, or stands in the log alone. */
const neverAnswered = new Set([
  ...["oidc-settings-refused", "screen-settings-refused", "territory-unknown", "kept-routes-unreadable"],
  ...["secrets-unreadable", "account-refused", "topology-refused", "no-mail", "mail-setting", "mail-failed"],
  ...["dunning-days", "stripe-unset"],
  // Of addresses that no operation has; to a connection that is closed.
  ...["no-route", "caller-gone"],
  // Stand in an arrival's or a job's own record.
  ...["upload-other-hash", "film-unchecked", "import-failed", "publish-failed"],
]);

test("[CO300] every fault that can be answered is told of by an operation", async (t) => {
  const { document } = await openApi(t);
  const told = new Set(operationsIn(document).flatMap(codesOf));
  const tables = [controlFaults, accountFaults, billingFaults, publishFaults, jobFaults].flatMap((table) =>
    Object.values(table),
  );
  const untold = tables.map(({ code }) => code).filter((code) => !told.has(code) && !neverAnswered.has(code));
  assert.deepEqual(untold, []);
});

function codesOf({ responses }: Operation): readonly string[] {
  return Object.entries(responses)
    .filter(([status]) => Number(status) >= 400)
    .flatMap(([, { description = "" }]) => description.split(", "));
}

test("[CO301] every parameter, body and answer has an example, and its own schema takes it", async (t) => {
  const { document, routes } = await openApi(t);
  const wrong: string[] = [];
  for (const operation of operationsIn(document)) {
    const route = routes.find(({ method, url }) => operationIdOf(method, url) === operation.operationId);
    assert.ok(route !== undefined);
    const complain = (where: string, schema: z.ZodType | undefined, example: unknown): void => {
      const complaint = complaintOf(schema, example);
      if (complaint !== undefined) wrong.push(`${operation.operationId} ${where}: ${complaint}`);
    };
    const places = { path: route.params, query: route.query, header: route.headers };
    for (const [place, schema] of Object.entries(places)) {
      const given = operation.parameters.filter((one) => one.in === place);
      const values = given.map(({ name, example }) => [name, String(example)]);
      if (given.length > 0) complain(place, schema, Object.fromEntries(values));
    }
    if (route.body !== undefined || operation.requestBody !== undefined) {
      const plain = plainRequests[operation.operationId];
      const media = Object.values(operation.requestBody?.content ?? {});
      assert.ok(media.length > 0, operation.operationId);
      for (const { example } of media)
        complain("body", plain === undefined ? route.body : z.string(), example);
    }
    for (const [status, { content = {} }] of Object.entries(operation.responses)) {
      const plain = status === "200" && plainAnswers[operation.operationId] !== undefined;
      if (Number(status) >= 400 && !route.answers.has(status)) continue;
      if (!plain && !route.answers.has(status)) wrong.push(`${operation.operationId} ${status}: no schema`);
      for (const { example } of Object.values(content)) {
        complain(status, plain ? z.string() : route.answers.get(status), example);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test("[CO301] no words are kept for operations that are gone", async (t) => {
  const { document } = await openApi(t);
  const known = new Set(operationsIn(document).map(({ operationId }) => operationId));
  const kept = [operationExamples, plainAnswers, plainRequests].flatMap((table) => Object.keys(table));
  assert.deepEqual(
    kept.filter((operationId) => !known.has(operationId)),
    [],
  );
});

test("[CO301] an example that a schema refuses is told", () => {
  assert.equal(complaintOf(z.object({ email: z.email() }), { email: "ada@example.org" }), undefined);
  assert.match(complaintOf(z.object({ email: z.email() }), { email: "film-1" }) ?? "", /email/);
  assert.match(complaintOf(z.string(), undefined) ?? "", /no example/);
});

function complaintOf(schema: z.ZodType | undefined, example: unknown): string | undefined {
  if (example === undefined) return "no example";
  const reading = (schema ?? z.never()).safeParse(example);
  const [issue] = reading.error?.issues ?? [];
  return issue === undefined ? undefined : `${issue.path.join(".")}: ${issue.message}`;
}
