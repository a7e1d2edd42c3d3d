import assert from "node:assert/strict";
import { test } from "node:test";
import { unreadableIn } from "./error-log.ts";

/** As nginx 1.22 writes them, but for the addresses. */
const folder = "/srv/v/box";
const stamp = "2026/11/26 08:00:00 [alert] 7#8: *9 ";
const client = "client: 192.0.2.1, server: ";
const request = 'request: "GET /t/1790000000/s1/k1.abc/v/t1/v360/3.m4s?CMCD=bl%3D2000 HTTP/1.1", host: "x"';
const sending = `${stamp}sendfile() failed (5: Input/output error) while sending response to client, ${client}, ${request}`;
const reading = `${stamp}pread() "${folder}/v/t2/a/0.m4s" failed (5: Input/output error), client: 192.0.2.1`;

test("[ED159] files that the disk did not give back are read from the error log, each once", () => {
  assert.deepEqual(unreadableIn([sending, reading, sending, ""].join("\n"), folder), [
    "t1/v360/3.m4s",
    "t2/a/0.m4s",
  ]);
});

test("[ED159] other failures, and names that no file can have, are no suspicion", () => {
  const gone = sending.replace("(5: Input/output error)", "(104: Connection reset by peer)");
  const odd = sending.replace("/v/t1/v360/3.m4s", "/v/../../etc/passwd");
  assert.deepEqual(unreadableIn([gone, odd, `${stamp}recv() failed (5: x)`].join("\n"), folder), []);
});

test("[ED159] what a client says is no failure, wherever it says it", () => {
  const words = "sendfile() failed (5: Input/output error)";
  const post = 'request: "POST /t/1790000000/s1/k1.abc/v/t1/v360/3.m4s HTTP/1.1"';
  const large = `${stamp}client intended to send too large body: 9999 bytes, client: 192.0.2.1, server: , ${post}`;
  const lies = [`host: "x", referrer: "${words}"`, `host: "${words}"`].map((lie) => `${large}, ${lie}`);
  assert.deepEqual(unreadableIn(lies.join("\n"), folder), []);
  const other = sending.replace("GET /t/", "GET /v/t9/a HTTP/1.1 /t/");
  assert.deepEqual(unreadableIn(`${other}, referrer: "/v/t9/b"`, folder), []);
});
