// The hands of the fill against peers that misbehave, one habit at a time, and a clock that the test holds.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { partialName, type WantedBundle } from "#edge/fill-state.ts";
import { openDisk } from "#edge/io/disk.ts";
import { type Fetched, fetchFile } from "#edge/io/fetch-file.ts";
import { Fill, type FillWindowReport } from "#edge/io/fill.ts";
import { openGate, RateGate } from "#edge/io/rate-gate.ts";
import { bitsPerSecond, bytes, bytesPerSecond, milliseconds } from "#units/quantity.ts";
import { lazyPeer } from "./edge-peers.ts";
import { k1, type Scope, strength, tempFolder, until } from "./edge-rig.ts";

const size = 200_000;
const film = Buffer.from(Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) % 256));
const half = size / 2;
const sha256 = createHash("sha256").update(film).digest("hex");

type Answering = (answer: ServerResponse, asked: IncomingMessage) => void;

function from(asked: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(asked.headers.range ?? "")?.[1] ?? 0);
}

/** As a peer should; the habits below each change one thing. */
function honest(content: Buffer, head: Record<string, string> = {}): Answering {
  return (answer, asked) => {
    const at = from(asked);
    const range = at > 0 ? { "content-range": `bytes ${at}-${content.length - 1}/${content.length}` } : {};
    answer.writeHead(at > 0 ? 206 : 200, { "content-length": `${content.length - at}`, ...range, ...head });
    answer.end(content.subarray(at));
  };
}

/** What comes of one try where `had` bytes lie there already, and what lies there afterwards. */
async function tried(
  t: Scope,
  answering: Answering,
  had = 0,
): Promise<Fetched & { readonly partial: Buffer }> {
  const path = join(tempFolder(t), "film.part");
  if (had > 0) writeFileSync(path, film.subarray(0, had));
  const found = await fetchFile({
    ...{ url: await lazyPeer(t, answering), path, bytes: size, stallMs: 2000, floor: bytesPerSecond(0) },
    ...{ gate: openGate(bytesPerSecond(0)), isUrgent: false, signal: new AbortController().signal },
  });
  return { ...found, partial: readFileSync(path) };
}

test("[ED22] a file comes whole, and by range behind what is there", async (t) => {
  const whole = await tried(t, honest(film));
  assert.deepEqual([whole.kind, whole.received, whole.partial.equals(film)], ["arrived", size, true]);
  const rest = await tried(t, honest(film), half);
  assert.deepEqual([rest.kind, rest.received, rest.partial.equals(film)], ["arrived", half, true]);
  assert.ok(rest.kind === "arrived" && rest.resumed);
  const open = await tried(t, honest(film, { "content-range": `bytes ${half}-${size - 1}/*` }), half);
  assert.equal(open.kind, "arrived", "a length that the peer does not tell is none that is wrong");
});

test("[ED202] a peer that answers a range with the whole gives the whole, with nothing of before in it", async (t) => {
  const found = await tried(
    t,
    (answer) => answer.writeHead(200, { "content-length": `${size}` }).end(film),
    half,
  );
  assert.ok(found.kind === "arrived" && !found.resumed);
  assert.ok(found.partial.equals(film));
});

test("[ED202] another range than was asked for, another length or none of it: refused, and what was there is kept", async (t) => {
  const habits: readonly [string, Answering, RegExp][] = [
    [
      "another start",
      honest(film, { "content-range": `bytes 0-${size - 1}/${size}` }),
      /answered with bytes 0-/,
    ],
    ["another file", honest(film, { "content-range": `bytes ${half}-${size - 1}/999999` }), /999999/],
    ["an early end", honest(film, { "content-range": `bytes ${half}-${size - 2}/${size}` }), /answered with/],
    ["no range at all", (answer) => answer.writeHead(206).end(film.subarray(half)), /answered with null/],
    ["a shorter file", honest(film.subarray(0, size - 1)), /answered with/],
    ["not satisfiable", (answer) => answer.writeHead(416).end(), /it answered 416/],
    [
      "whole, and short",
      (answer) => answer.writeHead(200, { "content-length": "10" }).end("0123456789"),
      /offered 10/,
    ],
    ["gone", (answer) => answer.writeHead(404).end(), /it answered 404/],
  ];
  for (const [name, habit, words] of habits) {
    const found = await tried(t, habit, half);
    assert.ok(
      found.kind === "failed" && ["refused", "wrong-size"].includes(found.why),
      `${name}: ${found.kind}`,
    );
    assert.match(found.detail, words, name);
    assert.deepEqual([found.partialBytes, found.received], [half, 0], name);
    assert.ok(found.partial.equals(film.subarray(0, half)), name);
  }
});

