// What real nginx does for viewers that ask for a file it does not hold, and what comes of it in the report.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LoadMeter } from "#edge/io/load.ts";
import { MissBook } from "#edge/io/misses.ts";
import { ownProcesses } from "#edge/io/nginx-process.ts";
import { missState } from "#edge/miss-answer.ts";
import type { MissState } from "#edge/nginx-state.ts";
import { signedPrefix } from "#io/signed-path.ts";
import { bytes } from "#units/quantity.ts";
import { type Box, openBox } from "./edge-box.ts";
import { lazyPeer } from "./edge-peers.ts";
import {
  atEnd,
  type Bundle,
  FakeControl,
  freeListen,
  get,
  k1,
  k2,
  missing,
  publish,
  sha256,
  signed,
  startAgent,
  strength,
  tempFolder,
  until,
} from "./edge-rig.ts";

function open(t: TestContext, miss: (prefix: string) => MissState): Promise<Box> {
  const settings = { workers: 1, stopGraceMs: 500 };
  return openBox(t, { settings, more: (prefix) => ({ miss: miss(prefix) }) });
}

test("[ED57] a viewer is sent to the next source with the path it came with, and no request is sent on twice", {
  skip: missing,
}, async (t) => {
  const origin = await open(t, () => ({}));
  const bundle = publish(origin.folder, "t1", "v360", 1, 5000);
  for (const status of [302, 307] as const) {
    const box = await open(t, () => ({ redirect: { status, baseUrl: `http://${origin.listen}` } }));
    const path = signed(k1, "t1", "v360/0.m4s");
    const sent = await get(box.listen, `${path}?CMCD=bl%3D2000`);
    const { location = "", ...headers } = sent.headers;
    assert.deepEqual(
      [sent.status, location],
      [status, `http://${origin.listen}${path}?mr_hop=1&CMCD=bl%3D2000`],
    );
    assert.deepEqual([headers["cache-control"], headers["access-control-allow-origin"]], ["no-store", "*"]);
    const there = await get(origin.listen, location.slice(`http://${origin.listen}`.length));
    assert.equal(sha256(there.body), bundle.files[0]?.sha256);
    assert.equal((await get(box.listen, path)).headers.location, `http://${origin.listen}${path}?mr_hop=1`);
    assert.equal((await get(box.listen, `${path}?mr_hop=1`)).status, 404, "sent on once already");
    assert.equal((await get(box.listen, `${path}?a=b&mr_hop=1&c=d`)).status, 404, "sent on once already");
    assert.equal(
      (await get(box.listen, path.replace("/s1/", "/s2/"))).status,
      403,
      "a bad signature goes nowhere",
    );
    assert.equal((await get(box.listen, path.replace("/v/", "/V/"))).status, 403);
    publish(box.folder, "t1", "v360", 1, 10);
    assert.equal((await get(box.listen, path)).status, 200, "held now");
  }
});

test("[ED57] two appliances that name each other answer in the end, and a fill is sent nowhere", {
  skip: missing,
}, async (t) => {
  const first = await open(t, () => ({}));
  const second = await open(t, () => ({ redirect: { status: 302, baseUrl: `http://${first.listen}` } }));
  const back = { redirect: { status: 302 as const, baseUrl: `http://${second.listen}` } };
  await first.nginx.apply({ ...first.state([k1]), miss: back });
  let at = `http://${first.listen}${signed(k1, "t1", "v360/0.m4s")}`;
  const statuses: number[] = [];
  for (let hops = 0; hops < 5 && at !== ""; hops++) {
    const url = new URL(at);
    const { status, headers } = await get(url.host, url.pathname + url.search);
    statuses.push(status);
    at = headers.location ?? "";
  }
  assert.deepEqual(statuses, [302, 404]);
  const grant = { titleId: "t1", sessionId: "fill-box2", expiresAtSeconds: Date.now() / 1000 + 600 };
  const fill = await get(first.listen, `${signedPrefix(k1, grant, strength)}v360/0.m4s`);
  assert.equal(fill.status, 404, "a fill asks for what this very appliance holds");
});

