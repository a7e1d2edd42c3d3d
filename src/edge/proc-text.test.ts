import assert from "node:assert/strict";
import { test } from "node:test";
import { fileLimits, meanReadMs, readsOf } from "./proc-text.ts";

const diskstats = `   7       0 loop0 11 0 28 0 0 0 0 0 0 4 0 0 0 0 0 0 0
 254       0 vda 5000 12 90000 2500 800 20 7000 900 0 1000 3400 0 0 0 0 0 0
 259   70000 nvme0n1 7 0 0 21 0 0 0 0 0 0 0
`;

test("[ED83] a disk's reads are found by its device, and their mean is of what was read between", () => {
  assert.deepEqual(readsOf(diskstats, 0xfe00), { reads: 5000, ms: 2500 });
  assert.deepEqual(readsOf(diskstats, (259 << 8) | (70_000 & 0xff) | ((70_000 & 0xfff00) << 12)), {
    reads: 7,
    ms: 21,
  });
  assert.equal(readsOf(diskstats, 0x2a), undefined, "a file system without a device");
  assert.equal(meanReadMs({ reads: 5000, ms: 2500 }, { reads: 5010, ms: 2530 }), 3);
  assert.equal(meanReadMs({ reads: 5000, ms: 2500 }, { reads: 5000, ms: 2500 }), undefined);
});

test("[ED80] limits of file handles are read, those without end too", () => {
  const text =
    "Limit   Soft Limit Hard Limit Units\nMax open files            1024                 unlimited            files\n";
  assert.deepEqual(fileLimits(text), { soft: 1024, hard: Number.MAX_SAFE_INTEGER });
  assert.equal(fileLimits("nothing"), undefined);
});
