// Everybody's request for somebody else's ids, at every operation that the API has.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { callers, leaks, openMatrix, placedIn, rowComplaints } from "#test/fixtures/id-matrix.ts";
import { idTable } from "#test/fixtures/id-table.ts";

test("[CO303] every operation that takes an id says whose it is, and one that does not is told", async (t) => {
  const matrix = await openMatrix(t);
  const operations = placedIn(matrix);
  assert.deepEqual(rowComplaints(operations), []);
  for (const row of Object.values(idTable)) {
    if (row.kind === "elsewhere")
      assert.ok(readFileSync(row.file, "utf8").includes(`test("[${row.rule}]`), row.rule);
  }
  const { deleteDevicesById: _gone, ...lacking } = idTable;
  assert.deepEqual(rowComplaints(operations, lacking), ["deleteDevicesById takes an id and has no row"]);
});

test("[CO304] a foreign id is answered like one that does not exist, and nothing is changed", async (t) => {
  const matrix = await openMatrix(t);
  assert.deepEqual(await leaks(matrix, placedIn(matrix)), []);
});

test("[CO304] a path that ends any account's device is caught", async (t) => {
  const matrix = await openMatrix(t);
  const { devices } = matrix.rig.stores;
  const end = devices.end.bind(devices);
  const owners = new Map<string, string>();
  for (const email of ["ada@example.org", "viewer@example.org"]) {
    const account = await matrix.rig.stores.accounts.byEmail(email);
    for (const { id } of await devices.list(account?.id ?? "", matrix.rig.nowMs()))
      owners.set(id, account?.id ?? "");
  }
  t.mock.method(devices, "end", (_accountId: string, id: string) => end(owners.get(id) ?? "", id));
  const operations = placedIn(matrix).filter(({ operationId }) => operationId === "deleteDevicesById");
  assert.match(
    (await leaks(matrix, operations)).join(),
    /deleteDevicesById by viewer: 204, and something was changed/,
  );
});

test("[CO304] a path that tells of a foreign screen by another code is caught", async (t) => {
  const matrix = await openMatrix(t);
  const { leases } = matrix.rig.stores;
  t.mock.method(leases, "evict", async (_accountId: string, sessionId: string) => {
    if (sessionId === matrix.owned.session) throw new Error("not yours");
    return false;
  });
  const operations = placedIn(matrix).filter(({ operationId }) => operationId === "deleteScreensBySessionId");
  assert.match(
    (await leaks(matrix, operations)).join(),
    /by viewer: 500 .* but of one that does not exist 404/,
  );
});

/** Whom a route's audience lets in. */
const within: Readonly<Record<string, readonly (typeof callers)[number][]>> = {
  anyone: callers,
  viewer: ["viewer", "operator", "admin"],
  operator: ["operator", "admin"],
  admin: ["admin"],
  worker: ["worker"],
  appliance: ["appliance"],
};

test("[CO305] nobody outside its audience gets anything from any operation but the same refusal, told in the document", async (t) => {
  const matrix = await openMatrix(t);
  const before = await matrix.snapshot();
  const wrong: string[] = [];
  for (const operation of placedIn(matrix)) {
    const { audience } = matrix.routes.find(
      ({ method, url }) =>
        method === operation.method && url.replaceAll(/:(\w+)/g, "{$1}") === operation.path,
    ) ?? { audience: "none" };
    for (const by of callers) {
      if (within[audience]?.includes(by) ?? false) continue;
      const said = await matrix.ask(operation, by, { id: "some-id" });
      const refused = [401, 403].includes(said.status);
      // An answer to HEAD has no body.
      const told =
        operation.method === "HEAD" ||
        (operation.responses[said.status]?.description?.split(", ").includes(said.code) ?? false);
      if (!refused || !told)
        wrong.push(`${operation.operationId} by ${by}: ${said.status} ${said.text.slice(0, 120)}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.equal(await matrix.snapshot(), before);
});

test("[CO302] what anybody is answered, with an id that does not exist, stands in the document", async (t) => {
  const matrix = await openMatrix(t);
  const untold: string[] = [];
  // What ends the caller's own sign-in, or the admins', would end the test.
  const ends = new Set(["deleteMe", "postSignOut", "postDevicesSignOut", "postMePassword"]);
  for (const operation of placedIn(matrix)) {
    if (ends.has(operation.operationId)) continue;
    for (const by of callers) {
      const { status, code, text } = await matrix.ask(operation, by, { id: "some-id" });
      const answer = operation.responses[status];
      const told =
        answer !== undefined && (code === "" || (answer.description ?? "").split(", ").includes(code));
      if (!told || status === 500)
        untold.push(`${operation.operationId} by ${by}: ${status} ${text.slice(0, 160)}`);
    }
  }
  assert.deepEqual(untold, []);
});
