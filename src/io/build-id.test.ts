import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { buildIdIn, buildParts, formativeIn, partIds } from "./build-id.ts";

const { signal } = new AbortController();

/** The first bytes of an ELF file with one note of the linker's, behind another note. */
function elf(id: readonly number[], type = 3): Uint8Array {
  const bytes = Buffer.alloc(256);
  bytes.write("\x7fELF\x02\x01", "latin1");
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(2, 56);
  bytes.writeUInt32LE(1, 64);
  bytes.writeUInt32LE(4, 120);
  bytes.writeBigUInt64LE(180n, 128);
  bytes.writeBigUInt64LE(BigInt(20 + 16 + id.length), 152);
  for (const [index, value] of [4, 2, 1].entries()) bytes.writeUInt32LE(value, 180 + 4 * index);
  bytes.write("GNU\0", 192, "latin1");
  for (const [index, value] of [4, id.length, type].entries()) bytes.writeUInt32LE(value, 200 + 4 * index);
  bytes.write("GNU\0", 212, "latin1");
  bytes.set(id, 216);
  return bytes;
}

test("[EN82] the linker's id is read from an executable's first bytes; whatever else they are, there is none", () => {
  assert.equal(buildIdIn(elf([0xab, 0xcd, 1, 2])), "abcd0102");
  assert.equal(buildIdIn(elf([1, 2, 3, 4], 5)), undefined);
  assert.equal(buildIdIn(new TextEncoder().encode("#!/bin/sh\nexec ffmpeg\n".padEnd(100))), undefined);
  const whole = elf([1, 2, 3, 4]);
  for (let length = 0; length < 220; length++) assert.equal(buildIdIn(whole.subarray(0, length)), undefined);
});

test("[EN82] no byte that is wrong makes the reader fail", () => {
  for (let at = 6; at < 222; at++) {
    for (const value of [0, 1, 3, 0x7f, 0x80, 0xff]) {
      const bytes = elf([1, 2, 3, 4]);
      bytes[at] = value;
      assert.match(buildIdIn(bytes) ?? "00", /^([0-9a-f]{2})+$/, `byte ${at} is ${value}`);
    }
  }
});

test("[EN82] a rebuilt encoder library is another build behind the same words; one that makes no pictures is not", async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-build-"));
  try {
    const [encoder, sound] = [join(folder, "libx264.so.164"), join(folder, "libpulse.so.0")];
    const ldd = [
      "\tlinux-vdso.so.1 (0x00007ffd1)",
      `\tlibx264.so.164 => ${encoder} (0x00007f1)`,
      `\tlibpulse.so.0 => ${sound} (0x00007f2)`,
      "\t/lib64/ld-linux-x86-64.so.2 (0x00007f3)",
    ].join("\n");
    const parts = () => partIds(formativeIn(ldd), signal);
    await writeFile(encoder, elf([1, 2]));
    await writeFile(sound, elf([7, 7]));
    assert.deepEqual(await parts(), ["libx264.so.164 0102"]);
    await writeFile(sound, elf([8, 8]));
    assert.deepEqual(await parts(), ["libx264.so.164 0102"]);
    await writeFile(encoder, elf([1, 3]));
    assert.deepEqual(await parts(), ["libx264.so.164 0103"]);
    await writeFile(encoder, "linked without an id");
    const [hashed = ""] = await parts();
    assert.match(hashed, /^libx264\.so\.164 [0-9a-f]{64}$/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("[EN82] this very program has an id, and a program that is not there has no parts", async () => {
  assert.match((await buildParts(process.execPath, signal))[0] ?? "", / [0-9a-f]{16,}$/);
  assert.deepEqual(await buildParts("no-such-program", signal), []);
});
