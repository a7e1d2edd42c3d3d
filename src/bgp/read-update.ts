// An UPDATE message as one value: for inputs that are read once, and for tests. The RIB reads the same parts in place.
import type { Family } from "./family.ts";
import type { ProtocolError } from "./message.ts";
import { eachPrefix, heardPrefix, type PathPrefix, type PrefixRun, prefixValue } from "./nlri.ts";
import { type PathAttributes, readAttributes } from "./path-attributes.ts";
import { splitUpdate, type UpdateTerms, updateParts } from "./update.ts";
import { judge, type Verdict } from "./update-verdict.ts";

export type UpdateReading =
  | {
      readonly kind: "update";
      readonly withdrawn: readonly PathPrefix[];
      readonly announced: readonly PathPrefix[];
      readonly attributes: PathAttributes;
      readonly verdict: Exclude<Verdict, { kind: "broken" }>;
      readonly endOfRib: Family | undefined;
    }
  | { readonly kind: "broken"; readonly error: ProtocolError };

export function readUpdate(bytes: Uint8Array, start: number, end: number, terms: UpdateTerms): UpdateReading {
  const parts = updateParts();
  const error = splitUpdate(bytes, start, end, terms, parts);
  if (error !== undefined) return { kind: "broken", error };
  const reading = readAttributes(parts.key, 0, parts.keyLength, terms);
  const verdict = judge(parts, reading);
  if (verdict.kind === "broken") return verdict;
  const { endOfRib } = parts;
  const [withdrawn, announced] = [prefixesOf(parts.withdrawn), prefixesOf(parts.announced)];
  return { kind: "update", withdrawn, announced, attributes: reading.attributes, verdict, endOfRib };
}

function prefixesOf(runs: readonly PrefixRun[]): readonly PathPrefix[] {
  const found: PathPrefix[] = [];
  for (const run of runs) {
    eachPrefix(run, heardPrefix(), (heard) =>
      found.push({ prefix: prefixValue(heard), pathId: heard.pathId }),
    );
  }
  return found;
}
