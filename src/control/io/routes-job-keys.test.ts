// Titles that are ordered encrypted: their keys are kept before there is a job, and go to whoever packages and to nobody else.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fullReport } from "#test/fixtures/encode-report.ts";
import { type Heard, jobPlane, sha, trialWork } from "#test/fixtures/job-plane.ts";
import { formsOf } from "#test/journeys/protect-rig.ts";
import { packingKeys } from "#wire/content-keys.ts";
import type { JobManifestText } from "#wire/job-spec.ts";
import type { TakenJob } from "#wire/jobs.ts";

const { ask, cancelAll, done, home, order, stores, take, taken } = jobPlane();

const able = { encrypts: true };

function keysFor({ id, generation }: Pick<TakenJob, "id" | "generation">, as = "one"): Promise<Heard> {
  return ask("POST", `/v1/jobs/${id}/keys`, as, { generation });
}

function namesIn(job: TakenJob): readonly string[] {
  const names = job.spec.kind === "encode" ? (job.spec.encryptWith ?? []) : [];
  return names.map(({ label, kid }) => `${label} ${kid}`).sort();
}

async function kept(titleId: string): Promise<readonly string[]> {
  return (await stores.contentKeys.ofTitle(titleId)).map(({ label, kid }) => `${label} ${kid}`).sort();
}

test("[CO311] an encrypted title's keys are kept before there is a job, and its jobs go to workers that can encrypt", async () => {
  await order("m1", "co311", { encrypt: true });
  const names = await kept("co311");
  assert.equal(names.length, 4);
  assert.equal(await take("one"), null, "this worker cannot");
  const job = await taken("one", able);
  assert.deepEqual(namesIn(job), names);
  await cancelAll();
  await order("m1", "co311", { encrypt: true });
  assert.deepEqual(await kept("co311"), names, "a title that has keys keeps them");
  await cancelAll();
  await order("m1", "co311-clear");
  const clear = await taken("one", able);
  assert.deepEqual([namesIn(clear), await kept("co311-clear")], [[], []]);
  await cancelAll();
});

test("[CO380] keys that do not make a whole ring are none: new ones are kept, and every job can be taken", async () => {
  const kid = "1f".repeat(16);
  const half = { titleId: "co380", label: "SD", kid, createdAtMs: 1, kekId: "e1" } as const;
  await stores.contentKeys.add([{ ...half, nonce: "half", sealed: "half" }]);
  await Promise.all([1, 2].map(() => order("m1", "co380", { encrypt: true })));
  const names = namesIn(await taken("one", able));
  assert.deepEqual(
    names.map((name) => name.split(" ")[0]),
    ["AUDIO", "HD", "SD", "UHD1"],
  );
  assert.ok(!names.some((name) => name.includes(kid)));
  await cancelAll();
});

