import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { gif, jpeg, png, webp } from "#test/fixtures/pictures.ts";
import { readPicture } from "./picture.ts";

test("[CA19] a picture is known by its own bytes, with its size", () => {
  assert.deepEqual(readPicture(png(640, 480)), {
    kind: "picture",
    type: "image/png",
    width: 640,
    height: 480,
  });
  assert.deepEqual(readPicture(jpeg(640, 480)), {
    kind: "picture",
    type: "image/jpeg",
    width: 640,
    height: 480,
  });
  for (const form of ["VP8 ", "VP8L", "VP8X"] as const) {
    assert.deepEqual(readPicture(webp(form, 640, 480)), {
      ...{ kind: "picture", type: "image/webp" },
      ...{ width: 640, height: 480 },
    });
  }
});

test("[CA19] what is no picture, is cut off or too large is refused with what it is", () => {
  const because = (bytes: Uint8Array): string => {
    const reading = readPicture(bytes);
    return reading.kind === "refused" ? reading.because : "";
  };
  assert.match(because(gif()), /no JPEG, PNG or WebP/);
  assert.match(because(new TextEncoder().encode("<svg onload=alert(1)>".repeat(9))), /no JPEG/);
  assert.match(because(png(9000, 10)), /9000×10/);
  assert.match(because(png(0, 10)), /0×10/);
  assert.match(because(jpeg(10, 10).subarray(0, 12)), /no JPEG/);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(0, 8, 20), (noise, keep) => {
      const bytes = Uint8Array.from([...jpeg(10, 10).subarray(0, keep), ...noise]);
      assert.ok(["picture", "refused"].includes(readPicture(bytes).kind));
    }),
    { seed: 19 },
  );
});
