// What lies on the stack while a query is read, and how a word takes it from there.
import { constant, data, type Expression } from "./expression.ts";
import type { Query } from "./query.ts";

export type Item =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "query"; readonly query: Query }
  | { readonly kind: "expression"; readonly expression: Expression };

/** What a word leaves; a string says why it cannot. */
export type Left = readonly Item[] | string;
export type Stack = readonly Item[];

/** How a word wants an item of the stack. */
export interface Want<T> {
  readonly words: string;
  read(item: Item): T | undefined;
}

export const query: Want<Query> = {
  words: "a query",
  read: (item) => (item.kind === "query" ? item.query : undefined),
};

/** A query alone stands for its sum, a number for a line of it. Source: Atlas. */
export const expression: Want<Expression> = {
  words: "a line",
  read(item) {
    if (item.kind === "expression") return item.expression;
    if (item.kind === "query") return data(item.query, "sum");
    const value = number.read(item);
    return value === undefined ? undefined : constant(value);
  },
};

export const text: Want<string> = {
  words: "a word",
  read: (item) => (item.kind === "text" ? item.text : undefined),
};

export const number: Want<number> = {
  words: "a number",
  read(item) {
    const value = item.kind === "text" && item.text !== "" ? Number(item.text) : Number.NaN;
    return Number.isFinite(value) ? value : undefined;
  },
};

/** A whole number of at least 1. */
export const count: Want<number> = {
  words: "a whole number above 0",
  read(item) {
    const value = number.read(item);
    return value !== undefined && Number.isSafeInteger(value) && value > 0 ? value : undefined;
  },
};

export const share: Want<number> = {
  words: "a number from 0 to 1",
  read(item) {
    const value = number.read(item);
    return value !== undefined && value >= 0 && value <= 1 ? value : undefined;
  },
};

export const list: Want<readonly string[]> = {
  words: "a list (,…,)",
  read: (item) => (item.kind === "list" && item.items.length > 0 ? item.items : undefined),
};

/** One way to take items from the stack; undefined when they are not what it wants. */
export interface Form {
  readonly wants: readonly string[];
  apply(stack: Stack): { readonly left: Left; readonly taken: number } | undefined;
}

export function one<A>(a: Want<A>, make: (a: A) => Left): Form {
  return {
    wants: [a.words],
    apply(stack) {
      const first = readAt(stack, 1, a);
      return first === undefined ? undefined : { left: make(first), taken: 1 };
    },
  };
}

export function two<A, B>(a: Want<A>, b: Want<B>, make: (a: A, b: B) => Left): Form {
  return {
    wants: [a.words, b.words],
    apply(stack) {
      const [first, second] = [readAt(stack, 2, a), readAt(stack, 1, b)];
      if (first === undefined || second === undefined) return undefined;
      return { left: make(first, second), taken: 2 };
    },
  };
}

export function three<A, B, C>(a: Want<A>, b: Want<B>, c: Want<C>, make: (a: A, b: B, c: C) => Left): Form {
  return {
    wants: [a.words, b.words, c.words],
    apply(stack) {
      const [first, second, third] = [readAt(stack, 3, a), readAt(stack, 2, b), readAt(stack, 1, c)];
      if (first === undefined || second === undefined || third === undefined) return undefined;
      return { left: make(first, second, third), taken: 3 };
    },
  };
}

export function four<A, B, C, D>(
  wants: readonly [Want<A>, Want<B>, Want<C>, Want<D>],
  make: (a: A, b: B, c: C, d: D) => Left,
): Form {
  const [a, b, c, d] = wants;
  return {
    wants: wants.map(({ words }) => words),
    apply(stack) {
      const [first, second] = [readAt(stack, 4, a), readAt(stack, 3, b)];
      const [third, fourth] = [readAt(stack, 2, c), readAt(stack, 1, d)];
      if (first === undefined || second === undefined) return undefined;
      if (third === undefined || fourth === undefined) return undefined;
      return { left: make(first, second, third, fourth), taken: 4 };
    },
  };
}

function readAt<T>(stack: Stack, fromTop: number, want: Want<T>): T | undefined {
  const item = stack.at(-fromTop);
  return item === undefined ? undefined : want.read(item);
}

/** Every form in turn; the first whose wants are met. */
export function applied(forms: readonly Form[], stack: Stack): Stack | string {
  for (const form of forms) {
    const done = form.apply(stack);
    if (done === undefined) continue;
    if (typeof done.left === "string") return done.left;
    return [...stack.slice(0, stack.length - done.taken), ...done.left];
  }
  const wanted = forms.map(({ wants }) => wants.join(" and ")).join(", or ");
  const most = Math.max(...forms.map(({ wants }) => wants.length));
  const found = stack.slice(-most).map(shown).join(" and ");
  return `wanted ${wanted} on top of the stack, found ${found === "" ? "nothing" : found}`;
}

export function shown(item: Item): string {
  switch (item.kind) {
    case "text":
      return `"${item.text.length > 60 ? `${item.text.slice(0, 60)}…` : item.text}"`;
    case "list":
      return item.items.length === 0 ? "an empty list" : "a list";
    case "query":
      return "a query";
    case "expression":
      return "a line";
  }
}