test("[ED58] misses are counted from the log: title, file, how often, since when; a good answer is none", {
  skip: missing,
}, async (t) => {
  const { folder, listen, nginx } = await open(t, () => ({}));
  publish(folder, "t1", "v360", 1, 100);
  const book = new MissBook();
  const meter = new LoadMeter(nginx, 1e9, (lines) => book.read(lines));
  atEnd(t, () => meter.close());
  await meter.sample(0);
  assert.deepEqual(book.told(), {});
  for (const path of ["v720/7.m4s", "v360/0.m4s", "v720/7.m4s", "v720/8.m4s", "v720/7.m4s?CMCD=bl%3D1"])
    await get(listen, signed(k1, "t1", path));
  await get(listen, signed(k2, "t1", "v720/7.m4s"));
  await get(listen, "/nonsense");
  let now = 0;
  const load = await until("the log", async () => {
    now += 1000;
    const found = await meter.sample(now);
    return found.requests === 7 && found;
  });
  assert.equal(load.errors, 4);
  const { misses } = book.told();
  assert.equal(misses?.total, 4);
  const rows = misses?.files.map(({ titleId, path, count }) => [titleId, path, count]);
  assert.deepEqual(rows, [
    ["t1", "v720/7.m4s", 3],
    ["t1", "v720/8.m4s", 1],
  ]);
  const since = misses?.files[0]?.sinceMs ?? 0;
  assert.ok(Math.abs(since - Date.now()) < 60_000, `${since}`);
});

test("[ED58] an agent sends viewers to the origin of its plan, and its report tells what they missed", {
  skip: missing,
}, async (t) => {
  const folder = tempFolder(t);
  const listen = await freeListen();
  const control = await new FakeControl(t).open();
  // Nobody listens at the origin's address, so that nothing is filled.
  const nowhere = `http://${await freeListen()}`;
  const bundle: Bundle = {
    ...publish(join(folder, "store"), "t1", "v360", 1, 1000),
    sources: [{ sourceId: "origin", kind: "origin", baseUrl: nowhere }],
  };
  control.desired = { epoch: 3, files: [bundle], keys: [k1] };
  const dir = join(folder, "box");
  startAgent(t, { dir, listen, control: control.url }, { MILLRACE_EDGE_MISS: "307" });
  await control.report("the plan taken over", ({ desiredEpoch }) => desiredEpoch === 3);
  const path = signed(k1, "t1", "v360/0.m4s");
  const sent = await get(listen, path);
  assert.deepEqual([sent.status, sent.headers.location], [307, `${nowhere}${path}?mr_hop=1`]);
  const report = await control.report("the miss", ({ misses }) => misses !== undefined);
  assert.deepEqual([report.misses?.total, report.misses?.files[0]?.path], [1, "v360/0.m4s"]);
});

test("[ED59] a title of the plan's head is pulled from its source: whole, by range, once for many; nothing else is", {
  skip: missing,
}, async (t) => {
  const origin = await open(t, () => ({}));
  const bundle = publish(origin.folder, "t1", "v360", 2, 2_500_000);
  publish(origin.folder, "t2", "v360", 1, 1000);
  const box = await open(t, (prefix) => ({
    redirect: { status: 302, baseUrl: `http://${origin.listen}` },
    pull: {
      folder: join(prefix, "pull"),
      bytes: bytes(1e8),
      sources: [{ address: origin.listen, titles: [{ id: "t1", version: "0".repeat(16) }] }],
    },
  }));
  const path = signed(k1, "t1", "v360/0.m4s");
  const part = await get(box.listen, path, { headers: { range: "bytes=1048570-1048589" } });
  assert.deepEqual([part.status, part.headers["content-range"]], [206, "bytes 1048570-1048589/2500000"]);
  const many = await Promise.all([0, 1, 2, 3].map(() => get(box.listen, `${path}?CMCD=bl%3D1`)));
  for (const { status, body, headers } of many) {
    assert.deepEqual([status, sha256(body)], [200, bundle.files[0]?.sha256]);
    assert.equal(headers["cache-control"], "no-store", "what nobody verified, nobody stores");
    assert.equal(headers["access-control-allow-origin"], "*");
    assert.equal(headers["content-type"], "video/iso.segment");
  }
  assert.deepEqual(many[0]?.body.subarray(1_048_570, 1_048_590), part.body);
  const head = await get(box.listen, path, { method: "HEAD" });
  assert.deepEqual([head.status, head.headers["content-length"]], [200, "2500000"]);
  rmSync(join(origin.folder, "v/t1/v360/0.m4s"));
  assert.equal(sha256((await get(box.listen, path)).body), bundle.files[0]?.sha256, "kept");
  assert.equal(readdirSync(join(box.folder, "v")).length, 0, "and not among what is held");
  const other = await get(box.listen, signed(k1, "t2", "v360/0.m4s"));
  assert.equal(other.status, 302, "another title is sent on");
  assert.equal(
    (await get(box.listen, signed(k1, "t1", "v360/9.m4s"))).status,
    302,
    "the source lacks it too",
  );
  assert.equal(
    (await get(box.listen, `${signed(k1, "t1", "v360/1.m4s")}?mr_hop=1`)).status,
    404,
    "came from a pull",
  );
  assert.equal(
    (await get(box.listen, signed(k2, "t1", "v360/0.m4s"))).status,
    403,
    "kept, and for signed paths alone",
  );
  publish(box.folder, "t1", "filled", 1, 100);
  const filled = await get(box.listen, signed(k1, "t1", "filled/0.m4s"));
  assert.match(
    filled.headers["cache-control"] ?? "",
    /immutable/,
    "what the fill brought is served from its place",
  );
  await origin.nginx.stop();
  const asked =
    readFileSync(join(origin.prefix, "logs/access.log"), "utf8").split('"path":"v360/0.m4s"').length - 1;
  assert.equal(asked, 3, "three slices, each fetched once");
  const gone = await get(box.listen, signed(k1, "t1", "v360/1.m4s"));
  assert.equal(gone.status, 302, "the source is gone");
  await box.nginx.stop();
  assert.equal((await ownProcesses(box.prefix)).length, 0);
});

