// The unit's own command line at work, without systemd; and what becomes of its logs.
import assert from "node:assert/strict";
import { chownSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { endAll, ownProcesses } from "#edge/io/nginx-process.ts";
import { hasProgram, installed, notHere, startUnit } from "./edge-install-rig.ts";
import {
  atEnd,
  FakeControl,
  freeListen,
  get,
  k1,
  missing,
  publish,
  sha256,
  signed,
  startAgent,
  tempFolder,
  until,
} from "./edge-rig.ts";

test("[ED96] [ED104] the unit's command line, settings and user are an appliance; killed, the next one adopts its nginx", {
  skip: notHere || (hasProgram("/usr/bin/bwrap") ? false : "bubblewrap is not installed"),
}, async (t) => {
  const control = await new FakeControl(t).open();
  const listen = await freeListen();
  const dir = `/var/lib/appliance-${process.pid}`;
  const root = installed(t, { dir, listen, control: control.url });
  const bundle = publish(join(root, dir), "t1", "v360", 2, 20_000);
  const owner = statSync(join(root, dir));
  for (const path of ["", ...readdirSync(join(root, dir, "v"), { recursive: true, encoding: "utf8" })]) {
    chownSync(join(root, dir, "v", path), owner.uid, owner.gid);
  }
  control.desired = { epoch: 1, files: [{ ...bundle, sources: [] }], keys: [k1] };
  atEnd(t, () => endAll(`${dir}/nginx`, 0));
  const first = startUnit(t, root, dir);
  await Promise.race([
    control.report("held and verified", (report) => report.verified.length === 1 && report.nginx === "up"),
    first.ended.then((how) => assert.fail(`the agent ended with ${how}: ${first.stderr()}`)),
  ]);
  const served = async (): Promise<void> => {
    const [file] = bundle.files;
    const got = await get(listen, signed(k1, "t1", file?.path ?? ""));
    assert.deepEqual([got.status, sha256(got.body)], [200, file?.sha256]);
  };
  await served();
  const master = async (): Promise<number | undefined> =>
    (await ownProcesses(`${dir}/nginx`)).find(({ kind }) => kind === "master")?.pid;
  const nginx = await master();
  first.kill("SIGKILL");
  await first.ended;
  await served();
  const second = startUnit(t, root, dir);
  await control.report(
    "the next agent",
    (report) => report.verified.length === 1 && report.bootId !== control.reports[0]?.bootId,
  );
  assert.equal(await master(), nginx);
  assert.match(
    readFileSync(`/proc/${nginx}/status`, "utf8"),
    new RegExp(`^Uid:\\s+${owner.uid}\\s.*^CapEff:\\s+0+$.*^NoNewPrivs:\\s+1$`, "ms"),
  );
  second.kill("SIGTERM");
  assert.equal(await second.ended, 0, second.stderr());
  assert.deepEqual(await ownProcesses(`${dir}/nginx`), []);
});

test("[ED100] without logrotate nginx's logs stay two of each, and small", { skip: missing }, async (t) => {
  const dir = join(tempFolder(t), "box");
  const control = await new FakeControl(t).open();
  const listen = await freeListen();
  const logBytes = 65_536;
  startAgent(t, { dir, listen, control: control.url }, { MILLRACE_EDGE_LOG_BYTES: `${logBytes}` });
  await control.report("up", (report) => report.nginx === "up");
  const logs = join(dir, "nginx/logs");
  const inode = (): number => statSync(join(logs, "access.log"), { throwIfNoEntry: false })?.ino ?? 0;
  const burst = 200;
  const query = `?${"q".repeat(600)}`;
  for (let round = 0; round < 4; round++) {
    const before = inode();
    for (let i = 0; i < burst; i++) await get(listen, `/x${query}`);
    await until("the log was set aside", () => inode() !== before && inode() !== 0);
  }
  // Between a log that is set aside and the new one there is none of that name.
  const names = await until("two of them", () => {
    const found = readdirSync(logs).filter((name) => name.startsWith("access"));
    return found.includes("access.log") && found;
  });
  assert.deepEqual(names, ["access.log", "access.log.1"]);
  const sizeOf = (name: string): number => statSync(join(logs, name), { throwIfNoEntry: false })?.size ?? 0;
  const longest = Math.max(...readdirSync(logs).map(sizeOf));
  assert.ok(longest < logBytes + burst * 1200, `${longest}`);
});
