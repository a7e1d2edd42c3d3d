import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import type { ImportWorld } from "#publish/io/import-fetch.ts";
import { openRig, over, type Rig, roomy } from "#test/fixtures/film-rig.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";

const film = Buffer.from("a film that lies on another machine, of some fifty bytes");
const sha256 = createHash("sha256").update(film).digest("hex");
const json = { "content-type": "application/json" };
const settings = {
  ...roomy,
  ...{ importHosts: "films.example.org", importSchemes: "http-and-https", importPorts: "80" },
};
const url = "http://films.example.org/dir/The%20Film.mov?sig=secret";

interface Far {
  readonly world: ImportWorld;
  readonly asked: string[];
  answer: RequestListener;
}

/** A server that the rig takes for a public one. */
async function onFar(answer: RequestListener, work: (far: Far) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.headers.range ?? "whole"}`);
    far.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  assert.ok(at !== null && typeof at === "object");
  const world: ImportWorld = {
    resolve: async () => ["8.8.8.8"],
    connect: () => connect({ host: "127.0.0.1", port: at.port }),
    monoMs: () => performance.now(),
  };
  const far: Far = { world, asked, answer };
  try {
    await work(far);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const whole: RequestListener = (_request, response) =>
  void response.writeHead(200, { "content-length": `${film.length}`, etag: '"v1"' }).end(film);

async function ordered(rig: Rig, more: Record<string, string> = {}): Promise<string> {
  const answer = await rig.ask("POST", "/v1/imports", {
    headers: json,
    body: JSON.stringify({ url, ...more }),
  });
  assert.equal(answer.status, 202, answer.text);
  return `/v1/imports/${JSON.parse(answer.text).id}`;
}

test("[CO216] an import is answered with 202 and becomes a master; its address is shown without its query", () =>
  onFar(whole, async ({ world }) => {
    const rig = await openRig({ settings, world });
    const path = await ordered(rig, { sha256, name: "A Film" });
    const seen = await over(rig, path);
    assert.deepEqual([seen.state, seen.fileName, seen.titleName], ["accepted", "The Film.mov", "A Film"]);
    assert.equal(seen.url, "http://films.example.org/dir/The%20Film.mov?…");
    assert.deepEqual(await readFile(join(rig.home, "masters", sha256)), film);
    assert.match((await rig.ask("GET", "/v1/imports")).text, /"accepted"/);
    assert.doesNotMatch((await rig.ask("GET", "/v1/imports")).text, /secret/);
    assert.equal((await rig.ask("DELETE", path, { headers: json })).status, 204);
    assert.equal((await rig.ask("GET", path)).status, 404);
    await rig.close();
  }));

test("[CO216] what may not be fetched is told at once, or when its server answered, and leaves nothing", () =>
  onFar(whole, async (far) => {
    const rig = await openRig({ settings: { ...settings, largestGb: 50e-9 }, world: far.world });
    const body = '{"url":"http://127.0.0.1/x"}';
    const refused = await rig.ask("POST", "/v1/imports", { headers: json, body });
    assert.deepEqual([refused.status, refused.code], [422, "import-refused"]);
    const large = await over(rig, await ordered(rig));
    assert.match(JSON.stringify(large.refusal), /upload-too-large/);
    far.answer = (_request, response) => void response.writeHead(404).end();
    const missing = await over(rig, await ordered(rig));
    assert.match(
      JSON.stringify(missing.refusal),
      /import-refused.*The%20Film.mov\?… is not fetched.*status 404/,
    );
    assert.doesNotMatch(JSON.stringify(missing), /secret/);
    assert.deepEqual(await readdir(join(rig.home, "uploads")), ["refused"]);
    await rig.close();
  }));

test("[PB12] an import that brings no byte so many times in a row is given up", () =>
  onFar(
    (_request, response) => void response.destroy(),
    async ({ world, asked }) => {
      const rig = await openRig({ settings: { ...settings, importTries: 1 }, world });
      const seen = await over(rig, await ordered(rig));
      assert.match(JSON.stringify(seen.refusal), /import-failed/);
      assert.equal(asked.length, 1);
      await rig.close();
    },
  ));

test("[CO216] an import goes on after a restart with what is missing", async () => {
  const half: RequestListener = (_request, response) => {
    response.writeHead(200, { "content-length": `${film.length}`, etag: '"v1"' });
    response.write(film.subarray(0, 20));
  };
  await onFar(half, async (far) => {
    const stores = memoryStores();
    const first = await openRig({ settings, world: far.world }, { stores });
    const path = await ordered(first);
    while (Number((await first.json(path)).receivedBytes) < 20) await rest(2);
    const cookie = await first.cookieOf("admin");
    await first.control.close();
    far.answer = (request, response) => {
      assert.equal(request.headers["if-range"], '"v1"');
      const length = { "content-length": `${film.length - 20}`, etag: '"v1"' };
      const range = { "content-range": `bytes 20-${film.length - 1}/${film.length}` };
      response.writeHead(206, { ...length, ...range }).end(film.subarray(20));
    };
    const second = await openRig({ settings, world: far.world }, { stores, home: first.home });
    const asAdmin = {
      ...second,
      json: async (at: string) => JSON.parse((await second.ask("GET", at, { cookie })).text),
    };
    assert.equal((await over(asAdmin, path)).state, "accepted");
    assert.deepEqual(far.asked, ["whole", "bytes=20-"]);
    assert.deepEqual(await readFile(join(first.home, "masters", sha256)), film);
    await second.close();
    await first.close();
  });
});

test("[CO216] as many are fetched at once as the setting says, and one that is given up makes room", () =>
  onFar(
    () => undefined,
    async (far) => {
      const rig = await openRig({ settings: { ...settings, importsAtOnce: 1 }, world: far.world });
      const first = await ordered(rig);
      const second = await ordered(rig);
      while (far.asked.length < 1) await rest(2);
      far.answer = whole;
      assert.equal((await rig.ask("DELETE", first, { headers: json })).status, 204);
      assert.equal((await over(rig, second)).state, "accepted");
      assert.equal(far.asked.length, 2);
      await rig.close();
    },
  ));