test("[CO312] the holder of the job's lease is given the keys, and nobody else ever", async () => {
  await order("m1", "co312", { encrypt: true });
  const job = await taken("one", able);
  const heard = await keysFor(job);
  assert.equal(heard.status, 200, heard.text);
  const { keys } = packingKeys.parse(heard.body);
  assert.deepEqual(keys.map(({ label, kid }) => `${label} ${kid}`).sort(), namesIn(job));
  assert.equal(new Set(keys.map(({ key }) => key)).size, 4);
  assert.deepEqual((await keysFor(job)).body, heard.body, "its answer was lost: it asks again");
  assert.equal((await keysFor(job, "two")).code, "unknown-job", "another worker");
  assert.equal((await keysFor({ ...job, generation: job.generation + 1 })).code, "unknown-job");
  for (const as of ["operator", "viewer", "nobody"])
    assert.ok([401, 403].includes((await keysFor(job, as)).status), as);
  const texts = [JSON.stringify(job), JSON.stringify(stores.jobs.all())];
  const files = await readdir(join(home, "results"), { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  for (const file of files)
    if (file.isFile()) texts.push(await readFile(join(file.parentPath, file.name), "latin1"));
  for (const text of texts)
    for (const key of keys) assert.ok(!formsOf(key).some((form) => text.includes(form.toString("latin1"))));
  await cancelAll();
  assert.equal((await keysFor(job)).code, "unknown-job", "cancelled");
  await order("m1", "co312-clear");
  assert.equal((await keysFor(await taken("one", able))).code, "job-keys-none");
  await cancelAll();
});

test("[CO312] a key that is not kept any more is told as such", async () => {
  await order("m1", "co312-gone", { encrypt: true });
  const job = await taken("one", able);
  for (const key of [...stores.contentKeys.rows.keys()])
    if (key.startsWith("co312-gone ")) stores.contentKeys.rows.delete(key);
  assert.equal((await keysFor(job)).code, "job-keys-gone");
  await cancelAll();
});

type Package = Extract<JobManifestText["outcome"], { kind: "packaged" }>["package"];

function packaged(titleId: string, protection: Package["protection"]): JobManifestText["outcome"] {
  const rendition = {
    ...{ id: "v180", kind: "video" as const, codecs: "avc1", width: 320, height: 180 },
    ...{ bitrate: 1000, peak: 2000, bytes: 7 },
    files: [{ path: "v180/0.m4s", bytes: 7, sha256: sha("segment") }],
  };
  const names = { hls: "m.m3u8", dash: "m.mpd", storyboard: "s.vtt", poster: "p.jpg", sidecar: "s.json" };
  const facts = {
    titleId,
    duration: 1,
    renditions: [rendition],
    ...names,
    ...(protection && { protection }),
  };
  return { kind: "packaged", package: facts, report: fullReport() };
}

const files = { "package/v180/0.m4s": "segment" };

test("[CO313] a package that is clear, with other keys, or silent about a rendition is none of an encrypted title, nor the other way round", async () => {
  await order("m2", "co313", { encrypt: true, effort: "draft" });
  const job = await taken("one", able);
  const [own] = job.spec.kind === "encode" ? (job.spec.encryptWith ?? []) : [];
  assert.ok(own !== undefined);
  const scheme = "cbcs" as const;
  const cases: readonly (readonly [Package["protection"], RegExp])[] = [
    [undefined, /is clear, and was ordered encrypted/],
    [{ scheme, tracks: [] }, /does not say of each rendition/],
    [{ scheme, tracks: [{ ...own, rendition: "v360" }] }, /does not say of each rendition/],
    [
      { scheme, tracks: [{ ...own, rendition: "v180", kid: "ab".repeat(16) }] },
      /other keys than were ordered/,
    ],
  ];
  for (const [protection, words] of cases)
    assert.match((await done(job, files, packaged("co313", protection))).text, words);
  const said = packaged("co313", { scheme, tracks: [{ ...own, rendition: "v180" }] });
  assert.equal((await done(job, files, said)).status, 200);
  for (;;) {
    const publish = stores.jobs.all().find(({ runId, kind }) => runId === job.runId && kind === "publish");
    if (publish?.state === "dead") {
      assert.match(publish.reason ?? "", /v180\/0\.m4s/, "what it says is encrypted is looked at");
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(await stores.catalog.title("co313"), undefined);
  await order("m3", "co313-clear", { effort: "draft" });
  const clear = await taken("one", able);
  assert.match(
    (await done(clear, files, { ...said, ...packaged("co313-clear", { scheme, tracks: [] }) })).text,
    /was ordered clear/,
  );
  await cancelAll();
});

test("[CO314] the encrypted title is another one, and survey and trials of both are made once", async () => {
  const titleOf = async (more: object): Promise<string> => {
    const body = { masterId: "m1", name: "Two kinds", effort: "draft", ...more };
    return String(Object((await ask("POST", "/v1/ops/jobs", "operator", body)).body).titleId);
  };
  const clear = await titleOf({});
  const survey = await taken("one", able);
  const outcome = { kind: "lacking", work: trialWork } as const;
  assert.equal((await done(survey, { "references/r.mp4": "the reference" }, outcome)).status, 200);
  for (const name of ["a", "b"])
    assert.equal(
      (await done(await taken("one", able), { [`trials/${name}.json`]: name }, { kind: "made" })).status,
      200,
    );
  const encrypted = await titleOf({ encrypt: true });
  assert.notEqual(encrypted, clear);
  await titleOf({ encrypt: true });
  const runs = new Set(
    stores.jobs
      .all()
      .filter(({ state }) => state !== "cancelled")
      .map(({ runId }) => runId),
  );
  assert.ok(runs.size >= 2);
  const chosen = [await taken("one", able), await taken("one", able)];
  assert.deepEqual(
    chosen.map(({ kind }) => kind),
    ["choose", "choose"],
    "survey and trials of the clear title serve",
  );
  assert.deepEqual(chosen.map((job) => namesIn(job).length).sort(), [0, 4]);
  const mixed = await ask("POST", "/v1/ops/jobs", "operator", {
    masterId: "m1",
    name: "Film",
    titleId: clear,
    encrypt: true,
  });
  assert.deepEqual([mixed.status, mixed.code], [409, "title-under-way"]);
  await cancelAll();
});
