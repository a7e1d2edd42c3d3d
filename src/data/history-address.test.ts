import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "#units/fault.ts";
import { readHistoryUrl } from "./history-address.ts";

test("[DA171] an address names hosts, keyspace, data centre, copies and who comes in", () => {
  assert.deepEqual(
    readHistoryUrl("cassandra://h1:9142,10.0.0.2/millrace?dc=eu-west&replication=2&tls=true"),
    {
      contactPoints: ["h1:9142", "10.0.0.2:9042"],
      keyspace: "millrace",
      dataCentre: "eu-west",
      replication: 2,
      login: undefined,
      tls: true,
      shown: "h1:9142,10.0.0.2:9042/millrace",
    },
  );
  const { login, replication, dataCentre, shown } = readHistoryUrl("cassandra://ann:p%40ss:w@a,b,c,d/k");
  assert.deepEqual(login, { user: "ann", password: "p@ss:w" });
  assert.deepEqual([replication, dataCentre], [3, "datacenter1"]);
  assert.doesNotMatch(shown, /ann|p@ss/);
});

test("[DA171] one that cannot be meant is refused, without a word of its password", () => {
  for (const url of [
    ...["postgresql://ann:secret@h/k", "cassandra://", "cassandra://h", "cassandra://h/", "cassandra:///k"],
    ...["cassandra://h:x/k", "cassandra://h/K", "cassandra://h/k;drop", "cassandra://ann:secret@h/9k"],
    ...[
      "cassandra://h/k?dc=",
      "cassandra://h/k?dc=a'b",
      "cassandra://h/k?replication=0",
      "cassandra://h/k?rf=3",
    ],
    ...["cassandra://ann:secret%@h/k", "cassandra://h/k?replication=secret"],
  ]) {
    assert.throws(
      () => readHistoryUrl(url),
      (error) => error instanceof Fault && error.code === "history-url" && !error.message.includes("secret"),
      url,
    );
  }
});
