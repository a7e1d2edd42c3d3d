import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { controlFaults } from "#control/faults.ts";
import {
  beginning,
  begun,
  easyInspector,
  openRig,
  over,
  patching,
  type Rig,
  roomy,
  tus,
  uploaded,
} from "#test/fixtures/film-rig.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";

const film = Buffer.from("a film of forty bytes, which is not long");
const sha256 = createHash("sha256").update(film).digest("hex");
const json = { "content-type": "application/json" };

async function onRig(
  work: (rig: Rig) => Promise<void>,
  films: Parameters<typeof openRig>[0] = {},
): Promise<void> {
  const rig = await openRig(films);
  try {
    await work(rig);
  } finally {
    await rig.close();
  }
}

const filesIn = async (rig: Rig, folder: string): Promise<readonly string[]> =>
  (await readdir(join(rig.home, folder))).filter((name) => name !== "refused").sort();

test("[CO210] a viewer gets 403, nobody 401, another operator 404, an admin all", () =>
  onRig(async (rig) => {
    const path = await begun(rig, film.length);
    await uploaded(rig, film);
    const masterId = `m-${sha256.slice(0, 32)}`;
    const publishing = ["POST", `/v1/masters/${masterId}/publish`, { headers: json, body: "{}" }] as const;
    const own = [
      ["HEAD", path, { headers: tus }],
      ["PATCH", path, { headers: patching(0), body: "x" }],
      ["GET", path, {}],
      ["DELETE", path, { headers: tus }],
      ["DELETE", `/v1/masters/${masterId}`, { headers: json }],
    ] as const;
    const shared = [
      ["OPTIONS", "/v1/uploads", { headers: tus }],
      ["POST", "/v1/uploads", { headers: beginning(3) }],
      ...(["uploads", "imports", "masters"] as const).map((name) => ["GET", `/v1/${name}`, {}] as const),
      ["POST", "/v1/imports", { headers: json, body: '{"url":"https://h/"}' }],
      publishing,
    ] as const;
    const [viewer, other, admin] = await Promise.all(
      (["viewer", "operator", "admin"] as const).map((role) => rig.cookieOf(role)),
    );
    for (const [method, at, more] of [...own, ...shared]) {
      assert.equal((await rig.ask(method, at, { ...more, cookie: "" })).status, 401, `${method} ${at}`);
      assert.equal(
        (await rig.ask(method, at, { ...more, cookie: viewer ?? "" })).status,
        403,
        `${method} ${at}`,
      );
    }
    for (const [method, at, more] of own) {
      const foreign = await rig.ask(method, at, { ...more, cookie: other ?? "" });
      const missing = await rig.ask(method, at.replace(/\w{8}$/, "00000000"), {
        ...more,
        cookie: other ?? "",
      });
      assert.deepEqual([foreign.status, foreign.code], [404, missing.code], `${method} ${at}`);
    }
    const listOf = async (cookie: string): Promise<number> =>
      JSON.parse((await rig.ask("GET", "/v1/uploads", { cookie })).text).arrivals.length;
    assert.deepEqual([await listOf(other ?? ""), await listOf(admin ?? "")], [0, 2]);
    assert.equal((await rig.ask("GET", path, { cookie: admin ?? "" })).status, 200);
    assert.match((await rig.ask("GET", "/v1/masters", { cookie: other ?? "" })).text, new RegExp(masterId));
    assert.equal((await rig.ask("DELETE", own[4][1], { headers: json, cookie: admin ?? "" })).status, 204);
  }));

