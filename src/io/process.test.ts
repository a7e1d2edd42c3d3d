import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";
import { run } from "./process.ts";

const { signal } = new AbortController();
const deadline = milliseconds(20_000);

test("an argument that the system does not take is a fault with its size, not a stack", async () => {
  const longest = "x".repeat(131_071);
  assert.equal((await run({ argv: ["printf", "%.3s", longest], signal, deadline })).stdout, "xxx");
  await assert.rejects(run({ argv: ["printf", "%.3s", `${longest}x`], signal, deadline }), (error) => {
    assert.ok(error instanceof Fault, String(error));
    assert.equal(error.code, "process-arguments");
    assert.match(error.message, /printf could not be started: .*\(131078 bytes, the longest 131073\)/);
    return true;
  });
});

test("output that is heard as it comes may be longer than what is kept, and is whole", async () => {
  const lines = 12_000_000;
  const argv = ["seq", `${lines}`] as const;
  await assert.rejects(run({ argv, signal, deadline }), /too much output/);
  let [bytes, last] = [0, ""];
  const heard = await run({
    ...{ argv, signal, deadline },
    onStdout: (text) => {
      bytes += text.length;
      last = (last + text).slice(-10);
    },
  });
  assert.ok(bytes > 64 * 2 ** 20, `${bytes} bytes`);
  assert.equal(last, `\n${lines}\n`);
  assert.equal(heard.stdout, "");
});

test("what a stopped bubblewrap leaves behind is ended, and its pipes are not waited for", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-process-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const program = join(folder, "bwrap");
  await writeFile(program, "#!/bin/sh\nsleep 300 &\necho $! >&2\nwait\n");
  await chmod(program, 0o755);
  const stop = new AbortController();
  let inner = 0;
  const running = run({
    argv: ["bwrap", "true"],
    ...{ signal: stop.signal, deadline },
    env: { PATH: `${folder}:/usr/bin:/bin` },
    onStderr: (text) => {
      inner = Number(text);
      stop.abort(new Error("stopped"));
    },
  });
  await assert.rejects(running, /stopped/);
  assert.ok(inner > 0);
  const isThere = (): boolean => {
    try {
      return process.kill(inner, 0);
    } catch {
      return false;
    }
  };
  for (let tries = 0; isThere() && tries < 200; tries++) await new Promise((tell) => setTimeout(tell, 20));
  assert.equal(isThere(), false, "nothing is left");
});
