import assert from "node:assert/strict";
import { test } from "node:test";
import { readEventsUrl } from "./events-url.ts";

test("[DA141] MILLRACE_EVENTS_URL names brokers and a prefix; nothing is this machine's own log", () => {
  assert.deepEqual(readEventsUrl(""), { kind: "own-log" });
  const kafka = (brokers: readonly string[], prefix: string): unknown => ({
    kind: "kafka",
    address: { brokers, prefix },
  });
  assert.deepEqual(
    readEventsUrl("kafka://h1:9092,h2:1/eu.millrace"),
    kafka(["h1:9092", "h2:1"], "eu.millrace"),
  );
  assert.deepEqual(readEventsUrl("kafka://h1"), kafka(["h1:9092"], "millrace"));
  assert.deepEqual(readEventsUrl("kafka://[::1]:9093/"), kafka(["[::1]:9093"], "millrace"));
});

test("[DA141] any other address is refused, and no password is repeated", () => {
  const odd = [
    "h1:9092",
    "http://h",
    "kafka://",
    "kafka://h:0",
    "kafka://h:99999",
    "kafka://h,,g",
    "kafka://h/a/b",
  ];
  for (const text of [...odd, "kafka://h/..", "kafka://h/a b", "kafka://h/ü"]) {
    assert.equal(readEventsUrl(text).kind, "refused", text);
  }
  const secret = readEventsUrl("kafka://me:hunter2@h:9092/p");
  assert.ok(secret.kind === "refused" && !JSON.stringify(secret).includes("hunter2"));
});
