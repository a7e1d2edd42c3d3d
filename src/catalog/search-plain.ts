// Search without its index: a walk over everything in memory. Slower, and it mends nothing; it answers while the database is away.
import type { Field } from "./search-fields.ts";
import type { SearchQuery } from "./search-query.ts";

/** Works that may answer: every word begins a word of theirs, or a name begins with the whole. */
export function plainCandidates(
  query: SearchQuery,
  works: Iterable<{ readonly workId: string; readonly fields: readonly Field[] }>,
  limit: number,
): readonly string[] {
  const found: string[] = [];
  for (const { workId, fields } of works) {
    if (found.length >= limit) break;
    if (mayAnswer(query, fields)) found.push(workId);
  }
  return found;
}

function mayAnswer({ key, words }: SearchQuery, fields: readonly Field[]): boolean {
  if (fields.some(({ keys }) => keys.some((one) => one.startsWith(key)))) return true;
  return words.every((word) => fields.some((field) => field.words.some((one) => one.startsWith(word))));
}
