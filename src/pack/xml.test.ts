import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { textElement, xmlText } from "./xml.ts";

/** All that XML 1.0 lets stand in a text. Source: XML 1.0 §2.2. */
const legal = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u;

test("[PA26] whatever a name holds, nothing that XML forbids is written, and no markup", () => {
  const odd = fc.constantFrom(
    "\ufffe",
    "\uffff",
    "\ud800",
    "\udfff",
    "\0",
    "\u007f",
    "<",
    "&",
    '"',
    "]]>",
    "ü",
    "🎬",
    "x",
  );
  fc.assert(
    fc.property(fc.array(odd, { maxLength: 12 }), (letters) => {
      const text = xmlText(textElement("Label", letters.join("")));
      assert.match(text, legal);
      assert.equal(text.match(/[<>]/g)?.length ?? 0, text.includes("/>") ? 2 : 4);
    }),
    { seed: 26 },
  );
  assert.equal(xmlText(textElement("Label", "a\uffffb \ud83d c 🎬 \ufffe")), "<Label>a b   c 🎬  </Label>\n");
});
