import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ArrivalUsage } from "#model/arrival.ts";
import { shownName, titleNameOf } from "./file-name.ts";
import { noRoomFault } from "./no-room.ts";
import { nextPiece } from "./pace.ts";
import { noRoomFor, type RoomLimits } from "./quota.ts";
import { readWords } from "./sender-words.ts";
import { readServer } from "./server-address.ts";

const seed = 80_229;

test("[PB1] of a sender's file name only the last part is shown, without what could deceive", () => {
  const cases: readonly (readonly [given: string, shown: string])[] = [
    ["film.mov", "film.mov"],
    ["../../etc/passwd", "passwd"],
    ["C:\\films\\a.mp4", "a.mp4"],
    ["/", "film"],
    ["..", "film"],
    ["", "film"],
    ["a\u0000b\u001b[31m.mp4", "ab[31m.mp4"],
    ["\u202egpj.exe.mp4", "gpj.exe.mp4"],
    ["a\n\r\tb.mp4", "ab.mp4"],
    [" Żółw  亀 🐢.mkv ", "Żółw 亀 🐢.mkv"],
    ["x".repeat(500), "x".repeat(120)],
  ];
  for (const [given, shown] of cases) assert.equal(shownName(given), shown, JSON.stringify(given));
  assert.equal(titleNameOf("Big Film.final.mov"), "Big Film.final");
  assert.equal(titleNameOf(".mov"), ".mov");
});

test("[PB1] law: no name holds a slash, a control or a mark, is empty, or is longer than 120 characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (given) => {
      const shown = shownName(given);
      assert.doesNotMatch(shown, /[/\\\p{Cc}\p{Cf}\p{Cs}]/u);
      assert.ok(shown !== "" && shown !== "." && shown !== ".." && Array.from(shown).length <= 120);
      assert.equal(shownName(shown), shown);
    }),
    { seed, numRuns: 100 },
  );
});

test("[PB2] file name, title name and sha256 are read, and a sha256 that is none is refused", () => {
  const sha256 = "AB".repeat(32);
  assert.deepEqual(readWords({ filename: "a/Film.mov", sha256 }), {
    kind: "words",
    words: { fileName: "Film.mov", titleName: "Film", sha256: sha256.toLowerCase() },
  });
  const named = readWords({ filename: "f.mov", name: "Either/Or" });
  assert.equal(named.kind === "words" && named.words.titleName, "Either∕Or");
  assert.equal(readWords({}).kind, "words");
  for (const wrong of ["12", "g".repeat(64), "a".repeat(65)]) {
    assert.deepEqual(readWords({ sha256: wrong }), {
      kind: "refused",
      what: "sha256 is 64 hexadecimal digits",
    });
  }
});

const limits: RoomLimits = {
  ...{ mostOpen: 3, mostOpenBytes: 100, mostStoredBytes: 200, largestBytes: 80, leastFreeBytes: 50 },
};
const none: ArrivalUsage = { open: 0, openBytes: 0, storedBytes: 0, promisedBytes: 0 };
const disk = { freeBytes: 1000, arrivedBytes: 0 };

