// Tokens of programs and the audit log, over a control plane whose stores are in memory.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { verifyAudit } from "#control/audit-verify.ts";
import type { AuditRow } from "#data/audit-chain.ts";
import {
  installationToken,
  type MemoryControl,
  password,
  startInMemory,
} from "#test/fixtures/memory-control.ts";
import { freshKeys } from "#test/fixtures/protected-title.ts";
import { goodReport } from "#test/fixtures/small-network.ts";
import { auditPage, madeToken, tokenList } from "#wire/identity.ts";
import { type Client, client, type Said } from "./control-client.ts";
import { holdsKey } from "./protect-rig.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
const admin = "root@example.org";
let folder: string;
let plane: MemoryControl;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-identity-"));
  const auditAnchorFile = join(folder, "anchors");
  plane = await startInMemory({ signInFailures: 3, tokensMost: 4, auditAnchorFile });
  await plane.account(admin, "admin");
  await plane.account("op@example.org", "operator");
  await plane.account("ada@example.org", "viewer");
});

after(async () => {
  await plane.control.close();
  await rm(folder, { recursive: true, force: true });
});

async function signedIn(email: string): Promise<Client> {
  const one = client(plane.control.url);
  assert.equal((await one.signIn(email, password)).status, 200);
  return one;
}

async function rows(): Promise<readonly AuditRow[]> {
  return (await plane.stores.audit.before(Number.MAX_SAFE_INTEGER, 1000)).toReversed();
}

async function made(root: Client, order: Record<string, unknown>) {
  const said = await root.post("/v1/ops/tokens", order);
  assert.equal(said.status, 200, JSON.stringify(said.body));
  return madeToken.parse(said.body);
}

function report(applianceId: string, token: string): Promise<Said> {
  const bearer = { authorization: `Bearer ${token}` };
  return client(plane.control.url).post(
    `/v1/appliances/${applianceId}/report`,
    goodReport("http://127.0.1.11:8181", []),
    bearer,
  );
}

test("[CO125] a token is made by an admin, seen once, listed without itself, and opens nothing once revoked", async () => {
  const root = await signedIn(admin);
  for (const email of ["op@example.org", "ada@example.org"]) {
    const other = await signedIn(email);
    assert.equal((await other.post("/v1/ops/tokens", { kind: "worker", name: "x" })).code, "not-admin");
    assert.equal((await other.get("/v1/ops/tokens")).code, "not-admin");
  }
  const worker = await made(root, { kind: "worker", name: "encoder 1", days: 1 });
  assert.match(worker.token, /^mr_worker_[0-9a-f]{56}$/);
  const list = await root.get("/v1/ops/tokens");
  const [listed] = tokenList.parse(list.body).tokens;
  assert.deepEqual([listed?.id, listed?.name, listed?.lastUsedAtMs], [worker.id, "encoder 1", undefined]);
  for (const secret of [worker.token, digest(worker.token)]) {
    assert.doesNotMatch(JSON.stringify([list.body, await rows()]), new RegExp(secret));
  }
  assert.equal((await root.post(`/v1/ops/tokens/${worker.id}/revoke`, {})).status, 204);
  assert.equal((await root.post(`/v1/ops/tokens/${worker.id}/revoke`, {})).code, "unknown-token");
  assert.deepEqual(tokenList.parse((await root.get("/v1/ops/tokens")).body).tokens, []);
  const wrong: readonly Record<string, unknown>[] = [
    { kind: "appliance", name: "no appliance" },
    { kind: "admin", name: "x" },
    { kind: "worker", name: " " },
    { kind: "worker", name: "x", days: -1 },
  ];
  for (const body of wrong) assert.equal((await root.post("/v1/ops/tokens", body)).code, "bad-request");
  const nowhere = { kind: "appliance", name: "x", applianceId: "zz" };
  assert.equal((await root.post("/v1/ops/tokens", nowhere)).code, "unknown-appliance");
  const four = await Promise.all([1, 2, 3, 4].map((n) => made(root, { kind: "worker", name: `${n}` })));
  assert.equal((await root.post("/v1/ops/tokens", { kind: "worker", name: "5" })).code, "too-many-tokens");
  for (const { id } of four) await root.post(`/v1/ops/tokens/${id}/revoke`, {});
});

test("[CO126] an appliance's token opens for its own appliance alone; the installation's for each of them", async () => {
  const root = await signedIn(admin);
  const a1 = await made(root, { kind: "appliance", name: "box", applianceId: "a1" });
  const worker = await made(root, { kind: "worker", name: "encoder" });
  assert.equal((await report("a1", a1.token)).status, 200);
  assert.equal((await report("a1", installationToken)).status, 200);
  assert.equal((await report("x1", installationToken)).status, 200);
  const unknown = await report("a2", "mr_appliance_nobody");
  for (const [id, token] of [
    ["a2", a1.token],
    ["a1", worker.token],
    ["zz", a1.token],
    ["a1", `${a1.token}0`],
    ["a1", a1.token.slice(0, -1)],
    ["a1", ""],
  ] as const) {
    const said = await report(id, token);
    assert.deepEqual([said.status, said.body], [401, unknown.body], "all alike");
  }
  assert.equal((await root.post(`/v1/ops/tokens/${a1.id}/revoke`, {})).status, 204);
  assert.equal((await report("a1", a1.token)).code, "wrong-token");
  await root.post(`/v1/ops/tokens/${worker.id}/revoke`, {});
});

