import assert from "node:assert/strict";
import { test } from "node:test";
import { machineFailure } from "./program-failure.ts";

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
    [1, "Invalid data found when processing input", undefined],
    [69, "Conversion failed!", undefined],
    [183, "Invalid data found when processing input", undefined],
    [139, "", undefined],
    ["too much output", "", undefined],
  ] as const;
  for (const [status, stderr, wanted] of cases)
    assert.equal(machineFailure(status, stderr), wanted, `${status}: ${stderr}`);
});
