// Control's own listener, where agents report and viewers sign in, and bytes that could be read in two ways.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { client } from "./control-client.ts";
import { openPlane, operator } from "./control-plane.ts";
import { converse } from "./edge-raw.ts";
import { brokenChunkCases, chunkCases, lengthCases, lineCases } from "./edge-smuggling-cases.ts";

/** Is answered 401 without an operator's cookie. */
const inner = "/v1/ops/appliances";

/** Node takes the first of two Hosts, where nginx refuses both. What follows is a request of its own either way. */
const followed = ["two Hosts"];

test("[ED141] at control's listener too no request is smuggled in another, and none borrows the cookie of the one before", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "millrace-control-smuggling-"));
  const plane = await openPlane(home);
  t.after(async () => {
    await plane.close();
    await rm(home, { recursive: true, force: true });
  });
  const chief = client(plane.control.url);
  await chief.signIn(operator.email, operator.password);
  assert.equal((await chief.get(inner)).status, 200, "the cookie opens it");
  const listen = new URL(plane.control.url).host;
  const cases = [
    ...Object.entries({
      ...lengthCases("/healthz", inner),
      ...chunkCases("/healthz", inner),
      ...lineCases("/healthz", inner),
    }).map(([name, { bytes, statuses }]) => {
      const more = statuses.filter((status) => status === 200).length === 2 || followed.includes(name);
      return { name, bytes, most: more ? 1 : 0 };
    }),
    ...Object.entries(brokenChunkCases("/healthz", inner)).map(([name, bytes]) => ({ name, bytes, most: 0 })),
  ];
  const talks = await Promise.all(
    cases.map(({ bytes }) => {
      const signedIn = bytes.replace("Host: edge\r\n", `$&Cookie: ${chief.cookie()}\r\n`);
      return converse(listen, signedIn, { answers: "any" });
    }),
  );
  for (const [i, { name, most }] of cases.entries()) {
    const { answers = [], closed } = talks[i] ?? {};
    assert.ok(closed, name);
    assert.ok(answers.filter(({ status }) => status === 401).length <= most, name);
    const told = answers.filter(({ status }) => status === 200).map(({ body }) => `${body}`);
    assert.ok(
      told.every((body) => body === '{"alive":true}'),
      `${name}: ${told}`,
    );
  }
  const all = talks.flatMap(({ answers }) => answers.map(({ status }) => status));
  assert.ok(all.includes(401) && all.filter((status) => status === 400).length > 30, `${all}`);
});
