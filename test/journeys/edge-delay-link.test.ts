// The link of `npm run bench -- edge --protocols`: what it loses, and that nothing of it stays.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { type DelayLink, missingForDelayLink, openDelayLink, serverAddress } from "#bench/edge-delay-link.ts";
import { run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";

const { signal } = new AbortController();
const missing = await missingForDelayLink();
const skip = missing.length > 0 && `needs ${missing.join(", ")}`;
/** Few enough that all of them find room in a socket whose program gets no processor. */
const count = 100;
const deadline = milliseconds(30_000);

/** Sends numbers from the server's end when it is asked to, then "end" until nobody asks any more. */
const sender = `
  const socket = require("dgram").createSocket("udp4");
  socket.bind(7000, "${serverAddress}", () => console.log("ready"));
  socket.once("message", (_, { port, address }) => {
    for (let i = 0; i < ${count}; i++) socket.send(String(i).padEnd(300), port, address);
    setInterval(() => socket.send("end", port, address), 20);
  });
  process.stdin.on("end", () => process.exit(0)).resume();`;

/** Its buffer, and the rate, give it 0.1 s in which it does not run: what is lost there would be taken for the link's. */
const receiver = `
  const socket = require("dgram").createSocket("udp4");
  const got = [];
  socket.on("message", (text) => {
    if (String(text) !== "end") return got.push(Number(text));
    console.log(JSON.stringify(got));
    process.exit(0);
  });
  socket.bind(0, () => {
    socket.setRecvBufferSize(2 ** 20);
    socket.send("begin", 7000, "${serverAddress}");
  });`;

/** The numbers that came through, in their order. */
async function arrived(link: DelayLink): Promise<readonly number[]> {
  const over = new AbortController();
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const sending = run({
    argv: [...link.atServer, process.execPath, "-e", sender],
    ...{ signal: over.signal, deadline, stdin: "open", orphan: "dies", onStdout: () => resolve() },
  }).catch(() => undefined);
  await ready;
  const { stdout } = await run({
    argv: [...link.atViewer, process.execPath, "-e", receiver],
    signal,
    deadline,
  });
  over.abort();
  await sending;
  return z.array(z.number()).parse(JSON.parse(stdout));
}

test("[ED137] the link loses the same packets for the same seed, about as many as ordered, and none without an order", {
  skip,
}, async () => {
  const link = await openDelayLink({ bitsPerSecond: 8e6, delayMs: 5, queueBytes: 1e6 }, signal);
  const mine = readdirSync("/run/netns").filter((name) => name.includes(`${process.pid}`));
  assert.equal(mine.length, 2);
  try {
    await link.lose(0, 1);
    assert.deepEqual(
      await arrived(link),
      Array.from({ length: count }, (_, i) => i),
      "all of them, in their order",
    );
    const before = await link.lose(0.2, 7);
    assert.ok(before.passed >= count && before.lost === 0 && before.overflown === 0, JSON.stringify(before));
    const once = await arrived(link);
    assert.ok(once.length > count * 0.7 && once.length < count * 0.9, `${once.length} of ${count}`);
    await link.lose(0.2, 7);
    assert.deepEqual(await arrived(link), once);
    await link.lose(0.2, 8);
    assert.notDeepEqual(await arrived(link), once);
  } finally {
    await link.close();
  }
  assert.ok(mine.every((name) => !existsSync(`/run/netns/${name}`)));
});

test("[ED137] what does not fit the queue is dropped", { skip }, async () => {
  const link = await openDelayLink({ bitsPerSecond: 200_000, delayMs: 1, queueBytes: 3000 }, signal);
  try {
    const few = await arrived(link);
    assert.ok(few.length >= 5 && few.length < count, `${few.length} of ${count}`);
    assert.ok((await link.lose(0, 1)).overflown > 0);
  } finally {
    await link.close();
  }
});
