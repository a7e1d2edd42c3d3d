// Encode jobs over HTTP, against stores in memory: what workers, operators and strangers get to hear.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { asking, film, type Heard, jobPlane, leaseOf, sha, workerText } from "#test/fixtures/job-plane.ts";
import { errorBody } from "#wire/viewer.ts";

const { ask, cancelAll, hand, home, order, start, take, taken } = jobPlane();

test("[CO230] only a worker's token takes jobs, and only jobs that this worker can do", async () => {
  await order("m1", "co230", { codecs: ["h264", "av1"], metric: "vmaf" });
  for (const as of ["nobody", "viewer", "operator"]) {
    assert.equal((await ask("POST", "/v1/jobs/take", as, asking)).code, "wrong-worker-token", as);
  }
  assert.equal(await take(), null);
  assert.equal(await take("one", { codecs: ["h264", "av1"] }), null, "it cannot measure VMAF");
  const job = await taken("one", { codecs: ["av1", "h264", "vp9"], vmaf: true });
  assert.deepEqual([job.kind, job.title, job.master.id, job.inputs], ["survey", "Film", "m1", []]);
  assert.equal(job.spec.kind === "encode" && job.spec.wish.settings.MILLRACE_SEGMENT_SECONDS, "4");
  await cancelAll();
});

test("[CO231] who waits for a job is answered when one comes up, and a control plane that ends keeps nobody waiting", async () => {
  const waiting = take("one", { waitSeconds: 20 });
  await order("m1", "co231");
  const job = await waiting;
  assert.equal(job?.kind, "survey");
  await cancelAll();
  const other = await start();
  const late = fetch(`${other.url}/v1/jobs/take`, {
    method: "POST",
    headers: { authorization: "Bearer one", "content-type": "application/json" },
    body: JSON.stringify({ ...asking, waitSeconds: 20 }),
  });
  // Whether it came in before the end or not: it does not hang.
  await Promise.all([other.close(), late.catch(() => undefined)]);
});

test("[CO232] another worker's job is answered like one that does not exist, whatever is asked of it", async () => {
  await order("m2", "co232");
  const job = await taken("one");
  const { id, generation } = job;
  const body = { generation, share: 0, manifest: sha("x"), again: "later", reason: "x" };
  const [own, no] = [id, "no-such-job"];
  for (const [name, status] of [
    ["beat", 409],
    ["done", 422],
    ["failed", 409],
  ] as const) {
    const strange = await ask("POST", `/v1/jobs/${own}/${name}`, "two", body);
    const nothing = await ask("POST", `/v1/jobs/${no}/${name}`, "two", body);
    assert.deepEqual([strange.status, strange.code], [status, nothing.code], name);
    assert.equal(strange.text.replaceAll(own, no), nothing.text, name);
  }
  for (const path of [`/v1/masters/m2/content?`, `/v1/results/${sha("x")}?`]) {
    const strange = await ask("GET", `${path}job=${own}&generation=${generation}`, "two");
    const nothing = await ask("GET", `${path}job=${no}&generation=${generation}`, "two");
    assert.deepEqual([strange.status, nothing.status, strange.code], [404, 404, "unknown-job"]);
  }
  assert.equal((await hand(job, Buffer.from("x"), "two")).code, "unknown-job");
  assert.equal((await hand({ ...job, generation: generation + 1 }, Buffer.from("x"))).code, "unknown-job");
  assert.equal((await ask("POST", `/v1/jobs/${id}/beat`, "one", { generation, share: 0.5 })).status, 200);
  await cancelAll();
  assert.equal(
    (await ask("POST", `/v1/jobs/${id}/beat`, "one", { generation, share: 0.5 })).code,
    "lease-lost",
  );
});

test("[CO233] a worker reads the master of its job, from any byte on, and no other master", async () => {
  await order("m3", "co233");
  const job = await taken();
  const path = `/v1/masters/m3/content?${leaseOf(job)}`;
  assert.equal((await ask("GET", path, "one")).text, film.toString());
  const rest = await ask("GET", path, "one", undefined, { range: "bytes=7-" });
  assert.deepEqual([rest.status, rest.text], [206, film.subarray(7).toString()]);
  const past = await ask("GET", path, "one", undefined, { range: `bytes=${film.length}-` });
  assert.deepEqual([past.status, past.text], [200, film.toString()], "a range that is none gets the whole");
  assert.equal((await ask("GET", `/v1/masters/m1/content?${leaseOf(job)}`, "one")).code, "unknown-master");
  await cancelAll();
});

