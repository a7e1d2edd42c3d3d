// Lines of a query under way, and how those that share tags are put together.
import { keyOf, type Tags } from "./tags.ts";

export interface Line {
  readonly tags: Tags;
  readonly values: Float64Array;
}

export interface Group<T> {
  readonly tags: Tags;
  readonly members: readonly T[];
}

/** In the order of their tags; what belongs to no group is left out. */
export function groupsOf<T>(
  members: readonly T[],
  tagsOf: (member: T) => Tags | undefined,
): readonly Group<T>[] {
  const groups = new Map<string, { tags: Tags; members: T[] }>();
  for (const member of members) {
    const tags = tagsOf(member);
    if (tags === undefined) continue;
    const key = keyOf(tags);
    const group = groups.get(key) ?? { tags, members: [] };
    group.members.push(member);
    groups.set(key, group);
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
