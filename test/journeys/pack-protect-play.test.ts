// Encrypted packages in real Chromium, with its ClearKey: they play with their keys, and never without.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cpixRequest, readProviderKeys } from "#licence/cpix.ts";
import type { ContentKey } from "#model/content-key.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import type { ProtectionOrder } from "#pack/io/shaka-packager.ts";
import { cpixAnswer } from "#test/fixtures/cpix-answer.ts";
import { titleId } from "#units/id.ts";
import { signal, tools, why } from "./encode-run.ts";
import { openStage, type Stage } from "./player-stage.ts";
import { filmSeconds, makeFilm } from "./protect-film.ts";
import { protect } from "./protect-rig.ts";

const skip = why || (tools.chromium === undefined ? "needs Chromium" : false);
const browser = { skip, timeout: 240_000 };

let folder = "";
let protection: ProtectionOrder;
let stage: Stage;

before(async () => {
  if (skip !== false || tools.chromium === undefined) return;
  folder = await mkdtemp(join(tmpdir(), "millrace-protect-play-"));
  const film = await makeFilm(join(folder, "film"), signal);
  protection = await protect({ keys: "new", out: join(folder, "out") });
  stage = await openStage(tools.chromium.path, join(folder, "store"), licence);
  const licensed = { ...protection, licenceUrl: `${stage.url}/licence` };
  const signalled = { ...licensed, keys: signalledKeys(protection.keys) };
  const orders = { encrypted: protection, licensed, signalled };
  for (const [name, order] of Object.entries(orders)) {
    await packTitle({
      film,
      titleId: titleId(name),
      outDir: join(folder, "store", name),
      signal,
      protection: order,
    });
  }
});

after(async () => {
  await stage?.close();
  if (folder !== "") await rm(folder, { recursive: true, force: true });
});

/** W3C Encrypted Media Extensions §9.1.4: what a ClearKey licence server answers. */
function licence(request: string): string {
  const wanted: readonly string[] = JSON.parse(request).kids;
  const url = (hex: string): string => Buffer.from(hex, "hex").toString("base64url");
  const keys = protection.keys
    .filter(({ kid }) => wanted.includes(url(kid)))
    .map(({ kid, key }) => ({ kty: "oct", kid: url(kid), k: url(key) }));
  return JSON.stringify({ keys, type: "temporary" });
}

/** With what Widevine, PlayReady and FairPlay would want of each key. */
function signalledKeys(keys: readonly ContentKey[]): readonly ContentKey[] {
  const order = {
    ...{ titleId: "film", kids: keys, systems: ["widevine", "playready", "fairplay"] as const },
  };
  const read = readProviderKeys(order, cpixAnswer(cpixRequest(order)));
  assert.ok(read.kind === "keys", JSON.stringify(read));
  return keys.map((key, at) => {
    const { signalling } = read.keys[at] ?? {};
    return { ...key, ...(signalling && { signalling }) };
  });
}

const clearKeys = (): Record<string, string> =>
  Object.fromEntries(protection.keys.map(({ kid, key }) => [kid, key]));

test(
  "[PA40] Shaka Player plays the encrypted package with its keys, each rung to the end without a gap",
  browser,
  async () => {
    const hls = { ignoreDrmInfo: true };
    for (const [manifest, config] of [
      ["/encrypted/manifest.mpd", {}] as const,
      ["/encrypted/master.m3u8", hls] as const,
    ]) {
      for (const height of [90, 720]) {
        const drm = { clearKeys: clearKeys() };
        const played = await stage.play({ player: "shaka", manifest, height, drm, config });
        assert.equal(played.why, "ended", `${manifest} ${JSON.stringify(played)}`);
        assert.equal(played.ranges.length, 1);
        assert.ok(Math.abs((played.ranges[0]?.[1] ?? 0) - filmSeconds) < 0.1, JSON.stringify(played));
        assert.ok(played.heights.includes(height) && played.frames > 30, JSON.stringify(played));
      }
    }
  },
);

test("[PA39] without keys Shaka Player ends with an error and shows no picture", browser, async () => {
  for (const drm of [
    {},
    { clearKeys: { [randomBytes(16).toString("hex")]: randomBytes(16).toString("hex") } },
  ]) {
    const played = await stage.play({
      player: "shaka",
      manifest: "/encrypted/manifest.mpd",
      height: 90,
      drm,
    });
    assert.match(played.why, /^shaka (60\d\d|4012)$/, JSON.stringify(played));
    assert.equal(played.frames, 0);
    // Shaka Player moves the position a millisecond back when it flushes its buffers.
    assert.ok(played.at <= 0, JSON.stringify(played));
  }
});

test(
  "[PA40] Shaka Player finds the licence address in DASH, hls.js the KID in HLS, and both ask for it",
  browser,
  async () => {
    const shaka = await stage.play({ player: "shaka", manifest: "/licensed/manifest.mpd", height: 90 });
    assert.equal(shaka.why, "ended", JSON.stringify(shaka));
    assert.ok(stage.asked.length > 0);
    const config = {
      emeEnabled: true,
      drmSystems: { "org.w3.clearkey": { licenseUrl: `${stage.url}/licence` } },
    };
    const before = stage.asked.length;
    const hls = await stage.play({ player: "hls", manifest: "/licensed/master.m3u8", height: 90, config });
    assert.equal(hls.why, "ended", JSON.stringify(hls));
    assert.ok(stage.asked.length > before);
  },
);

test("[PA74] where other systems are signalled too, ClearKey plays on", browser, async () => {
  const config = {
    emeEnabled: true,
    drmSystems: { "org.w3.clearkey": { licenseUrl: `${stage.url}/licence` } },
  };
  for (const order of [
    { player: "shaka", manifest: "/signalled/manifest.mpd" } as const,
    { player: "hls", manifest: "/signalled/master.m3u8", config } as const,
  ]) {
    const before = stage.asked.length;
    const played = await stage.play({ ...order, height: 90 });
    assert.equal(played.why, "ended", `${order.player} ${JSON.stringify(played)}`);
    assert.ok(stage.asked.length > before, "it asked for a ClearKey licence");
  }
});

test(
  "[PA40] dash.js plays the encrypted package with its keys, and without them shows no picture",
  browser,
  async () => {
    const url = (hex: string): string => Buffer.from(hex, "hex").toString("base64url");
    const clearkeys = Object.fromEntries(protection.keys.map(({ kid, key }) => [url(kid), url(key)]));
    const manifest = "/encrypted/manifest.mpd";
    const drm = { "org.w3.clearkey": { clearkeys } };
    const played = await stage.play({ player: "dash", manifest, height: 90, drm });
    assert.equal(played.why, "ended", JSON.stringify(played));
    assert.equal(played.ranges.length, 1);
    const without = await stage.play({ player: "dash", manifest, height: 90 });
    assert.match(without.why, /^dash\.js /);
    assert.equal(without.frames, 0);
  },
);