test("[CO234] a result comes in chunks, goes on where it ended, and has the sha256 it is called by", async () => {
  await order("m1", "co234");
  const job = await taken();
  const data = Buffer.from("first half, second half");
  const put = (key: string, offset: number, chunk: Uint8Array, total = data.length): Promise<Heard> =>
    ask("PUT", `/v1/results/${key}?${leaseOf(job)}&offset=${offset}&total=${total}`, "one", chunk);
  const key = sha(data);
  assert.deepEqual((await put(key, 0, data.subarray(0, 11))).body, { bytes: 11 });
  assert.equal((await put(key, 5, data.subarray(5))).code, "result-offset");
  assert.deepEqual((await put(key, 11, data.subarray(11))).body, { bytes: data.length });
  assert.deepEqual(await readFile(join(home, "results", key.slice(0, 2), key)), data);
  assert.deepEqual((await put(key, 0, data)).body, { bytes: data.length }, "what is there is there");
  const wrong = await put(sha("other"), 0, data);
  assert.equal(wrong.code, "result-mismatch");
  assert.equal(
    (await put(sha("other"), 5, data.subarray(5))).code,
    "result-offset",
    "and nothing of it stays",
  );
  assert.equal((await put(sha("large"), 0, data, 2 ** 21)).code, "result-too-large");
  await cancelAll();
});

test("[CO238] operators see jobs and may retry, cancel, pause and put first; nobody else may", async () => {
  const runId = await order("m1", "co238", { heights: [180] });
  const paths = [
    ["GET", "/v1/ops/jobs"],
    ["GET", "/v1/ops/jobs/lanes"],
    ["GET", "/v1/ops/encodes"],
    ["POST", "/v1/ops/jobs"],
    ["GET", `/v1/ops/jobs/${runId}.0.0/events`],
    ["POST", `/v1/ops/jobs/${runId}.0.0/retry`],
    ...["cancel", "pause", "resume", "priority"].map((wish) => ["POST", `/v1/ops/encodes/${runId}/${wish}`]),
  ] as const;
  for (const [method = "", path = ""] of paths) {
    const body = method === "GET" ? undefined : { priority: 1, masterId: "m1", name: "x" };
    assert.equal((await ask(method, path, "viewer", body)).code, "not-operator", path);
    assert.equal((await ask(method, path, "one", body)).code, "signed-out", path);
  }
  const wish = (name: string, body = {}): Promise<Heard> =>
    ask("POST", `/v1/ops/encodes/${runId}/${name}`, "operator", body);
  assert.equal((await wish("pause")).status, 204);
  assert.equal(await take(), null);
  assert.equal((await wish("resume")).status, 204);
  assert.equal((await wish("priority", { priority: 9 })).status, 204);
  const retry = (): Promise<Heard> => ask("POST", `/v1/ops/jobs/${runId}.0.0/retry`, "operator", {});
  assert.equal((await retry()).code, "job-not-dead");
  const { id, generation } = await taken();
  const ending = { generation, again: "never", reason: "it is no film" };
  assert.deepEqual((await ask("POST", `/v1/jobs/${id}/failed`, "one", ending)).body, { outcome: "dead" });
  const [row] = Object((await ask("GET", "/v1/ops/jobs?title=co238&state=dead", "operator")).body).jobs;
  assert.deepEqual(
    [row.id, row.priority, row.attempt, row.reason, row.worker, row.etaSeconds],
    [id, 9, 1, "it is no film", null, null],
  );
  assert.equal((await retry()).status, 204);
  assert.equal((await taken()).id, id);
  const { events } = Object((await ask("GET", `/v1/ops/jobs/${id}/events`, "operator")).body);
  assert.deepEqual(
    events.map(({ what }: { what: string }) => what),
    ["taken", "dead", "retried", "taken"],
  );
  assert.equal((await wish("cancel")).status, 204);
  assert.equal((await ask("POST", "/v1/ops/encodes/none/cancel", "operator", {})).code, "unknown-run");
});

test("[CO239] what is under way is not begun twice; a film that nobody has is refused by name", async () => {
  const body = { masterId: "m1", name: "Ein Film: Teil 2" };
  const first = Object((await ask("POST", "/v1/ops/jobs", "operator", body)).body);
  assert.match(first.titleId, /^ein-film-teil-2-[0-9a-f]{8}$/);
  assert.equal(first.fresh, true);
  assert.deepEqual((await ask("POST", "/v1/ops/jobs", "operator", body)).body, { ...first, fresh: false });
  const other = Object((await ask("POST", "/v1/ops/jobs", "operator", { ...body, effort: "draft" })).body);
  assert.notEqual(other.titleId, first.titleId, "another way to encode it, another title");
  await cancelAll();
  const again = Object((await ask("POST", "/v1/ops/jobs", "operator", body)).body);
  assert.deepEqual([again.titleId, again.fresh], [first.titleId, true]);
  assert.notEqual(again.runId, first.runId);
  assert.equal(
    (await ask("POST", "/v1/ops/jobs", "operator", { ...body, masterId: "mX" })).code,
    "unknown-master",
  );
  await cancelAll();
});

test("[CO240] a control plane without a folder for results gives out no jobs and says so", async () => {
  const bare = await start({ jobs: undefined });
  const headers = { authorization: `Bearer ${workerText("one")}`, "content-type": "application/json" };
  const body = JSON.stringify(asking);
  const answer = await fetch(`${bare.url}/v1/jobs/take`, { method: "POST", headers, body });
  assert.deepEqual([answer.status, errorBody.parse(await answer.json()).error.code], [503, "jobs-off"]);
  await bare.close();
});
