// Whom nginx's workers run as, seen from the system.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ownProcesses } from "#edge/io/nginx-process.ts";
import { type Box, openBox, settings } from "./edge-box.ts";
import { get, k1, k2, missing, signed, until } from "./edge-rig.ts";

const passwd = readFileSync("/etc/passwd", "utf8");
const webUser = /^www-data:[^:]*:(\d+)/m.exec(passwd)?.[1];
const notRoot = process.getuid?.() === 0 ? false : "only root may choose another user";
const noWebUser = webUser === undefined ? "this machine has no www-data" : false;

interface UserBox extends Pick<Box, "prefix" | "nginx" | "state"> {
  /** The one file it holds. */
  fetch(): Promise<string>;
}

async function open(t: TestContext, mode: number): Promise<UserBox> {
  const before = (folder: string): void => {
    chmodSync(folder, mode);
    mkdirSync(join(folder, "v/film"));
    writeFileSync(join(folder, "v/film/a.m4s"), "a segment");
  };
  const box = await openBox(t, { before });
  const fetch = async (): Promise<string> => `${(await get(box.listen, signed(k1, "film", "a.m4s"))).body}`;
  return { ...box, fetch };
}

/** User ids of both workers. Source: proc(5), /proc/pid/status. */
function workerIds(prefix: string): Promise<readonly string[]> {
  return until("two workers at work", async () => {
    const own = await ownProcesses(prefix);
    // A worker that was just forked bears its master's title, and is its master's user, until it has begun.
    const begun = own.filter(({ pid }) => textOf(pid, "cmdline").startsWith("nginx: worker process"));
    const ids = begun.map(({ pid }) => /^Uid:\s+(\d+)/m.exec(textOf(pid, "status"))?.[1] ?? "");
    return ids.length === settings.workers && ids;
  });
}

/** Empty when the process is gone. */
function textOf(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}

test("[ED15] a root agent's workers are www-data where it may read the disk, through reload, rotation and end", {
  skip: missing || notRoot || noWebUser,
}, async (t) => {
  const box = await open(t, 0o755);
  assert.deepEqual(await workerIds(box.prefix), [webUser, webUser]);
  assert.equal(await box.fetch(), "a segment");
  await box.nginx.apply(box.state([k1, k2]));
  await box.nginx.rotateLog("access");
  await box.nginx.rotateLog("error");
  await box.nginx.refresh();
  assert.equal(await box.fetch(), "a segment");
  assert.deepEqual(await workerIds(box.prefix), [webUser, webUser]);
  const logged = (): string => readFileSync(box.nginx.accessLog, "utf8");
  await until("the new log has the request", () => logged().includes('"path":"a.m4s"'));
  await box.nginx.stop();
  assert.equal((await ownProcesses(box.prefix)).length, 0);
});

test("[ED15] a disk that www-data may not read is served by root, as before", {
  skip: missing || notRoot,
}, async (t) => {
  const box = await open(t, 0o700);
  assert.deepEqual(await workerIds(box.prefix), ["0", "0"]);
  assert.equal(await box.fetch(), "a segment");
});
