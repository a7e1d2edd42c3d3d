import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { QueryObserver } from "@tanstack/react-query";
import { z } from "zod";
import { answers, queryOf } from "./use-resource.ts";

const schema = z.object({ path: z.string() });

test("[WE109] another question keeps the answer before until its own is there, where that is asked for, and not past a refusal", async (t) => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/refused" ? 403 : 200).end(JSON.stringify({ path: request.url }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    answers.clear();
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const query = (path: string, keepsLast: boolean) =>
    queryOf({ path: `http://127.0.0.1:${address.port}${path}`, schema, keepsLast });

  for (const keepsLast of [true, false]) {
    answers.clear();
    const observer = new QueryObserver(answers, query("/a", keepsLast));
    const stop = observer.subscribe(() => undefined);
    const first = await observer.refetch();
    assert.equal(first.data?.value.path, "/a");
    assert.ok(Math.abs(Date.now() - (first.data?.atMs ?? 0)) < 60_000);

    observer.setOptions(query("/b", keepsLast));
    const between = observer.getCurrentResult();
    assert.equal(between.isPlaceholderData, keepsLast);
    assert.deepEqual(between.data, keepsLast ? first.data : undefined);
    const second = await observer.refetch();
    assert.deepEqual([second.data?.value.path, second.isPlaceholderData], ["/b", false]);

    observer.setOptions(query("/refused", keepsLast));
    const refused = await observer.refetch();
    assert.equal(refused.data, undefined);
    assert.ok(refused.error !== null);
    stop();
  }
});
