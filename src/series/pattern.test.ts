// Patterns agree with the language's own, where both know a construct, and take no longer for being nasty.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isMatch, patternOf } from "./pattern.ts";

function matching(text: string, value: string): boolean {
  const reading = patternOf(text);
  assert.equal(reading.kind, "read", text);
  return reading.kind === "read" && isMatch(reading.pattern, value);
}

const seed = 20_260_102;
const atom = fc.constantFrom("a", "b", "c", ".", "[ab]", "[^a]", "[a-b]", "\\w", "\\d", "\\.", "^", "$");
const count = fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?");
const { node } = fc.letrec<{ node: string; group: string }>((tie) => ({
  group: fc.tuple(fc.constantFrom("(", "(?:"), tie("node")).map(([open, inner]) => `${open}${inner})`),
  node: fc
    .tuple(
      fc.array(
        fc
          .tuple(fc.oneof({ depthSize: "small" }, atom, tie("group")), count)
          .map(([piece, times]) => (/^[$^]$/.test(piece) ? piece : `${piece}${times}`)),
        { maxLength: 4 },
      ),
      fc.option(fc.constantFrom("|b", "|ca", "|"), { nil: "" }),
    )
    .map(([pieces, other]) => `${pieces.join("")}${other}`),
}));

test("[SE11] a pattern says what the language's own expression says, at the value's start", () => {
  const values = fc
    .array(fc.constantFrom("a", "b", "c", ".", "1"), { maxLength: 8 })
    .map((all) => all.join(""));
  fc.assert(
    fc.property(
      node.filter((text) => text.length <= 60),
      values,
      (text, value) => {
        assert.equal(
          matching(text, value),
          new RegExp(`^(?:${text})`, "u").test(value),
          `${text} on ${value}`,
        );
      },
    ),
    { seed, numRuns: 3000 },
  );
});

test("[SE11] what would take a backtracking matcher years is answered at once", () => {
  for (const nasty of [
    "(a+)+$",
    "(a|a)*$",
    "(a|aa)+$",
    "(.*)(.*)(.*)(.*)(.*)(.*)x",
    "(a?){50}a{50}$",
    "([a-z]+)*b",
  ]) {
    const began = process.cpuUsage().user;
    assert.equal(matching(nasty, `${"a".repeat(2000)}!`), false);
    assert.ok(process.cpuUsage().user - began < 2_000_000, nasty);
  }
});

test("[SE11] patterns that are too long, unfold too far, or look back are refused with why", () => {
  const refused = (text: string): string => {
    const reading = patternOf(text);
    return reading.kind === "refused" ? reading.because : "";
  };
  assert.match(refused("a".repeat(257)), /at most 256 characters, this one has 257/);
  assert.match(refused("((a{100}){100})"), /more than 2000 steps/);
  assert.match(refused("(((((a{90}){90}){90}){90}){90})"), /more than 2000 steps/);
  assert.match(refused("a{1000}"), /100 repetitions/);
  assert.match(refused("(a)\\1"), /\\1 is not known/);
  assert.match(refused("(?=a)"), /no looking ahead/);
  assert.match(refused("(?<n>a)"), /only \(\?: is known/);
  for (const [text, why] of [
    ["(a", /not closed/],
    ["a)", /closes nothing/],
    ["[a", /not closed/],
    ["*a", /repeats nothing/],
    ["a**", /repeats a repetition/],
    ["a{2,1}", /ends before/],
    ["a{x}", /begins no/],
    ["[b-a]", /ends before/],
    ["a\\", /stands at the end/],
    [`${"(".repeat(30)}${")".repeat(30)}`, /20 deep/],
  ] as const) {
    assert.match(refused(text), why, text);
  }
});