test("[PB4] the first limit that is met is named with its figures", () => {
  const cases = [
    [81, none, disk, "upload-too-large", 413],
    [1, { ...none, open: 3 }, disk, "upload-too-many-open", 429],
    [41, { ...none, open: 1, openBytes: 60 }, disk, "upload-open-full", 413],
    [41, { ...none, storedBytes: 160 }, disk, "upload-account-full", 413],
    [41, { ...none, promisedBytes: 60 }, { freeBytes: 140, arrivedBytes: 10 }, "upload-disk-full", 507],
  ] as const;
  for (const [bytes, usage, room, code, status] of cases) {
    const refusal = noRoomFor(bytes, usage, limits, room);
    assert.ok(refusal !== undefined, code);
    const fault = noRoomFault(bytes, refusal);
    assert.deepEqual([fault.code, fault.status], [code, status]);
    assert.match(fault.message, /MILLRACE_UPLOAD_/);
    assert.doesNotMatch(fault.message, /\{/);
  }
  assert.equal(
    noRoomFor(40, { ...none, promisedBytes: 60 }, limits, { freeBytes: 140, arrivedBytes: 10 }),
    undefined,
  );
});

interface World {
  readonly files: Map<number, { readonly account: number; readonly bytes: number; come: number }>;
  stored: number[];
  free: number;
}

/** Lets files in as the rule says, has bytes come, and looks whether every promise holds at each moment. */
function livesThrough(
  steps: readonly (readonly [number, number, number])[],
  rule: typeof noRoomFor,
): boolean {
  const world: World = { files: new Map(), stored: [0, 0], free: 160 };
  let [next, holds] = [0, true];
  for (const [kind, account, size] of steps) {
    const open = [...world.files.values()];
    const own = open.filter((file) => file.account === account);
    const sum = (all: readonly { readonly bytes: number }[]): number =>
      all.reduce((total, { bytes }) => total + bytes, 0);
    if (kind === 0) {
      const usage = {
        ...{ open: own.length, openBytes: sum(own), promisedBytes: sum(open) },
        storedBytes: world.stored[account] ?? 0,
      };
      const arrivedBytes = open.reduce((total, { come }) => total + come, 0);
      const refusal = rule(size, usage, limits, { freeBytes: world.free, arrivedBytes });
      if (refusal === undefined) world.files.set(next++, { account, bytes: size, come: 0 });
    } else {
      const found = [...world.files][size % Math.max(1, world.files.size)];
      if (found === undefined) continue;
      const [id, file] = found;
      const more = Math.min(file.bytes - file.come, size);
      file.come += more;
      world.free -= more;
      if (file.come === file.bytes) {
        world.files.delete(id);
        world.stored[file.account] = (world.stored[file.account] ?? 0) + file.bytes;
      }
    }
    const owed = [...world.files.values()].reduce((total, file) => total + file.bytes - file.come, 0);
    const counts = [0, 1].map((who) => [...world.files.values()].filter((file) => file.account === who));
    holds &&= world.free - owed >= limits.leastFreeBytes;
    holds &&= counts.every((files, who) => {
      const all = sum(files) + (world.stored[who] ?? 0);
      return (
        files.length <= limits.mostOpen && sum(files) <= limits.mostOpenBytes && all <= limits.mostStoredBytes
      );
    });
  }
  return holds;
}

const steps = fc.array(
  fc.tuple(fc.constantFrom(0, 0, 1), fc.constantFrom(0, 1), fc.integer({ min: 1, max: 90 })),
  {
    maxLength: 60,
  },
);

test("[PB3] law: whatever is let in and comes, no account has more than its room and the disk keeps its least", () => {
  fc.assert(
    fc.property(steps, (run) => livesThrough(run, noRoomFor)),
    { seed, numRuns: 500 },
  );
  // A rule that forgets what was promised is caught.
  const forgetful: typeof noRoomFor = (bytes, usage, all, room) =>
    noRoomFor(bytes, { ...usage, promisedBytes: 0 }, all, { ...room, arrivedBytes: 0 });
  assert.equal(
    fc.check(
      fc.property(steps, (run) => livesThrough(run, forgetful)),
      { seed, numRuns: 500 },
    ).failed,
    true,
  );
});

test("[PB15] pieces follow the line within bounds, by four times at most", () => {
  const mebi = 2 ** 20;
  assert.equal(nextPiece(4 * mebi, 8000), 4 * mebi);
  assert.equal(nextPiece(4 * mebi, 10), 16 * mebi);
  assert.equal(nextPiece(4 * mebi, 800_000), mebi);
  assert.equal(nextPiece(200 * mebi, 1), 256 * mebi);
  assert.equal(nextPiece(100, 8000), 65_536);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 28 }), fc.integer({ min: 0, max: 10 ** 7 }), (bytes, took) => {
      const next = nextPiece(bytes, took);
      assert.ok(Number.isInteger(next) && next >= 65_536 && next <= 256 * mebi);
    }),
    { seed, numRuns: 300 },
  );
});

test("[PB22] a password goes over TLS or stays on this machine", () => {
  const kindOf = (text: string): string => {
    const reading = readServer(text);
    return reading.kind === "server" ? reading.origin : reading.because;
  };
  const cases = [
    ["https://films.example.org", "https://films.example.org"],
    ["https://films.example.org:8443/", "https://films.example.org:8443"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["http://[::1]:8080", "http://[::1]:8080"],
    ["http://films.example.org", "unsafe"],
    ["http://127.0.0.1.example.org", "unsafe"],
    ["http://localhost.example.org", "unsafe"],
    ["https://a:b@films.example.org", "no-address"],
    ["https://films.example.org/path", "no-address"],
    ["https://films.example.org/?a", "no-address"],
    ["ftp://films.example.org", "no-address"],
    ["films.example.org", "no-address"],
    ["", "no-address"],
  ];
  for (const [text = "", wanted] of cases) assert.equal(kindOf(text), wanted, text);
});