test("[ED65] of a title that was packed anew, nothing that was pulled before is sent, and the rest stays", {
  skip: missing,
}, async (t) => {
  const origin = await open(t, () => ({}));
  const wish = { answer: "404" as const, pullTitles: 9, pullBytes: bytes(1e8) };
  const plan = (titles: readonly Bundle[]): Parameters<typeof missState>[1] =>
    titles.map((bundle) => ({
      ...bundle,
      sources: [{ sourceId: "origin", kind: "origin", baseUrl: `http://${origin.listen}` }],
    }));
  const other = publish(origin.folder, "t2", "v360", 1, 1000);
  const first = publish(origin.folder, "t1", "v360", 1, 1_500_000);
  const folderOf = (prefix: string): string => join(prefix, "pull");
  const box = await open(t, (prefix) =>
    missState({ ...wish, folder: folderOf(prefix) }, plan([other, first])),
  );
  const hashOf = async (title: string): Promise<string> =>
    sha256((await get(box.listen, signed(k1, title, "v360/0.m4s"))).body);
  assert.deepEqual(
    [await hashOf("t1"), await hashOf("t2")],
    [first, other].map(({ files }) => files[0]?.sha256),
  );
  rmSync(join(origin.folder, "v"), { recursive: true });
  const second = publish(origin.folder, "t1", "v360", 1, 1_400_000);
  await origin.nginx.refresh();
  const miss = missState({ ...wish, folder: folderOf(box.prefix) }, plan([second, other]));
  await box.nginx.apply({ ...box.state([k1]), miss });
  assert.deepEqual(
    [await hashOf("t1"), await hashOf("t2")],
    [second, other].map(({ files }) => files[0]?.sha256),
  );
});

test("[ED59] a source that lies can send wrong bytes, but not open what this appliance keeps to itself", {
  skip: missing,
}, async (t) => {
  const evil = await lazyPeer(t, (answer) => {
    answer.writeHead(200, {
      "x-accel-redirect": "/nginx/conf/nginx.conf",
      "cache-control": "public, max-age=31536000",
      "access-control-allow-origin": "https://evil.example",
      "set-cookie": "a=b",
      location: "https://evil.example/",
    });
    answer.end("wrong bytes");
  });
  const box = await open(t, (prefix) => ({
    pull: {
      folder: join(prefix, "pull"),
      bytes: bytes(1e8),
      sources: [{ address: new URL(evil).host, titles: [{ id: "t1", version: "0".repeat(16) }] }],
    },
  }));
  const got = await get(box.listen, signed(k1, "t1", "v360/0.m4s"));
  assert.deepEqual([got.status, got.body.toString()], [200, "wrong bytes"]);
  assert.equal(got.headers["access-control-allow-origin"], "*");
  assert.equal(got.headers["cache-control"], "no-store");
  assert.deepEqual([got.headers["set-cookie"], got.headers.location], [undefined, undefined]);
});
