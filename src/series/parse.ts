// A query's text as what it computes. Commas part its words, a colon begins a word that does something, ( and ) enclose a list.
import type { Expression } from "./expression.ts";
import type { Query } from "./query.ts";
import { vocabulary } from "./vocabulary.ts";
import { expression, type Item, type Stack, shown } from "./words.ts";

export interface Refused {
  readonly kind: "refused";
  readonly word: string;
  /** Place among the words, from 1 on. */
  readonly at: number;
  readonly because: string;
}

export type Parsed = { readonly kind: "parsed"; readonly expressions: readonly Expression[] } | Refused;
export type ParsedQuery = { readonly kind: "parsed"; readonly query: Query } | Refused;

/** Chosen by us: the longest query that a person writes has some fifty words. */
const mostWords = 500;
const deepest = 100;

interface Reading {
  readonly stack: Stack;
  /** Of the list that is open. */
  readonly open: readonly string[] | undefined;
}

/** Words that leave lines. */
export function parse(text: string): Parsed {
  const run = runOf(text);
  if (run.kind === "refused") return run;
  const { stack, last, at } = run;
  const expressions = stack.map((item) => expression.read(item));
  const wrong = expressions.indexOf(undefined);
  if (wrong < 0) return { kind: "parsed", expressions: expressions.filter((made) => made !== undefined) };
  const item: Item | undefined = stack[wrong];
  const found = item === undefined ? "nothing" : shown(item);
  return refused(last, at, `the end leaves ${found} on the stack, which is no line`);
}

/** Words that leave one query. */
export function parseQuery(text: string): ParsedQuery {
  const run = runOf(text);
  if (run.kind === "refused") return run;
  const [only, ...more] = run.stack;
  if (only?.kind === "query" && more.length === 0) return { kind: "parsed", query: only.query };
  return refused(run.last, run.at, "wanted one query and nothing else on the stack at the end");
}

interface Run {
  readonly kind: "run";
  readonly stack: Stack;
  readonly last: string;
  readonly at: number;
}

function runOf(text: string): Run | Refused {
  const words = text.split(",").map((word) => word.trim());
  if (words.length > mostWords) {
    return refused("", mostWords + 1, `a query has at most ${mostWords} words, this one has ${words.length}`);
  }
  let reading: Reading = { stack: [], open: undefined };
  for (const [index, word] of words.entries()) {
    if (word === "") continue;
    const next = read(reading, word);
    if (typeof next === "string") return refused(word, index + 1, next);
    if (next.stack.length > deepest) return refused(word, index + 1, `the stack holds ${deepest} at most`);
    reading = next;
  }
  const last = words.findLast((word) => word !== "") ?? "";
  if (reading.open !== undefined) return refused("(", words.lastIndexOf("(") + 1, "the list is not closed");
  if (reading.stack.length === 0) return refused(last, words.length, "nothing is left to show");
  return { kind: "run", stack: reading.stack, last, at: words.length };
}

function read({ stack, open }: Reading, word: string): Reading | string {
  if (word === "(") return open === undefined ? { stack, open: [] } : "a list stands in no other list";
  if (word === ")") {
    if (open === undefined) return "no list is open";
    return { stack: [...stack, { kind: "list", items: open }], open: undefined };
  }
  if (open !== undefined) return { stack, open: [...open, word] };
  if (!word.startsWith(":")) return { stack: [...stack, { kind: "text", text: word }], open };
  const act = vocabulary.get(word);
  if (act === undefined) return "this word is not known here";
  const left = act(stack);
  return typeof left === "string" ? left : { stack: left, open };
}

function refused(word: string, at: number, because: string): Refused {
  return { kind: "refused", word, at, because };
}
