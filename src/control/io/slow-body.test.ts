import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { test } from "node:test";
import { slowBodyEnd } from "./slow-body.ts";

const bodyMs = 30;

test("[CO218] a body that does not end is cut; an answer that takes longer is not", async () => {
  const endSlowBody = slowBodyEnd(bodyMs);
  const server = createServer((incoming, response) => {
    endSlowBody(incoming);
    if (incoming.method === "GET") setTimeout(() => response.end("late"), 4 * bodyMs);
    incoming.on("error", () => undefined).resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  assert.ok(at !== null && typeof at === "object");
  const url = `http://127.0.0.1:${at.port}/`;
  try {
    assert.equal(await (await fetch(url)).text(), "late");
    const slow = request(url, { method: "POST", headers: { "content-length": "100" }, agent: false });
    const cut = new Promise<string>((resolve) => {
      slow.on("error", () => resolve("cut")).on("response", () => resolve("answered"));
    });
    slow.write("ten bytes.");
    assert.equal(await cut, "cut");
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
