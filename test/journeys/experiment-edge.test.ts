// One nginx and the agent's breaker beside it: each way of breaking a segment as a player gets it, and everyone who must not.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { SegmentBreaker } from "#edge/io/breaker.ts";
import { superviseNginx } from "#edge/io/nginx.ts";
import { serveState } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import { signedPrefix } from "#io/signed-path.ts";
import { armOf, type BrokenSegment, type Damage, damages, enrolledId } from "#model/experiment.ts";
import { milliseconds } from "#units/quantity.ts";
import {
  atEnd,
  freeListen,
  type Got,
  get,
  k1,
  k2,
  missing,
  strength,
  tempFolder,
  tools,
} from "./edge-rig.ts";

const rule: BrokenSegment = {
  id: "x00c0ffee",
  share: 0.25,
  segment: 50,
  damages,
  stallMs: 300,
  endsAtMs: 1000,
};
const names = Array.from({ length: 500 }, (_, n) => enrolledId(`s${n}`, rule));

function treated(damage: Damage): string {
  return names.find((name) => Object(armOf(name, rule)).damage === damage) ?? "";
}

function one(kind: "control" | "none"): string {
  return names.find((name) => armOf(name, rule).kind === kind) ?? "";
}

function segment(name: string): Buffer {
  const media = Buffer.alloc(4000, name);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(media.length + 8);
  return Buffer.concat([Buffer.from("\0\0\0\bmoof"), size, Buffer.from("mdat"), media]);
}

interface Box {
  readonly listen: string;
  readonly socket: string;
  readonly breaker: SegmentBreaker;
  /** What the breaker's clock says. */
  setClock(nowMs: number): void;
}

async function box(t: TestContext): Promise<Box> {
  const folder = tempFolder(t);
  for (const path of ["v360-1/49.m4s", "v360-1/50.m4s", "v720-1/50.m4s", "audio/50.m4s"]) {
    mkdirSync(join(folder, "v/film", path, ".."), { recursive: true });
    writeFileSync(join(folder, "v/film", path), segment(path));
  }
  let nowMs = 0;
  const clock = { wallMs: () => milliseconds(nowMs), monoMs: () => milliseconds(nowMs) };
  const socket = join(folder, "breaker.sock");
  const breaker = new SegmentBreaker({ folder, socket, clock });
  const listen = await freeListen();
  const settings = { ...defaultsOf(edgeSettings), workers: 1, stopGraceMs: 200 };
  const nginx = await superviseNginx({
    nginx: tools.nginx?.path,
    modulesFolder: tools.nginxSetMisc,
    prefixDir: join(folder, "nginx"),
    state: { ...serveState(folder, listen, [k1], settings), breaker: await breaker.follow(rule) },
    stopGraceMs: 200,
    signal: new AbortController().signal,
    onEvent: () => undefined,
  });
  atEnd(t, () => nginx.stop());
  atEnd(t, () => breaker.close());
  return { listen, socket, breaker, setClock: (ms) => (nowMs = ms) };
}

function pathOf(sessionId: string, path: string, key = k1): string {
  const expiresAtSeconds = Date.now() / 1000 + 600;
  return signedPrefix(key, { titleId: "film", sessionId, expiresAtSeconds }, strength) + path;
}

const asWhole = (got: Got, path: string): void => {
  assert.equal(got.status, 200, path);
  assert.ok(got.body.equals(segment(path)), `${path} is what lies on the disk`);
};

