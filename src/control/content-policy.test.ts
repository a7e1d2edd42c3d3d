import assert from "node:assert/strict";
import { test } from "node:test";
import { answerPolicy, contentPolicy, documentationPolicy } from "./content-policy.ts";

test("[CO10] every policy says what default-src does not cover: bases, forms, frames", () => {
  for (const policy of [answerPolicy, contentPolicy(["http://box:1"]), documentationPolicy]) {
    for (const name of ["default-src", "base-uri", "form-action", "frame-ancestors"]) {
      assert.match(policy, new RegExp(`(^|; )${name} '(self|none)'(;|$)`), name);
    }
  }
});