test("[CO211] tus: what was announced comes in pieces, and a refused piece writes nothing", () =>
  onRig(async (rig) => {
    const options = await rig.ask("OPTIONS", "/v1/uploads", { headers: tus });
    assert.equal(options.headers["tus-version"], "1.0.0");
    assert.equal(options.headers["tus-extension"], "creation,creation-with-upload,termination,expiration");
    assert.equal(options.headers["access-control-allow-origin"], undefined);

    const path = await begun(rig, film.length, { filename: "../Film.mov", sha256 });
    assert.match(path, /^\/v1\/uploads\/[0-9a-f]{32}$/);
    const piece = await rig.ask("PATCH", path, { headers: patching(0), body: film.subarray(0, 15) });
    assert.deepEqual([piece.status, piece.headers["upload-offset"]], [204, "15"]);
    assert.match(`${piece.headers["upload-expires"]}`, /GMT$/);
    const refused = [
      [patching(0), 409],
      [patching(16), 409],
      [{ ...patching(15), "tus-resumable": "0.2.2" }, 412],
      [{ "upload-offset": "15", "content-type": "application/offset+octet-stream" }, 412],
      [{ ...tus, "upload-offset": "15", "content-type": "application/octet-stream" }, 400],
      [{ ...tus, "content-type": "application/offset+octet-stream" }, 403],
    ] as const;
    for (const [headers, status] of refused) {
      const answer = await rig.ask("PATCH", path, { headers, body: film.subarray(15) });
      assert.equal(answer.status, status, answer.text);
      assert.notEqual(answer.code, "", answer.text);
    }
    const tooMuch = await rig.ask("PATCH", path, { headers: patching(15), body: Buffer.alloc(100) });
    assert.deepEqual([tooMuch.status, tooMuch.code], [413, "upload-protocol"]);
    const head = await rig.ask("HEAD", path, { headers: tus });
    assert.deepEqual(
      [head.headers["upload-offset"], head.headers["upload-length"]],
      ["15", `${film.length}`],
    );
    assert.equal(head.headers["cache-control"], "no-store");
    assert.equal(
      (await rig.ask("PATCH", path, { headers: patching(15), body: film.subarray(15) })).status,
      204,
    );
    const seen = await over(rig, path);
    assert.deepEqual([seen.state, seen.fileName], ["accepted", "Film.mov"]);
    assert.equal((await rig.ask("HEAD", path, { headers: tus })).headers["upload-offset"], `${film.length}`);
    const late = await rig.ask("PATCH", path, { headers: patching(film.length), body: "more" });
    assert.deepEqual([late.status, late.code], [409, "upload-over"]);
  }));

test("[CO211] an upload may come with its creation, and is refused there before a byte of it is kept", () =>
  onRig(async (rig) => {
    const headers = { ...beginning(film.length), "content-type": "application/offset+octet-stream" };
    const answer = await rig.ask("POST", "/v1/uploads", { headers, body: film });
    assert.deepEqual([answer.status, answer.headers["upload-offset"]], [201, `${film.length}`]);
    assert.equal((await over(rig, `${answer.headers.location}`)).state, "accepted");
    const refused: readonly (readonly [Record<string, string>, number, string])[] = [
      [{ ...tus, "upload-defer-length": "1" }, 501, "upload-protocol"],
      [tus, 400, "upload-protocol"],
      [beginning(0), 400, "upload-empty"],
      [{ ...tus, "upload-length": "-1" }, 400, "upload-protocol"],
      [{ ...tus, "upload-length": "9007199254740993" }, 400, "upload-protocol"],
      [{ ...tus, "upload-length": "1e3" }, 400, "upload-protocol"],
      [{ ...beginning(5), "upload-metadata": "filename !!!" }, 400, "upload-protocol"],
      [beginning(5, { sha256: "12" }), 400, "upload-words"],
      [beginning(5, { filename: "x".repeat(6000) }), 400, "upload-words"],
      [{ ...beginning(5), "upload-concat": "partial" }, 501, "upload-protocol"],
      [beginning(300e9), 413, "upload-too-large"],
      [beginning(10_000 * 1e9), 413, "upload-too-large"],
    ];
    for (const [more, status, code] of refused) {
      const said = await rig.ask("POST", "/v1/uploads", { headers: more });
      assert.deepEqual([said.status, said.code], [status, code], said.text);
    }
    assert.deepEqual(await filesIn(rig, "uploads"), []);
  }));

/** A piece that is sent in part and then hangs. */
function hanging(rig: Rig, path: string, cookie: string, bytes: Uint8Array, length: number) {
  const sent = request(`${rig.url}${path}`, {
    method: "PATCH",
    headers: { ...patching(0), cookie, "content-length": `${length}` },
    agent: false,
  });
  const cut = new Promise<void>((resolve) => sent.on("error", () => resolve()).on("close", () => resolve()));
  sent.write(bytes);
  return { sent, cut };
}

async function arrived(rig: Rig, path: string, bytes: number): Promise<void> {
  while (Number((await rig.json(path)).receivedBytes) < bytes) await rest(2);
}

