// Real nginx and thousands of paths that nobody signed: none is served.
import assert from "node:assert/strict";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { PathStrength } from "#io/signed-path.ts";
import { encodings, targets, tricks } from "./edge-bad-paths.ts";
import { type Box, openBox } from "./edge-box.ts";
import { foreign, malformed, oneSignOff, rearranged } from "./edge-forgeries.ts";
import { converse } from "./edge-raw.ts";
import { get, k1, k2, missing, publish, signed, tools } from "./edge-rig.ts";

const weak = tools.nginxSetMisc === undefined ? "nginx has no set_misc module" : false;

async function open(t: TestContext, how: PathStrength): Promise<Box> {
  const modulesFolder = how === "md5-envelope" ? undefined : tools.nginxSetMisc;
  const box = await openBox(t, {
    settings: { workers: 1, stopGraceMs: 500 },
    supervisor: { modulesFolder },
    before: (folder) => {
      for (const title of ["t1", "t2"]) publish(folder, title, "v360", 1, 100);
    },
  });
  await box.nginx.apply(box.state([k1, k2]));
  return box;
}

/** The paths that got any answer but 400 and 403. Asked as they are, many on one connection. */
async function opened(listen: string, paths: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (let i = 0; i < paths.length; i += 200) {
    const some = paths.slice(i, i + 200);
    const said = some.map((one) => `GET ${one} HTTP/1.1\r\nHost: edge\r\n\r\n`).join("");
    const { answers } = await converse(listen, said, { answers: some.length });
    // nginx ends a connection at a line that is no request: what is behind it is asked again, on another.
    const at = answers.findIndex(({ status }) => status === 400);
    assert.ok(answers.length === some.length || at === answers.length - 1, "an answer each");
    if (at >= 0) i -= 200 - (at + 1);
    found.push(...some.filter((_, n) => ![400, 403, undefined].includes(answers[n]?.status)));
  }
  return found;
}

for (const how of ["hmac-sha256", "md5-envelope"] as const) {
  test(`[ED117] ${how}: of all paths that are one sign off, rearranged, foreign or malformed none is served`, {
    skip: missing || (how === "hmac-sha256" && weak),
  }, async (t) => {
    const { listen, nginx, state } = await open(t, how);
    const good = signed(k1, "t1", "v360/0.m4s", 600, how);
    const other = signed(k2, "t2", "v360/0.m4s", 601, how).replace("/s1/", "/s2/");
    const mine = [good, signed(k2, "t2", "v360/0.m4s", 600, how)];
    assert.deepEqual(await opened(listen, mine), mine, "what is signed is served");
    await nginx.apply(state([k1]));
    const forged = [...oneSignOff(good), ...rearranged(good, other), ...foreign(how, k2), ...malformed(how)];
    assert.deepEqual(await opened(listen, forged), []);
    assert.deepEqual(await opened(listen, [good]), [good], "still");
    t.diagnostic(`${forged.length} forged paths`);
    assert.ok(
      forged.length > (how === "hmac-sha256" ? 4000 : 3000) && new Set(forged).size > forged.length * 0.95,
    );
  });
}

test("[ED117] a path ends in the second after its expiry by the appliance's clock, whoever's clock said when", {
  skip: missing,
}, async (t) => {
  const { listen } = await open(t, weak === false ? "hmac-sha256" : "md5-envelope");
  const at = (seconds: number): string => signed(k1, "t1", "v360/0.m4s", seconds);
  const ended = [-1, -2, -60, -3600, -86_400, -400_000_000].map(at);
  assert.deepEqual(await opened(listen, ended), [], "a clock that is this much behind signs what is over");
  const ahead = [30, 3600, 86_400, 9_999_999_999 - Date.now() / 1000].map(at);
  assert.deepEqual(await opened(listen, ahead), ahead, "one that is ahead signs for longer");
});

test("[ED114] no spelling of a path leads out of its title, to a hidden file, or through a link", {
  skip: missing,
}, async (t) => {
  const { folder, listen, nginx } = await open(t, weak === false ? "hmac-sha256" : "md5-envelope");
  for (const place of ["quarantine", "incoming", "state", "nginx/conf", "v/t1/.git"]) {
    mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(join(folder, place, "x.m4s"), "secret");
  }
  writeFileSync(join(folder, "v/t1/.hidden"), "secret");
  symlinkSync(join(folder, "state/x.m4s"), join(folder, "v/t1/v360/link.m4s"));
  symlinkSync("/etc", join(folder, "v/t1/etc"));
  symlinkSync("../t2", join(folder, "v/t1/other"));
  const good = signed(k1, "t1", "v360/0.m4s");
  const prefix = good.slice(0, good.indexOf("v360/"));
  const spellings = [...tricks, ...encodings(), ...targets(prefix)];
  const paths = spellings.map((one) => (one.startsWith("=") ? one.slice(1) : prefix + one));
  assert.deepEqual(await opened(listen, paths), []);
  const links = ["v360/link.m4s", "etc/passwd", "other/v360/0.m4s"].map((one) => prefix + one);
  for (const link of links) assert.equal((await get(listen, link)).status, 404, link);
  assert.deepEqual(await opened(listen, [good]), [good]);
  renameSync(join(folder, "v"), join(folder, "elsewhere"));
  symlinkSync(join(folder, "elsewhere"), join(folder, "v"));
  await nginx.refresh();
  assert.deepEqual(await opened(listen, [good]), [good], "v/ itself may be a link");
  assert.equal((await get(listen, links[0] ?? "")).status, 404);
  t.diagnostic(`${paths.length} spellings`);
});
