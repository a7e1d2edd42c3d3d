// From an order to publish a film to its title, over HTTP and stores in memory; a worker that hands in a package of one file.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { tokenText } from "#account/api-token.ts";
import { defaultsOf } from "#config/setting.ts";
import type { ControlOrder } from "#control/io/server.ts";
import { uuidOf } from "#licence/kid.ts";
import { jobSettings } from "#publish/job-settings.ts";
import { derivedKey, signals } from "#test/fixtures/cpix-answer.ts";
import { fullReport } from "#test/fixtures/encode-report.ts";
import { type Answer, openRig, type Rig, uploaded } from "#test/fixtures/film-rig.ts";
import { openKeyProvider } from "#test/fixtures/key-provider.ts";
import { type MemoryStores, memoryStores } from "#test/fixtures/memory-stores.ts";
import { packingKeys } from "#wire/content-keys.ts";
import { type TakenJob, takeAnswer } from "#wire/jobs.ts";

const json = { "content-type": "application/json" };
const sha = (data: string): string => createHash("sha256").update(data).digest("hex");
const bearer = { authorization: `Bearer ${tokenText("worker", sha("a worker"), sha)}` };

type Turn = readonly ["jobs" | "none", (rig: Rig) => Promise<void>, Partial<ControlOrder["settings"]>?];