test("[PB14] a second writer is refused with 423, and HEAD ends what hangs", () =>
  onRig(async (rig) => {
    const cookie = await rig.cookieOf("operator");
    const own = (method: string, path: string, more: Parameters<Rig["ask"]>[2]) =>
      rig.ask(method, path, { ...more, cookie });
    const made = await own("POST", "/v1/uploads", { headers: beginning(film.length) });
    const path = `${made.headers.location}`;
    const { cut } = hanging({ ...rig }, path, cookie, film.subarray(0, 20), film.length);
    const seen = { ...rig, json: async (at: string) => JSON.parse((await own("GET", at, {})).text) };
    await arrived(seen, path, 20);
    const second = await own("PATCH", path, { headers: patching(20), body: film.subarray(20) });
    assert.deepEqual([second.status, second.code], [423, "upload-busy"]);
    const head = await own("HEAD", path, { headers: tus });
    assert.equal(head.headers["upload-offset"], "20");
    await cut;
    const third = await own("PATCH", path, { headers: patching(20), body: film.subarray(20) });
    assert.equal(third.status, 204, third.text);
    assert.equal((await over(seen, path)).state, "accepted");
  }));

test("[CO212] an upload that says nothing is cut, and what came of it stays", () =>
  onRig(
    async (rig) => {
      const cookie = await rig.cookieOf("operator");
      const made = await rig.ask("POST", "/v1/uploads", { headers: beginning(film.length), cookie });
      const path = `${made.headers.location}`;
      const { cut } = hanging(rig, path, cookie, film.subarray(0, 20), film.length);
      await cut;
      const head = await rig.ask("HEAD", path, { headers: tus, cookie });
      assert.equal(head.headers["upload-offset"], "20");
    },
    { settings: { ...roomy, idleSeconds: 1 } },
  ));

test("[CO213] a foreign page and a form can upload nothing", () =>
  onRig(async (rig) => {
    const foreign = { ...beginning(film.length), "sec-fetch-site": "cross-site" };
    const page = await rig.ask("POST", "/v1/uploads", { headers: foreign });
    assert.deepEqual([page.status, page.code], [403, controlFaults.crossSite.code]);
    for (const type of [
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "text/plain",
    ]) {
      const form = await rig.ask("POST", "/v1/uploads", { headers: { "content-type": type }, body: "a=b" });
      assert.equal(form.status, 412, form.text);
    }
    assert.deepEqual(JSON.parse((await rig.ask("GET", "/v1/uploads")).text), { arrivals: [] });
  }));

test("[CO214] where no film can be checked none is taken in", () =>
  onRig(
    async (rig) => {
      for (const [path, more] of [
        ["/v1/uploads", { headers: beginning(5) }],
        ["/v1/imports", { headers: json, body: '{"url":"https://h/"}' }],
      ] as const) {
        const answer = await rig.ask("POST", path, more);
        assert.deepEqual([answer.status, answer.code], [503, "publishing-off"]);
        assert.match(answer.text, /takes no films: bwrap is missing/);
      }
    },
    { inspector: { ...easyInspector, trouble: async () => "bwrap is missing" } },
  ));

test("[PB4] what has no room is refused before it comes", async () => {
  const tight = { ...roomy, mostOpen: 2, openGb: 100e-9, accountGb: 120e-9, largestGb: 80e-9 };
  await onRig(
    async (rig) => {
      const begin = async (bytes: number): Promise<string> =>
        (await rig.ask("POST", "/v1/uploads", { headers: beginning(bytes) })).code;
      assert.equal(await begin(81), "upload-too-large");
      const path = await begun(rig, 60);
      assert.equal(await begin(41), "upload-open-full");
      await begun(rig, 40);
      assert.equal(await begin(1), "upload-too-many-open");
      assert.equal((await rig.ask("DELETE", path, { headers: tus })).status, 204);
      await uploaded(rig, "x".repeat(60));
      assert.equal(await begin(30), "upload-account-full");
    },
    { settings: tight },
  );
  await onRig(
    async (rig) => {
      const answer = await rig.ask("POST", "/v1/uploads", { headers: beginning(5) });
      assert.deepEqual([answer.status, answer.code], [507, "upload-disk-full"]);
    },
    { settings: { ...roomy, leastFreeGb: 1e6 } },
  );
});