test("[CO128] what operators and admins do is told before and after, with who, what, where from, and how it went", async () => {
  const op = await signedIn("op@example.org");
  const from = (await rows()).length;
  await op.post("/v1/ops/appliances/a1/drain", {});
  await op.post("/v1/ops/appliances/zz/drain", {});
  await op.post("/v1/ops/appliances/a1/undrain", {});
  const told = (await rows()).slice(from);
  const path = "/v1/ops/appliances/:id";
  assert.deepEqual(
    told.map(({ action, object, outcome }) => `${action} ${object} ${outcome}`),
    [
      `POST ${path}/drain id=a1 begun`,
      `POST ${path}/drain id=a1 done`,
      `POST ${path}/drain id=zz begun`,
      `POST ${path}/drain id=zz refused: unknown-appliance`,
      `POST ${path}/undrain id=a1 begun`,
      `POST ${path}/undrain id=a1 done`,
    ],
  );
  const account = await plane.stores.accounts.byEmail("op@example.org");
  for (const row of told) {
    assert.deepEqual([row.actor, row.address], [`account:${account?.id}`, "127.0.0.1"]);
    assert.ok(row.requestId !== "");
  }
});

test("[CO128] while the audit log cannot be written no action of an operator or admin succeeds, whichever it is", async () => {
  const root = await signedIn(admin);
  const document = Object((await root.get("/v1/openapi.json")).body);
  const actions = Object.entries<Record<string, { security?: unknown }>>(document.paths).flatMap(
    ([path, operations]) =>
      ["post", "put", "patch", "delete"].flatMap((method) =>
        /operator|admin/.test(JSON.stringify(operations[method]?.security ?? "")) ? [{ path, method }] : [],
      ),
  );
  assert.ok(actions.length >= 10, `only ${actions.length} actions found`);
  const { audit, tokens } = plane.stores;
  const [append, add, revoke] = [audit.append, tokens.add, tokens.revoke];
  const away = (): Promise<never> => Promise.reject(new Error("the disk is full"));
  Object.assign(audit, { append: away });
  Object.assign(tokens, { add: away, revoke: away });
  const worker = { kind: "worker", name: "x" };
  let refused = 0;
  for (const { path, method } of actions) {
    const url = path.replaceAll(/\{\w+\}/g, "a1");
    const init = {
      method: method.toUpperCase(),
      headers: { cookie: root.cookie(), "content-type": "application/json" },
    };
    const said = await fetch(`${plane.control.url}${url}`, { ...init, body: JSON.stringify(worker) });
    const body = await said.text();
    assert.ok([400, 415, 503].includes(said.status), `${method} ${path}: ${said.status}`);
    if (said.status === 503) assert.match(body, /audit-away/);
    if (said.status === 503) refused += 1;
  }
  assert.ok(refused >= 8, `only ${refused} actions came as far as the log`);
  const fresh = client(plane.control.url);
  assert.equal((await fresh.signIn("ada@example.org", password)).status, 200, "viewers are not kept out");
  assert.equal((await report("a1", installationToken)).status, 200);
  Object.assign(audit, { append });
  Object.assign(tokens, { add, revoke });
  assert.equal((await root.post("/v1/ops/appliances/a1/undrain", {})).status, 204);
});

test("[CO129] sign-ins and sign-outs are told, right, wrong and locked, without email, password or a second line", async () => {
  const from = (await rows()).length;
  const eve = client(plane.control.url);
  const email = "eve\n2026-01-01 admin done\u202E@example.org";
  await plane.account("grace@example.org", "viewer");
  for (let n = 0; n < 4; n++) await eve.signIn(email, "hunter2 hunter2");
  await eve.signIn("grace@example.org", password);
  await eve.post("/v1/sign-out", {});
  await eve.post("/v1/sign-out", {});
  const told = (await rows()).slice(from);
  const said = told.map(({ action, outcome }) => `${action} ${outcome}`);
  assert.deepEqual(said, [
    ...["sign-in wrong", "sign-in wrong", "sign-in wrong", "sign-in locked"],
    ...["sign-in signed-in", "sign-out done"],
  ]);
  assert.equal(new Set(told.slice(0, 4).map((row) => row.object)).size, 1, "one who is guessed at is seen");
  assert.doesNotMatch(JSON.stringify(told), /hunter2|eve|grace|\\n|\u202E/);
  assert.match(told.at(-1)?.actor ?? "", /^account:/);
});

