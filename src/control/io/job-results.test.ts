// What jobs come to, over HTTP and against stores in memory: results, what follows from them, and the title in the end.
import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fullReport } from "#test/fixtures/encode-report.ts";
import { fileOf, type Heard, jobPlane, leaseOf, sha, trialWork } from "#test/fixtures/job-plane.ts";
import { bitsPerSecond, bytes } from "#units/quantity.ts";
import type { TakenJob } from "#wire/jobs.ts";

const { ask, cancelAll, done, hand, home, order, stores, take, taken } = jobPlane();

test("[CO235] a job is done when everything that its manifest lists is there, and is what this job makes", async () => {
  const runId = await order("m1", "co235");
  const survey = await taken();
  const said = (job: TakenJob, manifest: string): Promise<Heard> =>
    ask("POST", `/v1/jobs/${job.id}/done`, "one", { generation: job.generation, manifest });
  assert.equal((await said(survey, sha("never handed in"))).code, "manifest-unfit-result");
  const missing = JSON.stringify({
    files: [fileOf("references/r.mp4", "lost")],
    outcome: { kind: "lacking", work: trialWork },
  });
  await hand(survey, Buffer.from(missing));
  assert.match((await said(survey, sha(missing))).text, /a file that it lists was not handed in/);
  await hand(survey, Buffer.from("{}"));
  assert.match((await said(survey, sha("{}"))).text, /its manifest at files/);
  const climbing = { files: [{ ...fileOf("x", "film"), name: "../../x" }], outcome: { kind: "made" } };
  await hand(survey, Buffer.from(JSON.stringify(climbing)));
  assert.equal((await said(survey, sha(JSON.stringify(climbing)))).code, "manifest-unfit-result");
  assert.match((await done(survey, {}, { kind: "made" })).text, /does not end as made/);
  const reference = { "references/r.mp4": "the reference", "changes/c.facts": "facts" };
  const first = await done(survey, reference, { kind: "lacking", work: trialWork });
  assert.deepEqual(first.body, { outcome: "done" }, first.text);
  const result = (await stores.jobs.job(survey.id))?.result ?? "";
  assert.deepEqual(
    (await said(survey, result)).body,
    { outcome: "same" },
    "its answer was lost: it asks again",
  );
  assert.equal((await said(survey, sha("{}"))).status, 422);

  const trial = await taken();
  assert.deepEqual(
    trial.inputs.map(({ name }) => name),
    ["references/r.mp4"],
    "and no more than it needs",
  );
  const read = (key: string): Promise<Heard> => ask("GET", `/v1/results/${key}?${leaseOf(trial)}`, "one");
  assert.equal((await read(sha("the reference"))).text, "the reference");
  assert.equal((await read(sha("facts"))).code, "unknown-result", "what it does not need it does not get");
  assert.match(
    (await done(trial, { "references/r.mp4": "mine" }, { kind: "made" })).text,
    /nothing that this job makes/,
  );
  assert.equal((await done(trial, { "trials/a.json": "1" }, { kind: "made" })).status, 200);
  const other = await taken();
  assert.equal(await take(), null, "choose waits for both");
  assert.equal((await done(other, { "trials/b.json": "2" }, { kind: "made" })).status, 200);
  const choose = await taken();
  assert.deepEqual(
    [choose.kind, choose.inputs.map(({ name }) => name).sort()],
    ["choose", ["changes/c.facts", "references/r.mp4", "trials/a.json", "trials/b.json"]],
  );
  assert.equal((await stores.jobs.job(`${runId}.1.1`))?.state, "done");
  await cancelAll();
});

test("[CO236] what has been made with the same builds is not made again; what of it rotted away is", async () => {
  await order("m1", "co236");
  // Master, wish and builds of [CO235]: survey and trials are there.
  const job = await taken();
  assert.deepEqual([job.kind, job.spec.step], ["choose", 1]);
  const found = stores.jobs.log.filter(({ jobId, what }) => jobId.startsWith(job.runId) && what === "found");
  assert.equal(found.length, 3, "survey and two trials were found");
  await cancelAll();
  await order("m1", "co236-other-builds");
  assert.equal(
    (await taken("one", { tools: "fedcba9876543210" })).kind,
    "survey",
    "other builds, other results",
  );
  await cancelAll();
  await rm(join(home, "results", sha("1").slice(0, 2), sha("1")));
  await order("m1", "co236-rotten");
  const rotten = await taken();
  assert.equal(rotten.kind, "trials");
  assert.equal((await done(rotten, { "trials/a.json": "1" }, { kind: "made" })).status, 200);
  await cancelAll();
});

