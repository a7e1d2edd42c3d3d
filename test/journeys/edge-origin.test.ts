// The origin's own housekeeping: nobody reads its logs, and they must not fill the disk of who runs `millrace start`.
import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startOrigin } from "#edge/io/origin.ts";
import type { ApplianceReport } from "#wire/appliance.ts";
import { settings } from "./edge-box.ts";
import {
  atEnd,
  freeListen,
  get,
  k1,
  missing,
  publish,
  signed,
  tempFolder,
  tools,
  until,
} from "./edge-rig.ts";

test("[ED155] the origin's logs are set aside when they are big, one older is kept, and it serves on", {
  skip: missing,
}, async (t) => {
  const folder = tempFolder(t);
  const listen = await freeListen();
  mkdirSync(join(folder, "store/v"), { recursive: true });
  publish(join(folder, "store"), "t1", "v360", 1, 1000);
  const logBytes = 65_536;
  const nginx = await startOrigin({
    tools,
    folder: join(folder, "store"),
    prefixDir: join(folder, "origin-nginx"),
    listen,
    keys: [k1],
    settings: { ...settings, workers: 1, logBytes },
    signal: new AbortController().signal,
    onEvent: () => undefined,
    logEveryMs: 50,
  });
  atEnd(t, () => nginx.stop());
  const path = signed(k1, "t1", "v360/0.m4s");
  for (const log of [nginx.accessLog, nginx.errorLog]) {
    assert.equal((await get(listen, path)).status, 200);
    for (const turn of ["first", "second"]) {
      appendFileSync(log, `${turn} `.repeat(logBytes / 5));
      await until(
        `the ${turn} log is set aside`,
        () => existsSync(`${log}.1`) && readFileSync(`${log}.1`, "utf8").includes(turn),
      );
      await until("a new one", () => existsSync(log) && statSync(log).size <= logBytes);
    }
    assert.ok(!existsSync(`${log}.2`));
  }
  assert.equal((await get(listen, path)).status, 200);
  await until("it is logged", () => readFileSync(nginx.accessLog, "utf8").includes('"status":200'));
});

test("[ED208] what real nginx sent a session is told by folder, the same until it is kept; others are no sessions", {
  skip: missing,
}, async (t) => {
  const folder = tempFolder(t);
  const listen = await freeListen();
  mkdirSync(join(folder, "store/v"), { recursive: true });
  publish(join(folder, "store"), "t1", "v360", 1, 1000);
  const told: Pick<ApplianceReport, "bootId" | "served">[] = [];
  const nginx = await startOrigin({
    ...{ tools, folder: join(folder, "store"), prefixDir: join(folder, "origin-nginx"), listen, keys: [k1] },
    settings: { ...settings, workers: 1 },
    signal: new AbortController().signal,
    onEvent: () => undefined,
    logEveryMs: 420,
    onServed: async (one) => {
      told.push(one);
      return told.length === 1 ? undefined : one.served?.batch;
    },
  });
  atEnd(t, () => nginx.stop());
  const path = signed(k1, "t1", "v360/0.m4s");
  await until("a session's first bytes are told", async () => {
    assert.equal((await get(listen, path)).status, 200);
    assert.equal((await get(listen, path.replace("0.m4s", "9.m4s"))).status, 404);
    return told.length > 0;
  });
  await until("it is told again", () => told.length > 1);
  const [first, again] = told;
  assert.deepEqual(again?.served?.rows, first?.served?.rows);
  assert.equal(first?.bootId, again?.bootId);
  const [row, ...others] = first?.served?.rows ?? [];
  assert.deepEqual(others, []);
  assert.deepEqual(
    [row?.sessionId, row?.folder, row?.pulled, (row?.bytes ?? 1) % 1000],
    ["s1", "v360", 0, 0],
  );
});