test("[ED21] fewer bytes than promised are kept; more than were published are thrown away, with what came before", async (t) => {
  const dies: Answering = (answer) => {
    answer.writeHead(200, { "content-length": `${size}` });
    answer.write(film.subarray(0, half), () => answer.destroy());
  };
  const fewer = await tried(t, dies);
  assert.ok(fewer.kind === "failed" && fewer.why === "unreachable");
  assert.ok(fewer.received > 0 && fewer.received === fewer.partialBytes);
  assert.ok(
    fewer.partial.equals(film.subarray(0, fewer.partialBytes)),
    "what had come when the connection died",
  );
  const ends = await tried(t, (answer) => answer.writeHead(200).end(film.subarray(0, half)));
  assert.ok(ends.kind === "failed" && /it ended after 100000 of 200000/.test(ends.detail));
  const more = await tried(t, (answer) => answer.writeHead(200).end(Buffer.concat([film, film])), 0);
  assert.ok(more.kind === "failed" && more.why === "wrong-size");
  assert.deepEqual([more.partialBytes, more.partial.length], [0, 0]);
});

/** Time that stands still until the test moves it. */
class HeldClock {
  wall = Date.UTC(2026, 4, 5, 3);
  mono = 0;
  wallMs = (): ReturnType<typeof milliseconds> => milliseconds(this.wall);
  monoMs = (): ReturnType<typeof milliseconds> => milliseconds(this.mono);

  move(ms: number): void {
    this.wall += ms;
    this.mono += ms;
  }
}

interface Filling {
  readonly fill: Fill;
  readonly clock: HeldClock;
  readonly folder: string;
  readonly windows: FillWindowReport[];
}

const night = { window: { zone: "UTC", opensAtMinute: 120, hours: 2 }, rateBps: 0, urgentShare: 0.25 };

async function openFill(t: Scope, gate: RateGate): Promise<Filling> {
  const disk = await openDisk(join(tempFolder(t), "box"));
  const clock = new HeldClock();
  const windows: FillWindowReport[] = [];
  const fill = new Fill({
    ...{ applianceId: "a1", disk, strength, gate, clock, stallMs: 2000, floor: bytesPerSecond(0) },
    limits: {
      ...{
        budget: bytes(1e9),
        fetches: 2,
        checks: 2,
        retryMin: milliseconds(10),
        retryMax: milliseconds(50),
      },
      ...{ cap: bitsPerSecond(0), throughput: bitsPerSecond(1e9), limitShare: 0.85, window: "plan" },
    },
    signal: new AbortController().signal,
    onChange: () => undefined,
    onDisk: () => undefined,
    onQuarantine: async () => undefined,
    onEvent: () => undefined,
    onWindow: (window) => windows.push(window),
    load: () => 0,
  });
  t.after(() => fill.stop());
  return { fill, clock, folder: disk.folder, windows };
}

function bundle(...sources: WantedBundle["sources"]): WantedBundle {
  return { id: "t1/v", titleId: "t1", files: [{ path: "v/film.m4s", bytes: size, sha256 }], sources };
}

const peer = (sourceId: string, baseUrl: string) => ({ sourceId, kind: "peer" as const, baseUrl });

test("[ED22] a lie in the resumed half alone is found, and costs no more than its source", async (t) => {
  const lie = Buffer.concat([film.subarray(0, half), Buffer.alloc(half, 1)]);
  const dies: Answering = (answer) => answer.writeHead(200).end(film.subarray(0, half));
  const asked: string[] = [];
  const noting = (name: string, answering: Answering): Promise<string> =>
    lazyPeer(t, (answer, request) => {
      asked.push(`${name} from ${from(request)}`);
      answering(answer, request);
    });
  const { fill, clock } = await openFill(t, openGate(bytesPerSecond(0), 2));
  const sources = [
    peer("dies", await noting("dies", dies)),
    peer("lies", await noting("lies", honest(lie))),
    peer("good", await noting("good", honest(film))),
  ];
  fill.take([bundle(...sources)], k1);
  await fill.begin(new Map());
  await until("it is whole", () => fill.report().verified.length === 1);
  assert.deepEqual(asked, ["dies from 0", `lies from ${half}`, "lies from 0", "good from 0"]);
  assert.equal(fill.report().rejected, 2);
  assert.equal(clock.mono, 0, "no pause was waited for");
});

