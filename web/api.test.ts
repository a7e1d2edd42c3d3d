import assert from "node:assert/strict";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { z } from "zod";
import { deadlineHeader } from "#wire/deadline.ts";
import { ApiError, apiEvents, getJson, postJson } from "./api.ts";

const answer = z.object({ name: z.string(), size: z.number() });

/** A tiny control plane that gives the same answer to everything, on loopback. */
async function answering(t: TestContext, status: number, body: string): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status).end(body);
  });
  await listening(server);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return addressOf(server);
}

function listening(server: Server): Promise<void> {
  return new Promise((done) => server.listen(0, "127.0.0.1", done));
}

function addressOf(server: Server): string {
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return `http://127.0.0.1:${address.port}`;
}

async function refused(asked: Promise<unknown>): Promise<ApiError> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ApiError, `wanted an ApiError, found ${String(error)}`);
  return error;
}

test("[WE1] an answer that fits its schema is handed over", async (t) => {
  const url = await answering(t, 200, '{"name":"bunny","size":3}');
  assert.deepEqual(await getJson(url, answer), { name: "bunny", size: 3 });
  assert.deepEqual(await postJson(url, { any: 1 }, answer), { name: "bunny", size: 3 });
});

test("[WE1] an answer that does not fit is refused with the place where it differs", async (t) => {
  const url = await answering(t, 200, '{"name":"bunny","size":"big"}');
  const error = await refused(getJson(url, answer));
  assert.equal(error.code, "unexpected-answer");
  assert.match(error.message, /size/);
});

test("[WE1] an answer that is no JSON is refused", async (t) => {
  const error = await refused(getJson(await answering(t, 200, "<html>"), answer));
  assert.equal(error.code, "unexpected-answer");
});

test("[WE2] a refusal carries the control plane's code and sentence", async (t) => {
  const url = await answering(t, 403, '{"error":{"code":"not-yours","message":"That is not yours."}}');
  const error = await refused(getJson(url, answer));
  assert.deepEqual([error.status, error.code, error.message], [403, "not-yours", "That is not yours."]);
});

test("[WE2] a refusal without an explanation still says its status", async (t) => {
  const error = await refused(getJson(await answering(t, 502, "bad gateway"), answer));
  assert.deepEqual([error.status, error.code], [502, "http-502"]);
});

test("[WE2] no answer at all is status 0", async () => {
  const server = createServer();
  await listening(server);
  const url = addressOf(server);
  await new Promise((done) => server.close(done));
  const error = await refused(getJson(url, answer));
  assert.deepEqual([error.status, error.code], [0, "unreachable"]);
});

test("[WE2] an abort by the page itself is not an ApiError", async (t) => {
  const url = await answering(t, 200, "{}");
  await assert.rejects(getJson(url, answer, AbortSignal.abort()), { name: "AbortError" });
});

test("[WE2] nothing is parsed where nothing is expected", async (t) => {
  const url = await answering(t, 200, "");
  assert.equal(await postJson(url, {}, undefined), undefined);
});

test("[WE3] any 401 is announced", async (t) => {
  const url = await answering(t, 401, '{"error":{"code":"signed-out","message":"Sign in."}}');
  let announced = 0;
  const count = (): void => {
    announced += 1;
  };
  apiEvents.addEventListener("signed-out", count);
  t.after(() => apiEvents.removeEventListener("signed-out", count));
  await refused(getJson(url, answer));
  await refused(postJson(url, {}, undefined));
  assert.equal(announced, 2);
});

test("[WE51] a request says how long its page waits, and waits no longer", async (t) => {
  const said: unknown[] = [];
  const hanging = createServer((request) => {
    said.push([request.method, request.headers[deadlineHeader], request.headers["content-type"]]);
    if (said.length < 3) request.socket.destroy();
  });
  await listening(hanging);
  t.after(() => {
    hanging.closeAllConnections();
    hanging.close();
  });
  const url = addressOf(hanging);
  await refused(getJson(url, answer));
  await refused(postJson(url, {}, undefined, new AbortController().signal));
  const { signal } = new AbortController();
  const late = await refused(postJson(url, {}, answer, { signal, withinMs: 50 }));
  assert.deepEqual([late.status, late.code], [0, "deadline"]);
  assert.match(late.message, /within 0\.05 seconds/);
  assert.deepEqual(said, [
    ["GET", "10.000", undefined],
    ["POST", "10.000", "application/json"],
    ["POST", "0.050", "application/json"],
  ]);
});
