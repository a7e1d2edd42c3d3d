import assert from "node:assert/strict";
import { test } from "node:test";
import { readEventsUrl } from "./events-url.ts";

test("[DA141] MILLRACE_EVENTS_URL names brokers and a prefix; nothing is this machine's own log", () => {
  assert.deepEqual(readEventsUrl(""), { kind: "own-log" });
  const kafka = (brokers: readonly string[], prefix: string): unknown => ({
    kind: "kafka",
    address: { brokers, prefix, tls: false, login: undefined },
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
});

test("[DA287] user, password, TLS and SASL are read; a password is never repeated, and goes nowhere in the clear", () => {
  const read = (text: string) => {
    const found = readEventsUrl(text);
    return found.kind === "kafka" ? found.address : found;
  };
  assert.deepEqual(read("kafka://h:9093/p?tls=true"), {
    ...{ brokers: ["h:9093"], prefix: "p", tls: true, login: undefined },
  });
  assert.deepEqual(read("kafka://me%40here:hunter%3A2%2F@h:9093,g/p?tls=true&sasl=scram-sha-512"), {
    ...{ brokers: ["h:9093", "g:9092"], prefix: "p", tls: true },
    login: { mechanism: "SCRAM-SHA-512", username: "me@here", password: "hunter:2/" },
  });
  for (const text of [
    "kafka://10.0.0.2,[::1]/p?tls=true",
    "kafka://h1,h2.10.example/p?tls=true",
    "kafka://h1,10.0.0.2/p",
  ])
    assert.ok("brokers" in read(text), text);
  const plain = read("kafka://me:hunter2@h/p?tls=true");
  assert.ok("login" in plain && plain.login?.mechanism === "PLAIN");
  assert.ok("login" in read("kafka://me:hunter2@h/p?sasl=scram-sha-256"), "whose password is not sent");
  const refused: Readonly<Record<string, RegExp>> = {
    "kafka://me:hunter2@h:9092/p": /in the clear without tls=true/,
    "kafka://me:hunter2@h:9092/p?tls=yes": /tls is true or false/,
    "kafka://me:hunter2@h:9092/p?tls=true&sasl=gssapi": /sasl is plain/,
    "kafka://me@h:9092/p?tls=true": /USER:PASSWORD/,
    "kafka://me:hunter2%@h:9092/p?tls=true": /percent-encoded/,
    "kafka://me:hunter2@@h:9092/p?tls=true": /@ is %40/,
    "kafka://h:9092/p?sasl=plain": /USER:PASSWORD/,
    "kafka://h:9092/p?ssl=true": /mean nothing here: ssl/,
    "kafka://h1:9093,10.0.0.2:9093/p?tls=true": /all names or all addresses/,
    "kafka://[::1],h1/p?tls=true": /all names or all addresses/,
  };
  for (const [text, because] of Object.entries(refused)) {
    const found = read(text);
    assert.ok("because" in found, text);
    assert.match(found.because, because);
    assert.ok(!found.because.includes("hunter2"), text);
  }
});
