// Why a viewer is sent where: the control plane's answer, and the terminal that asks it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { openSecrets } from "#control/io/secrets.ts";
import { goodReport, smallTitle, smallTitleFiles } from "#test/fixtures/small-network.ts";
import { opsExplain } from "#wire/ops.ts";
import { client } from "./control-client.ts";
import { openPlane, operator } from "./control-plane.ts";

const film = "film-1";

async function terminal(
  home: string,
  password: string,
  ...words: string[]
): Promise<{ status: unknown; out: string; err: string }> {
  const child = spawn(process.execPath, ["src/bin/millrace.ts", "steer", "explain", ...words], {
    env: { PATH: process.env.PATH, MILLRACE_HOME: home },
  });
  child.stdin.end(`${password}\n`);
  const ended = once(child, "close");
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await ended;
  return { status, out, err };
}

test("[ST26] the API and the terminal say the same of one decision", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "millrace-explain-"));
  const plane = await openPlane(home);
  t.after(async () => {
    await plane.close();
    await rm(home, { recursive: true, force: true });
  });
  const { url } = plane.control;
  await plane.control.publishTitle(smallTitle(film));
  const { applianceToken } = await openSecrets(join(home, "secrets.json"));
  const report = goodReport("http://127.0.1.11:8181", smallTitleFiles(film), 0);
  const bearer = { authorization: `Bearer ${applianceToken}` };
  assert.equal((await client(url).post("/v1/appliances/a1/report", report, bearer)).status, 200);

  const op = client(url);
  await op.signIn(operator.email, operator.password);
  const path = "/v1/ops/steer/explain?client=203.0.113.10";
  const answer = opsExplain.parse((await op.get(`${path}&title=${film}&session=s`)).body);
  assert.match(answer.text, /^viewer 203\.0\.113\.10, session s, title film-1\n/);
  assert.match(answer.text, /^1\. a1 at /m);
  assert.match(answer.text, /^ {5}\d+ appliances − .* = 1$/m);
  assert.equal((await op.get(`${path}&title=none`)).code, "unknown-title");
  assert.equal((await op.get("/v1/ops/steer/explain?client=north")).code, "no-address");

  const words = ["--control", url, "--email", operator.email, "--client", "203.0.113.10"];
  const asked = [...words, "--title", film, "--session", "s"];
  const said = await terminal(home, operator.password, ...asked);
  assert.deepEqual([said.status, said.out], [0, answer.text], said.err);
  const wrong = await terminal(home, "not the password", ...asked);
  assert.deepEqual([wrong.status, wrong.out], [1, ""]);
  assert.match(wrong.err, /answered 401/);
});
