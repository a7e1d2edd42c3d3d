// Reloads that do not go as they should: slow ones, and ones that nginx never takes.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { installCandidate, makePlace, renderConfig, tryConfig } from "#edge/io/nginx-files.ts";
import { type OwnProcess, ownProcesses, signalTo } from "#edge/io/nginx-process.ts";
import { awaitReload } from "#edge/io/nginx-reload.ts";
import { type Box, openBox } from "./edge-box.ts";
import { atEnd, codeIs, get, k1, k2, missing, publish, signed, tools, until } from "./edge-rig.ts";

/** One that finds a reload slow soon. */
async function open(t: TestContext): Promise<Box> {
  const box = await openBox(t, { settings: { workers: 1 }, supervisor: { takeOverMs: 300 } });
  publish(box.folder, "t1", "v360", 1, 1000);
  return box;
}

test("[ED88] a reload that a worker holds up ends no nginx, is told as slow, and is through when that worker is", {
  skip: missing,
}, async (t) => {
  const { listen, prefix, nginx, events, state } = await open(t);
  const before = await ownProcesses(prefix);
  const worker = before.find(({ kind }) => kind === "worker")?.pid ?? 0;
  process.kill(worker, "SIGSTOP");
  atEnd(t, () => signalTo(worker, "SIGCONT"));
  const slow = codeIs("reload-slow", new RegExp(`pid ${worker}\\) has not made way`));
  for (let i = 0; i < 2; i += 1) await assert.rejects(nginx.apply(state([k2])), slow);
  assert.match(nginx.trouble(), /has not made way/);
  assert.equal((await get(listen, signed(k2, "t1", "v360/0.m4s"))).status, 200);
  process.kill(worker, "SIGCONT");
  await until("the reload is through", () => events.some(({ kind }) => kind === "reloaded"));
  await nginx.apply(state([k2]));
  assert.deepEqual([nginx.status(), nginx.trouble()], ["up", ""]);
  assert.equal((await get(listen, signed(k1, "t1", "v360/0.m4s"))).status, 403);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["started", "reloaded"],
  );
});

test("[ED88] an nginx that takes neither its new configuration nor the one before serves on", {
  skip: missing,
}, async (t) => {
  const { listen, prefix, nginx, events, state } = await open(t);
  const master = (await ownProcesses(prefix)).find(({ kind }) => kind === "master")?.pid ?? 0;
  process.kill(master, "SIGSTOP");
  atEnd(t, () => signalTo(master, "SIGCONT"));
  await assert.rejects(nginx.apply(state([k2])), codeIs("nginx-config-refused", /in time/));
  process.kill(master, "SIGCONT");
  assert.equal((await get(listen, signed(k1, "t1", "v360/0.m4s"))).status, 200);
  await nginx.apply(state([k2]));
  assert.equal((await get(listen, signed(k2, "t1", "v360/0.m4s"))).status, 200);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["started", "reloaded"],
  );
  assert.equal((await ownProcesses(prefix)).find(({ kind }) => kind === "master")?.pid, master);
});

test("[ED7] workers of a reload before, that nobody knew of when the next was told, are waited for too", {
  skip: missing,
}, async (t) => {
  const { listen, prefix, state } = await open(t);
  const { signal } = new AbortController();
  const place = await makePlace({
    nginx: tools.nginx?.path,
    modulesFolder: tools.nginxSetMisc,
    prefixDir: prefix,
    user: undefined,
  });
  const workers = async (): Promise<readonly OwnProcess[]> =>
    (await ownProcesses(prefix)).filter(({ kind }) => kind === "worker");
  const old = await workers();
  const pid = (await ownProcesses(prefix)).find(({ kind }) => kind === "master")?.pid ?? 0;
  // Of the one before only the signal is sent: it may be any time until the master, and then its worker, gets to it.
  signalTo(pid, "SIGHUP");
  await until("its worker", async () =>
    (await workers()).some((one) => !old.some(({ pid }) => pid === one.pid)),
  );
  const { text, generation } = renderConfig(place, state([k2]));
  await tryConfig(place, text, signal);
  await installCandidate(place);
  signalTo(pid, "SIGHUP");
  await awaitReload(place, { pid, generation, old, logSize: 0, workers: 1 }, 10_000);
  assert.equal((await workers()).length, 1);
  assert.equal((await get(listen, signed(k1, "t1", "v360/0.m4s"))).status, 403);
});
