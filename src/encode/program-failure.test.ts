import assert from "node:assert/strict";
import { test } from "node:test";
import { isCrash, machineFailure } from "./program-failure.ts";

test("[EN98] what the machine lacks is told from what is wrong with a film", () => {
  const cases = [
    [228, "av_interleaved_write_frame(): No space left on device", "disk-full"],
    [1, "x.mp4: Disk quota exceeded", "disk-full"],
    [1, "Error while filtering: Cannot allocate memory", "out-of-memory"],
    [255, "Exiting normally, received signal 24.", "cpu-limit"],
    [152, "", "cpu-limit"],
    [153, "", "file-limit"],
    ["SIGXFSZ", "", "file-limit"],
    [251, "Error writing trailer: File too large", "file-limit"],
    [137, "", "killed"],
    ["SIGKILL", "", "killed"],
    [255, "Exiting normally, received signal 15.", "killed"],
    ["SIGTERM", "", "killed"],
    [1, "av_write_frame(): No space left on device\n[libx264] i16: 80%\nConversion failed!", "disk-full"],
    [1, "  title           : No space left on device\nConversion failed!", undefined],
    [1, "    comment: Exiting normally, received signal 24.\nConversion failed!", undefined],
    [1, "Invalid data found when processing input", undefined],
    [69, "Conversion failed!", undefined],
    [183, "Invalid data found when processing input", undefined],
    [139, "", undefined],
    ["too much output", "", undefined],
  ] as const;
  for (const [status, stderr, wanted] of cases)
    assert.equal(machineFailure(status, stderr), wanted, `${status}: ${stderr}`);
});

test("[EN100] a crash, a kill and a hang are worth a second try; what would come again is not", () => {
  for (const status of [139, 134, 137, "SIGKILL", 143]) assert.ok(isCrash("process-failed", status, ""));
  assert.ok(isCrash("process-timeout", undefined, ""));
  for (const [status, stderr] of [
    [1, "Invalid data"],
    [183, "Invalid data"],
    [152, ""],
    [153, ""],
    [228, "No space left on device"],
    [134, "Cannot allocate memory"],
    ["too much output", ""],
  ])
    assert.ok(!isCrash("process-failed", status, `${stderr}`), `${status}: ${stderr}`);
  assert.ok(!isCrash("process-missing", undefined, ""));
});