test("[ED41] each way of breaking reaches the player, and no cache may keep it", {
  skip: missing,
}, async (t) => {
  const { listen } = await box(t);
  const path = "v360-1/50.m4s";
  const whole = segment(path);
  const ask = (damage: Damage): Promise<Got> => get(listen, pathOf(treated(damage), path));
  const flip = await ask("bit-flip");
  assert.equal(flip.headers["cache-control"], "no-store");
  assert.equal(flip.headers["access-control-allow-origin"], "*");
  assert.deepEqual([flip.status, flip.body.length], [200, whole.length]);
  assert.equal([...flip.body].filter((byte, at) => byte !== whole[at]).length, 1);
  const cut = await ask("truncation");
  assert.equal(Number(cut.headers["content-length"]), cut.body.length);
  assert.ok(cut.body.length < whole.length && whole.subarray(0, cut.body.length).equals(cut.body));
  assert.equal((await ask("not-found")).status, 404);
  assert.equal((await ask("unavailable")).status, 503);
  const other = await ask("wrong-content");
  assert.ok(other.body.length === whole.length && !other.body.equals(whole));
  await assert.rejects(ask("lying-length"), /aborted/, "the connection ends before the announced length");
  const before = performance.now();
  asWhole(await ask("stall"), path);
  assert.ok(performance.now() - before >= rule.stallMs - 20, "half, silence, the rest");
  assert.equal((await get(listen, pathOf(treated("bit-flip"), "v720-1/50.m4s"))).body.length, whole.length);
});

test("[ED40] the control arm, sessions outside, other files and HEAD are served as ever", {
  skip: missing,
}, async (t) => {
  const { listen } = await box(t);
  const path = "v360-1/50.m4s";
  const broken = treated("unavailable");
  for (const session of [one("control"), one("none"), "s1", broken.replace("x00c0ffee", "x00c0ffef")]) {
    const got = await get(listen, pathOf(session, path));
    asWhole(got, path);
    assert.match(`${got.headers["cache-control"]}`, /immutable/);
  }
  for (const other of ["v360-1/49.m4s", "audio/50.m4s"])
    asWhole(await get(listen, pathOf(broken, other)), other);
  assert.equal((await get(listen, pathOf(broken, path))).status, 503);
  assert.equal((await get(listen, pathOf(broken, path), { method: "HEAD" })).status, 200);
  assert.equal((await get(listen, pathOf(one("control"), "v360-1/50.m4s?CMCD=x"))).status, 200);
});

test("[ED42] after its time, and when the agent is gone, segments are served as they are", {
  skip: missing,
}, async (t) => {
  const { listen, breaker, socket, setClock } = await box(t);
  const path = pathOf(treated("not-found"), "v360-1/50.m4s");
  assert.equal((await get(listen, path)).status, 404);
  setClock(999);
  assert.equal((await get(listen, path)).status, 404);
  setClock(1000);
  asWhole(await get(listen, path), "v360-1/50.m4s");
  assert.equal(await breaker.follow(rule), undefined, "a rule whose time is over is none");
  setClock(0);
  await breaker.follow(rule);
  assert.equal((await get(listen, path)).status, 404);
  await breaker.follow(undefined);
  asWhole(await get(listen, path), "v360-1/50.m4s");
  await breaker.follow(rule);
  await breaker.close();
  assert.ok(!existsSync(socket));
  asWhole(await get(listen, path), "v360-1/50.m4s");
});

test("[ED43] wrong signatures are refused as ever, and a stranger at the socket gets nothing", {
  skip: missing,
}, async (t) => {
  const { listen, socket } = await box(t);
  const session = treated("bit-flip");
  assert.equal((await get(listen, pathOf(session, "v360-1/50.m4s", k2))).status, 403);
  const path = pathOf(session, "v360-1/50.m4s");
  assert.equal((await get(listen, path.replace(session, treated("truncation")))).status, 403);
  for (const headers of [{}, { "x-millrace-breaker": "0".repeat(64) }]) {
    const length = await new Promise<number>((resolve, reject) => {
      const asked = request({ socketPath: socket, path, headers }, (answer) => {
        let sum = 0;
        answer.on("data", (chunk: Buffer) => {
          sum += chunk.length;
        });
        answer.on("end", () => resolve(sum));
      });
      asked.on("error", reject).end();
    });
    assert.equal(length, 0);
  }
});