test("[PB4] a disk that others filled takes no further piece", async () => {
  const stores = memoryStores();
  const first = await openRig({}, { stores });
  const path = await begun(first, film.length);
  const admin = await first.cookieOf("admin");
  const full = await openRig({ settings: { ...roomy, leastFreeGb: 1e6 } }, { stores, home: first.home });
  const answer = await full.ask("PATCH", path, { headers: patching(0), body: film, cookie: admin });
  assert.deepEqual([answer.status, answer.code], [507, "upload-disk-full"]);
  const head = await full.ask("HEAD", path, { headers: tus, cookie: admin });
  assert.equal(head.headers["upload-offset"], "0");
  await full.close();
  await first.close();
});

test("[CO215] a whole film becomes a master or is refused with the reason, and may be forgotten", () =>
  onRig(async (rig) => {
    const path = await uploaded(rig, film, { filename: "Film.mov", name: "The Film" });
    const seen = await rig.json(path);
    const master = await rig.json(`/v1/masters/${seen.masterId}`);
    assert.deepEqual([master.sha256, master.bytes, master.titleName], [sha256, film.length, "The Film"]);
    assert.deepEqual(await readFile(join(rig.home, "masters", sha256)), film);
    assert.deepEqual(await filesIn(rig, "uploads"), []);
    const bad = await uploaded(rig, "bad film", { filename: "b.mov" });
    const said = await rig.json(bad);
    assert.deepEqual(said.refusal, { code: "not-a-film", sentence: "b.mov is not a film." });
    assert.deepEqual(await filesIn(rig, "uploads"), []);
    for (const at of [path, bad]) {
      assert.equal((await rig.ask("DELETE", at, { headers: tus })).status, 204);
      assert.equal((await rig.ask("GET", at)).status, 404);
    }
    assert.equal((await rig.ask("GET", `/v1/masters/${seen.masterId}`)).status, 200);
  }));

test("[CO215] what is being checked is not deleted", async () => {
  const gate = Promise.withResolvers<void>();
  await onRig(
    async (rig) => {
      const path = await begun(rig, film.length);
      await rig.ask("PATCH", path, { headers: patching(0), body: film });
      const answer = await rig.ask("DELETE", path, { headers: tus });
      assert.deepEqual([answer.status, answer.code], [409, "arrival-checking"]);
      gate.resolve();
      assert.equal((await over(rig, path)).state, "accepted");
    },
    {
      inspector: {
        ...easyInspector,
        async inspect(...order) {
          await gate.promise;
          return easyInspector.inspect(...order);
        },
      },
    },
  );
});

test("[PB19] equal films are one master, and what is not the announced sha256 is refused", () =>
  onRig(async (rig) => {
    const first = await rig.json(await uploaded(rig, film, { filename: "a.mov" }));
    const second = await rig.json(
      await uploaded(rig, film, { filename: "b.mov", sha256: sha256.toUpperCase() }),
    );
    assert.equal(first.masterId, second.masterId);
    assert.deepEqual(await filesIn(rig, "masters"), [sha256]);
    const other = await rig.json(await uploaded(rig, film, { filename: "c.mov", sha256: "0".repeat(64) }));
    assert.match(JSON.stringify(other.refusal), /upload-other-hash.*c\.mov is not what was sent/);
    assert.deepEqual(await filesIn(rig, "uploads"), []);
  }));

test("[CO217] an order to publish is answered with its state, and keeps its master", () =>
  onRig(async (rig) => {
    const { masterId } = await rig.json(await uploaded(rig, film, { filename: "Film.mov" }));
    const path = `/v1/masters/${masterId}`;
    const order = await rig.ask("POST", `${path}/publish`, { headers: json, body: '{"name":"A/B"}' });
    assert.equal(order.status, 202, order.text);
    assert.deepEqual(JSON.parse(order.text), {
      masterId,
      titleName: "A∕B",
      encrypt: false,
      state: "waiting",
    });
    assert.match(JSON.stringify((await rig.json(path)).publication), /A∕B/);
    const kept = await rig.ask("DELETE", path, { headers: json });
    assert.deepEqual([kept.status, kept.code], [409, "master-ordered"]);
    assert.equal(
      (await rig.ask("POST", "/v1/masters/m-0/publish", { headers: json, body: "{}" })).code,
      "unknown-master",
    );
    await rig.stores.uploads.settle(`${masterId}`);
    assert.equal((await rig.ask("DELETE", path, { headers: json })).status, 204);
    assert.deepEqual(await filesIn(rig, "masters"), []);
  }));