/** Control planes one after the other over the same stores and home: `jobs` says which give out encode jobs. */
async function lives(...turns: readonly Turn[]) {
  const [home, stores] = [await mkdtemp(join(tmpdir(), "millrace-works-")), memoryStores()];
  const token = { id: "t", kind: "worker", name: "w", createdAtMs: 0, expiresAtMs: undefined } as const;
  await stores.tokens.add(token, sha(bearer.authorization.slice("Bearer ".length)));
  const jobs = {
    ...{ settings: { ...defaultsOf(jobSettings), attempts: 1 }, encodeSettings: {} },
    ...{ folder: join(home, "results"), originFolder: join(home, "origin") },
    mastersFolder: join(home, "masters"),
  };
  try {
    for (const [kind, live, settings = {}] of turns) {
      const rig = await openRig({}, { home, stores, settings, ...(kind === "jobs" && { jobs }) });
      await live(rig).finally(() => rig.close());
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function post(rig: Rig, path: string, body: unknown, worker = false): Promise<Answer> {
  const who = worker ? { headers: { ...json, ...bearer }, cookie: "" } : { headers: json };
  return rig.ask("POST", path, { ...who, body: JSON.stringify(body) });
}

async function ordered(rig: Rig, name: string, more: object = {}): Promise<string> {
  const { masterId } = await rig.json(await uploaded(rig, `a film called ${name}`));
  const answer = await post(rig, `/v1/masters/${masterId}/publish`, { name, ...more });
  assert.equal(answer.status, 202, answer.text);
  return String(masterId);
}

const runs = ({ jobs }: MemoryStores): readonly string[] => jobs.all().map(({ runId }) => runId);

/** Kept orders are taken up beside everything else. */
async function begun(rig: Rig, count: number): Promise<void> {
  while (runs(rig.stores).length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(runs(rig.stores).length, count);
}

const ask = { worker: "w", tools: "0123456789abcdef", codecs: ["h264"], vmaf: false, waitSeconds: 0 };

async function taken(rig: Rig): Promise<TakenJob> {
  const { job } = takeAnswer.parse(JSON.parse((await post(rig, "/v1/jobs/take", ask, true)).text));
  assert.ok(job !== null, "there is a job");
  return job;
}

async function handIn(rig: Rig, { id, generation }: TakenJob, body: string): Promise<void> {
  const place = `job=${id}&generation=${generation}&offset=0&total=${body.length}`;
  const headers = { ...bearer, "content-type": "application/octet-stream" };
  const answer = await rig.ask("PUT", `/v1/results/${sha(body)}?${place}`, { headers, body, cookie: "" });
  assert.equal(answer.status, 200, answer.text);
}

async function encoded(rig: Rig, job: TakenJob): Promise<void> {
  assert.equal(job.spec.kind, "encode");
  const segment = { path: "v180/0.m4s", bytes: 7, sha256: sha("segment") };
  const rendition = {
    ...{ id: "v180", kind: "video", codecs: "avc1", width: 320, height: 180 },
    ...{ bitrate: 1000, peak: 2000, bytes: 7, files: [segment] },
  };
  const names = { hls: "m.m3u8", dash: "m.mpd", storyboard: "s.vtt", poster: "p.jpg", sidecar: "s.json" };
  const titleId = job.spec.kind === "encode" ? job.spec.titleId : "";
  const packed = { titleId, duration: 1, renditions: [rendition], ...names };
  const files = [{ name: "package/v180/0.m4s", bytes: 7, sha256: segment.sha256, sealed: false }];
  const outcome = { kind: "packaged", package: packed, report: fullReport() };
  const manifest = JSON.stringify({ files, outcome });
  await handIn(rig, job, "segment");
  await handIn(rig, job, manifest);
  const body = { generation: job.generation, manifest: sha(manifest) };
  const done = await post(rig, `/v1/jobs/${job.id}/done`, body, true);
  assert.equal(done.status, 200, done.text);
}

/** Asked until the order is settled: each question lets the server work on. */
async function settled(rig: Rig, masterId: string): Promise<void> {
  while ((await rig.json(`/v1/masters/${masterId}`)).publication !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("[CO242] an order that nobody could carry out is kept, taken up by the next start, and settled by its title", async () => {
  let masterId = "";
  await lives(
    [
      "none",
      async (rig) => {
        masterId = await ordered(rig, "Kept");
        assert.deepEqual(runs(rig.stores), []);
      },
    ],
    ["jobs", (rig) => begun(rig, 1)],
    [
      "jobs",
      async (rig) => {
        assert.equal(runs(rig.stores).length, 1, "what is under way is not begun again");
        const path = `/v1/masters/${masterId}`;
        const admin = { headers: json, cookie: await rig.cookieOf("admin") };
        assert.equal((await rig.ask("DELETE", path, admin)).code, "master-ordered");
        const job = await taken(rig);
        assert.deepEqual([job.title, job.master.id], ["Kept", masterId]);
        await encoded(rig, job);
        await settled(rig, masterId);
        assert.deepEqual(
          (await rig.stores.catalog.titles()).map(({ name }) => name),
          ["Kept"],
        );
        assert.equal((await rig.ask("DELETE", path, admin)).status, 204);
      },
    ],
  );
});

test("[CO455] an order to publish may say how its jobs rank; a title asked for later goes first", async () => {
  await lives([
    "jobs",
    async (rig) => {
      await ordered(rig, "Plain");
      await ordered(rig, "Urgent", { priority: 9 });
      const [first] = [await taken(rig)];
      assert.equal(first.title, "Urgent");
      const wrong = await post(rig, `/v1/masters/${await ordered(rig, "Third")}/publish`, { priority: 10 });
      assert.equal(wrong.status, 400);
    },
  ]);
});

test("[CO242] what is dead or cancelled is not begun again by a start, and who cancels takes the order back", async () => {
  let [dead, cancelled] = ["", ""];
  await lives(
    [
      "jobs",
      async (rig) => {
        dead = await ordered(rig, "Dead");
        const { id, generation } = await taken(rig);
        const failed = { generation, again: "never", reason: "it is no film" };
        assert.equal((await post(rig, `/v1/jobs/${id}/failed`, failed, true)).status, 200);
        cancelled = await ordered(rig, "Cancelled");
        const run = rig.stores.jobs.all().find(({ state }) => state === "queued")?.runId;
        assert.equal((await post(rig, `/v1/ops/encodes/${run}/cancel`, {})).status, 204);
        assert.equal((await rig.json(`/v1/masters/${cancelled}`)).publication, undefined);
      },
    ],
    [
      "jobs",
      async (rig) => {
        const states = rig.stores.jobs.all().map(({ state }) => state);
        assert.deepEqual(states.toSorted(), ["cancelled", "dead"]);
        assert.notEqual((await rig.json(`/v1/masters/${dead}`)).publication, undefined);
        const again = await post(rig, `/v1/masters/${dead}/publish`, { name: "Dead" });
        assert.equal(again.status, 202, again.text);
        assert.equal((await taken(rig)).title, "Dead", "ordered again it is begun again");
      },
    ],
  );
});

test("[CO242] a title may be called whatever a sender may call it, and one order's end leaves a later one", async () => {
  const name = "🎬".repeat(120);
  await lives([
    "jobs",
    async (rig) => {
      const path = await uploaded(rig, "a film", { filename: "f.mov", name });
      const { masterId } = await rig.json(path);
      const order = await post(rig, `/v1/masters/${masterId}/publish`, {});
      assert.deepEqual(JSON.parse(order.text), {
        masterId,
        titleName: name,
        encrypt: false,
        state: "queued",
      });
      const first = await taken(rig);
      assert.equal(first.title, name);
      assert.equal((await post(rig, `/v1/masters/${masterId}/publish`, { name: "Later" })).status, 202);
      assert.equal((await post(rig, `/v1/ops/encodes/${first.runId}/cancel`, {})).status, 204);
      assert.match(JSON.stringify((await rig.json(`/v1/masters/${masterId}`)).publication), /Later/);
    },
  ]);
});

test("[CO315] an order to encrypt is kept as one, and the clear title of the same film does not settle it", async () => {
  let masterId = "";
  await lives(
    [
      "none",
      async (rig) => {
        masterId = await ordered(rig, "Two kinds", { encrypt: true });
        const { publication } = await rig.json(`/v1/masters/${masterId}`);
        assert.equal(Object(publication).encrypt, true);
      },
    ],
    [
      "jobs",
      async (rig) => {
        await begun(rig, 1);
        const clear = await post(rig, "/v1/ops/jobs", { masterId, name: "Two kinds" });
        assert.equal(clear.status, 200, clear.text);
        const job = await taken(rig);
        assert.ok(job.spec.kind === "encode" && job.spec.encryptWith === undefined);
        await encoded(rig, job);
        const { titleId } = job.spec;
        while ((await rig.stores.catalog.title(titleId)) === undefined)
          await new Promise((resolve) => setTimeout(resolve, 20));
        assert.notEqual((await rig.json(`/v1/masters/${masterId}`)).publication, undefined);
        const answer = await post(rig, "/v1/jobs/take", { ...ask, encrypts: true }, true);
        const spec = takeAnswer.parse(JSON.parse(answer.text)).job?.spec;
        assert.ok(spec?.kind === "encode" && spec.encryptWith?.length === 4);
        assert.equal((await rig.stores.contentKeys.ofTitle(spec.titleId)).length, 4);
      },
    ],
  );
});

test("[CO315] a cancelled run of the other kind leaves the order, and its own takes it back", () =>
  lives([
    "jobs",
    async (rig) => {
      const masterId = await ordered(rig, "Two kinds", { encrypt: true });
      const [own] = runs(rig.stores);
      const clear = await post(rig, "/v1/ops/jobs", { masterId, name: "Two kinds" });
      const cancel = (run: unknown) => post(rig, `/v1/ops/encodes/${run}/cancel`, {});
      assert.equal((await cancel(JSON.parse(clear.text).runId)).status, 204);
      assert.notEqual((await rig.json(`/v1/masters/${masterId}`)).publication, undefined);
      assert.equal((await cancel(own)).status, 204);
      assert.equal((await rig.json(`/v1/masters/${masterId}`)).publication, undefined);
    },
  ]));

test("[CO311] where a provider has the keys they are asked for with the order, and are given out with its signalling", async (t) => {
  const { url, asked, close } = await openKeyProvider();
  t.after(close);
  const settings = { encrypt: "speke", spekeUrl: url, fairplayUrl: url, licenceDeadlineMs: 30_000 } as const;
  const live = async (rig: Rig): Promise<void> => {
    await ordered(rig, "Kept elsewhere", { encrypt: true });
    const answer = await post(rig, "/v1/jobs/take", { ...ask, encrypts: true }, true);
    const { job } = takeAnswer.parse(JSON.parse(answer.text));
    assert.ok(job !== null);
    const given = await post(rig, `/v1/jobs/${job.id}/keys`, { generation: job.generation }, true);
    const { keys } = packingKeys.parse(JSON.parse(given.text));
    for (const { kid, key, signalling } of keys) {
      assert.equal(key, derivedKey(uuidOf(kid)).toString("hex"));
      assert.deepEqual(
        signalling?.map(({ hlsMedia }) => hlsMedia?.uri),
        [signals("fairplay", kid).address],
      );
    }
    assert.deepEqual([keys.length, asked()], [4, 1]);
  };
  await lives(["jobs", live, settings]);
});

test("[CO381] a provider that is silent holds up neither the start, nor orders without it, nor the end", async (t) => {
  const { url, asked, close } = await openKeyProvider(() => "silent");
  t.after(close);
  const settings = { encrypt: "speke", spekeUrl: url, licenceDeadlineMs: 30_000 } as const;
  const order = async (rig: Rig): Promise<void> => {
    await ordered(rig, "Clear");
    for (const name of ["One", "Two"]) await ordered(rig, name, { encrypt: true });
  };
  const live = async (rig: Rig): Promise<void> => {
    assert.equal((await rig.ask("GET", "/v1/ops/jobs")).status, 200);
    while (asked() < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal((await taken(rig)).title, "Clear");
  };
  const beganMs = performance.now();
  await lives(["none", order], ["jobs", live, settings]);
  assert.ok(performance.now() - beganMs < 20_000, "nobody waited for its deadline");
  assert.equal(asked(), 1);
});

test("[CO381] a provider that fails is asked once for all orders, and again after a while", async (t) => {
  const { url, asked, close } = await openKeyProvider((question) => (question === 1 ? "failed" : "whole"));
  t.after(close);
  const settings = { encrypt: "speke", spekeUrl: url, fairplayUrl: url, licenceDeadlineMs: 30_000 } as const;
  const order = async (rig: Rig): Promise<void> => {
    for (const name of ["One", "Two", "Three"]) await ordered(rig, name, { encrypt: true });
    await ordered(rig, "Clear");
  };
  const live = async (rig: Rig): Promise<void> => {
    await begun(rig, 1);
    await begun(rig, 4);
    assert.equal(asked(), 4);
  };
  await lives(["none", order], ["jobs", live, settings]);
});

test("[CO258] what workers made goes the way of every title: keys that it was published with before get their end", () =>
  lives([
    "jobs",
    async (rig) => {
      const masterId = await ordered(rig, "Keyed");
      const job = await taken(rig);
      assert.ok(job.spec.kind === "encode");
      const { titleId } = job.spec;
      const key = { titleId, label: "HD", kid: sha("kid").slice(0, 32), createdAtMs: 0 } as const;
      await rig.stores.contentKeys.add([{ ...key, kekId: "k", nonce: "n", sealed: "s" }]);
      await encoded(rig, job);
      await settled(rig, masterId);
      const [kept] = await rig.stores.contentKeys.ofTitle(titleId);
      assert.ok(kept?.endsAtMs !== undefined);
    },
  ]));