test("[CO130] the log is for admins, page by page from either end", async () => {
  const root = await signedIn(admin);
  for (const email of ["op@example.org", "ada@example.org"]) {
    assert.equal((await (await signedIn(email)).get("/v1/ops/audit")).code, "not-admin");
  }
  const page = async (query: string) => auditPage.parse((await root.get(`/v1/ops/audit?${query}`)).body);
  const newest = await page("limit=2");
  assert.deepEqual(
    newest.rows.map((row) => row.seq),
    [newest.head.seq, newest.head.seq - 1],
  );
  assert.equal((await page(`limit=1&before=${newest.head.seq}`)).rows[0]?.seq, newest.head.seq - 1);
  assert.deepEqual(
    (await page("from=1&limit=3")).rows.map((row) => row.seq),
    [1, 2, 3],
  );
  for (const query of ["limit=0", "limit=1001", "before=x", "from=-1"]) {
    assert.equal((await root.get(`/v1/ops/audit?${query}`)).code, "bad-request");
  }
});

const run = (
  words: readonly string[],
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> =>
  new Promise((done) => {
    const env = { PATH: process.env.PATH, MILLRACE_HOME: folder, MILLRACE_PASSWORD: password };
    execFile(process.execPath, ["src/bin/millrace.ts", ...words], { env }, (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    );
  });

test("[CO131] millrace control token makes, lists and revokes through the running control plane", async () => {
  const who = ["--url", plane.control.url, "--as", admin];
  const order = ["make", ...who, "--kind", "appliance", "--appliance", "a1", "--name", "box"];
  const one = await run(["control", "token", ...order]);
  assert.equal(one.code, 0, one.err);
  const token = one.out.trim();
  assert.equal((await report("a1", token)).status, 200);
  const id = /^token (\S+)/.exec(one.err)?.[1] ?? "";
  const list = await run(["control", "token", "list", ...who, "--json"]);
  const [listed] = JSON.parse(list.out);
  assert.deepEqual([listed.id, listed.applianceId], [id, "a1"]);
  assert.ok(!list.out.includes(token));
  assert.equal((await run(["control", "token", "revoke", ...who, id])).code, 0);
  assert.equal((await report("a1", token)).code, "wrong-token");
});

test("[BI11] millrace keys import has a key file kept for a title by an admin, and prints no key", async () => {
  const keys = freshKeys();
  const file = join(folder, "keys.json");
  await writeFile(file, JSON.stringify({ keys }), { mode: 0o600 });
  const from = (path: string, as: string): ReturnType<typeof run> =>
    run(["keys", "import", path, "--title", "film-1", "--url", plane.control.url, "--as", as]);
  const refused = await from(file, "op@example.org");
  assert.deepEqual([refused.code, await plane.control.keysToPack("film-1")], [1, []]);
  const taken = await from(file, admin);
  assert.equal(taken.code, 0, taken.err);
  for (const { label, kid } of keys) assert.match(taken.out, new RegExp(`${label} +${kid}`));
  const kept = await plane.control.keysToPack("film-1");
  assert.deepEqual(kept.toSorted(byKid), keys.toSorted(byKid));
  assert.equal((await from(file, admin)).code, 0, "the same again changes nothing");
  const other = join(folder, "other.json");
  await writeFile(other, JSON.stringify({ keys: keys.map((one) => ({ ...one, key: one.kid })) }), {
    mode: 0o600,
  });
  const changed = await from(other, admin);
  await chmod(file, 0o644);
  const open = await from(file, admin);
  assert.deepEqual([changed.code, open.code], [1, 1]);
  assert.match(open.err, /pack-keys-unfit/);
  assert.deepEqual((await plane.control.keysToPack("film-1")).toSorted(byKid), keys.toSorted(byKid));
  for (const said of [refused, taken, changed, open])
    assert.ok(!holdsKey(Buffer.from(said.out + said.err), keys));
});

const byKid = (one: { readonly kid: string }, other: { readonly kid: string }): number =>
  one.kid < other.kid ? -1 : 1;

test("[CO132] anchors are kept in a file; verifying names the first row that was altered, over the API too", async () => {
  const whole = await verifyAudit({ reader: plane.stores.audit, anchors: [], digest });
  assert.equal(whole.kind, "whole");
  const { from } = plane.stores.audit;
  const forge: typeof from = async (seq, limit) =>
    (await from(seq, limit)).map((row) => (row.seq === 3 ? { ...row, outcome: "done" } : row));
  Object.assign(plane.stores.audit, { from: forge });
  const bad = await run(["audit", "verify", "--url", plane.control.url, "--as", admin, "--json"]);
  Object.assign(plane.stores.audit, { from });
  const because = "what it says is not what was hashed";
  assert.deepEqual([bad.code, JSON.parse(bad.out)], [1, { kind: "broken", seq: 3, because }]);
  await plane.control.close();
  const lines = (await readFile(join(folder, "anchors"), "utf8")).trimEnd().split("\n");
  const last = JSON.parse(lines.at(-1) ?? "");
  const head = await plane.stores.audit.head();
  assert.deepEqual(
    [last.seq, last.hash],
    [head.seq, head.hash],
    "the last word of a control plane that closes",
  );
  const told = await verifyAudit({
    reader: plane.stores.audit,
    anchors: [{ seq: 2, hash: last.hash }],
    digest,
  });
  assert.deepEqual(told.kind === "broken" && told.seq, 2);
});