test("[ED192] when the window ends the connection is closed and no byte more is taken in; the next night goes on from there", async (t) => {
  const open = new Set<ServerResponse>();
  const ranges: (string | undefined)[] = [];
  let isPatient = true;
  const url = await lazyPeer(t, (answer, asked) => {
    ranges.push(asked.headers.range);
    if (!isPatient) return honest(film)(answer, asked);
    open.add(answer);
    answer.once("close", () => open.delete(answer));
    answer.writeHead(200, { "content-length": `${size}` });
    answer.write(film.subarray(0, half));
  });
  const { fill, clock, windows } = await openFill(t, openGate(bytesPerSecond(0), 2));
  fill.take([bundle(peer("p1", url))], k1, night);
  await fill.begin(new Map());
  await until("it is under way", () => open.size === 1);
  clock.move(3_600_000);
  await until("its connection is closed", () => open.size === 0);
  await until("the fill has noticed", () => !fill.isWorking());
  const { deferred, urgent, window, bytesFromPeers, lastProblem } = fill.report();
  assert.deepEqual([deferred, urgent, lastProblem], [1, 0, ""]);
  assert.deepEqual(window, { isOpen: false, changesAtMs: Date.UTC(2026, 4, 6, 2) });
  assert.deepEqual(ranges, [undefined], "nobody was asked again");
  isPatient = false;
  clock.move(22 * 3_600_000);
  await until("it is whole", () => fill.report().verified.length === 1);
  assert.deepEqual(ranges, [undefined, `bytes=${bytesFromPeers}-`]);
  assert.deepEqual(
    windows.map(({ isOpen }) => isOpen),
    [true, false, true],
    "one word for each change",
  );
  assert.equal(fill.report().bytesFromPeers, size, "no byte twice");
});

test("[ED205] a disk that takes neither the download nor its place is tried again, and the other files come", async (t) => {
  const url = await lazyPeer(t, honest(film));
  const { fill, clock, folder } = await openFill(t, openGate(bytesPerSecond(0), 2));
  const titles = ["t1", "t2"].map((titleId) => ({ ...bundle(peer("p1", url)), id: `${titleId}/v`, titleId }));
  const name = partialName({ key: "t2/v/film.m4s", sha256 });
  const [place, beginning] = [join(folder, "v/t1"), join(folder, "incoming", name)];
  await fill.begin(new Map());
  writeFileSync(place, "a file where a folder is wanted");
  mkdirSync(beginning);
  fill.take([...titles, { ...bundle(peer("p1", url)), id: "t3/v", titleId: "t3" }], k1);
  await until("the third is whole", () => fill.report().verified.length === 1);
  await until("both are told", () => /t[12]\/v\/film.m4s: E[A-Z]+/.test(fill.report().lastProblem));
  rmSync(place);
  rmdirSync(beginning);
  await until("all are whole", () => {
    clock.move(10);
    return fill.report().verified.length === 3;
  });
  assert.ok(readFileSync(join(folder, "v/t1/v/film.m4s")).equals(film));
});

test("[ED195] at the bucket what is urgent goes first, and who is stopped makes way", async () => {
  const gate = new RateGate(bytesPerSecond(0), 4);
  const [never, stopped] = [new AbortController(), new AbortController()];
  const order: string[] = [];
  const take = async (name: string, isUrgent: boolean, signal = never.signal): Promise<void> => {
    const granted = await gate.take(1000, signal, isUrgent);
    order.push(`${name} ${granted}`);
  };
  const all = [take("a", false), take("b", true), take("c", false, stopped.signal), take("d", true)];
  stopped.abort();
  await new Promise(setImmediate);
  gate.setRate(bytesPerSecond(Number.POSITIVE_INFINITY));
  await Promise.all(all);
  assert.deepEqual(order.toSorted(), ["a 1000", "b 1000", "c 0", "d 1000"]);
  assert.deepEqual(
    order.filter((line) => line !== "c 0"),
    ["b 1000", "d 1000", "a 1000"],
  );
});