const heard = {
  voices: [{ language: "en", name: "English" }],
  subtitles: [{ language: "de", name: "Deutsch", isForced: false }],
};

/** `wallSeconds` tell one making of a title from another. */
async function packaged(titleId: string, packedAs = titleId, wallSeconds = 1): Promise<string> {
  const runId = await order("m2", titleId, { effort: "draft" });
  const job = await taken();
  const segment = { path: "v180/0.m4s", bytes: 7, sha256: sha("segment") };
  const rendition = {
    ...{ id: "v180", kind: "video" as const, codecs: "avc1", width: 320, height: 180 },
    ...{ bitrate: 1000, peak: 2000, bytes: 7, files: [segment] },
  };
  const names = { hls: "m.m3u8", dash: "m.mpd", storyboard: "s.vtt", poster: "p.jpg", sidecar: "s.json" };
  const packed = { titleId: packedAs, duration: 1, renditions: [rendition], ...names, ...heard };
  const report = { ...fullReport(), wallSeconds };
  const outcome = { kind: "packaged" as const, package: packed, report };
  const said = await done(job, { "package/v180/0.m4s": "segment" }, outcome);
  assert.equal(said.status, 200, said.text);
  return runId;
}

async function settled(runId: string): Promise<string> {
  for (;;) {
    const job = stores.jobs.all().find((one) => one.runId === runId && one.kind === "publish");
    if (job?.state === "done" || job?.state === "dead") return `${job.state} ${job.reason ?? ""}`;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("[CO237] a package is put into the origin store whole and the title is published; one that is another's is not", async () => {
  assert.equal(await settled(await packaged("co237")), "done ");
  assert.equal(await readFile(join(home, "origin/v/co237/v180/0.m4s"), "utf8"), "segment");
  const title = await stores.catalog.title("co237");
  assert.equal(title?.name, "Film");
  const { voices, subtitles } = title?.package ?? {};
  assert.deepEqual({ voices, subtitles }, heard, "what can be heard and read is told with it");
  assert.match(
    await settled(await packaged("co237-b", "somebody-else")),
    /^dead .*it is of title somebody-else/,
  );
  assert.equal(await stores.catalog.title("co237-b"), undefined);
});

test("[CO497] a film that is made again keeps the subtitles that were changed since, while its media are the same and all there", async () => {
  await settled(await packaged("co497"));
  const first = await stores.catalog.title("co497");
  assert.ok(first !== undefined);
  const file = { path: "late.vtt", bytes: bytes(4), sha256: sha("late") };
  const rates = { bitrate: bitsPerSecond(0), peak: bitsPerSecond(0) };
  const index = { id: "index-0123abcd", kind: "index" as const, codecs: "", width: 0, height: 0, ...rates };
  const renditions = [...first.package.renditions, { ...index, bytes: bytes(4), files: [file] }];
  const revised = { ...first.package, renditions, revisedAtMs: 5 };
  await writeFile(join(home, "origin/v/co497/late.vtt"), "late");
  assert.ok(await stores.catalog.revise("co497", first.package, revised));
  assert.equal(await settled(await packaged("co497", "co497", 2)), "done ");
  assert.deepEqual((await stores.catalog.title("co497"))?.package, revised);
  assert.equal(await readFile(join(home, "origin/v/co497/late.vtt"), "utf8"), "late");
  await rm(join(home, "origin/v/co497/late.vtt"));
  assert.equal(await settled(await packaged("co497", "co497", 3)), "done ");
  assert.deepEqual(
    (await stores.catalog.title("co497"))?.package,
    first.package,
    "what is not whole is mended",
  );
});
