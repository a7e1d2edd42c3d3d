// What people type: names begun, names with typing errors, two words, people, other scripts, and things that are not there.
import { folded, wordsIn } from "#catalog/words.ts";
import type { Work } from "#model/work.ts";
import type { Random } from "#units/random.ts";
import type { Vocabulary } from "./search-works.ts";

export interface Asked {
  readonly kind: string;
  readonly text: string;
  /** The name that was meant; undefined: nothing in particular. */
  readonly wanted?: string;
}

const letters = "abcdefghijklmnopqrstuvwxyz";

export function questionsOf(order: {
  readonly works: readonly Work[];
  readonly vocabulary: Vocabulary;
  /** Of each kind. */
  readonly each: number;
  readonly random: Random;
}): readonly Asked[] {
  const { works, vocabulary, each, random } = order;
  const pick = <T>(all: readonly T[]): T => {
    const one = all[random.integer(0, all.length - 1)];
    if (one === undefined) throw new Error("nothing to pick from");
    return one;
  };
  const shown = works.filter(({ age }) => (age ?? 18) <= 16);
  const name = (): string => pick(shown).names.en ?? "";
  const long = (): string => {
    for (;;) {
      const found = name();
      if (wordsIn(folded(found)).some((word) => word.length >= 5)) return found;
    }
  };
  const makers: Readonly<Record<string, () => Omit<Asked, "kind">>> = {
    "a name begun, 2 letters": () => ({ text: name().slice(0, 2) }),
    "a name begun, 5 letters": () => ({ text: name().slice(0, 5) }),
    "a whole name": () => {
      const wanted = name();
      return { text: wanted, wanted };
    },
    "a name with a mistake": () => {
      const wanted = long();
      return { text: mistyped(wanted, random), wanted };
    },
    "two words": () => ({ text: `${pick(vocabulary.words)} ${pick(vocabulary.words).slice(0, 3)}` }),
    "a person": () => ({ text: pick(pick(shown).credits).name }),
    "a person with a mistake": () => ({ text: mistyped(pick(pick(shown).credits).name, random) }),
    "another script": () => {
      const others = shown.flatMap(({ names: { ja, ar, he } }) => ja ?? ar ?? he ?? []);
      const wanted = pick(others);
      return { text: wanted.slice(0, 4), wanted };
    },
    "nothing there": () => ({ text: `${mistyped(pick(vocabulary.words), random)}qzx jwvq` }),
  };
  return Object.entries(makers).flatMap(([kind, make]) =>
    Array.from({ length: each }, () => ({ kind, ...make() })),
  );
}

/** One letter of the longest word changed, added, left out or swapped with the next. */
function mistyped(text: string, random: Random): string {
  const [longest = ""] = text.split(" ").toSorted((a, b) => b.length - a.length);
  const at = random.integer(1, Math.max(1, longest.length - 2));
  const letter = letters[random.integer(0, 25)] ?? "x";
  const [before, own, after] = [longest.slice(0, at), longest.slice(at, at + 1), longest.slice(at + 1)];
  const ways = [
    before + letter + after,
    before + letter + own + after,
    before + after,
    before + after.slice(0, 1) + own + after.slice(1),
  ];
  return text.replace(longest, ways[random.integer(0, 3)] ?? longest);
}
