// The words of the stack language that are known here, each with what it takes from the stack and what it leaves.
// Source: Atlas, "Stack Language Reference": the meaning of each word is Atlas's, where the folder's README says nothing else.
import {
  type Aggregation,
  type BinaryName,
  binary,
  data,
  type Expression,
  statistics,
  type UnaryName,
} from "./expression.ts";
import { grouped, percentilesOf } from "./grouping.ts";
import { patternOf } from "./pattern.ts";
import { type Query, sizeOf } from "./query.ts";
import { durationMs } from "./span.ts";
import { statisticTag } from "./tags.ts";
import {
  applied,
  count,
  expression,
  type Form,
  four,
  type Item,
  type Left,
  list,
  number,
  one,
  query,
  type Stack,
  share,
  text,
  three,
  two,
} from "./words.ts";

export type Word = (stack: Stack) => Stack | string;

/** Chosen by us: so many, for each of a few thousand series, are a tenth of a second. */
const mostTests = 10_000;

function word(...forms: readonly Form[]): Word {
  return (stack) => applied(forms, stack);
}

function asQuery(made: Query): Left {
  const size = sizeOf(made);
  if (size > mostTests) return `a query is at most ${mostTests} tests of a series, this one is ${size}`;
  return [{ kind: "query", query: made }];
}

function asLine(made: Expression | string): Left {
  return typeof made === "string" ? made : [{ kind: "expression", expression: made }];
}

function choosing(): readonly (readonly [string, Word])[] {
  const both = (kind: "and" | "or"): Word =>
    word(
      two(query, query, (left, right) =>
        asQuery({ kind, left, right, size: sizeOf(left) + sizeOf(right) + 1 }),
      ),
      two(expression, expression, (left, right) => asLine(binary(kind, left, right))),
    );
  return [
    [":true", (stack) => [...stack, { kind: "query", query: { kind: "true" } }]],
    [":has", word(one(text, (tag) => asQuery({ kind: "has", tag })))],
    [":eq", word(two(text, text, (tag, value) => asQuery({ kind: "eq", tag, value })))],
    [":in", word(two(text, list, (tag, values) => asQuery({ kind: "in", tag, values: new Set(values) })))],
    [
      ":re",
      word(
        two(text, text, (tag, given) => {
          const reading = patternOf(given);
          return reading.kind === "refused"
            ? reading.because
            : asQuery({ kind: "re", tag, pattern: reading.pattern });
        }),
      ),
    ],
    [":and", both("and")],
    [":or", both("or")],
    [
      ":not",
      word(
        one(query, (of) => asQuery({ kind: "not", of, size: sizeOf(of) + 1 })),
        one(expression, (of) => asLine({ kind: "unary", name: "not", of, keys: of.keys })),
      ),
    ],
  ];
}

function aggregating(): readonly (readonly [string, Word])[] {
  const names: readonly Aggregation[] = ["sum", "max", "min", "count", "avg"];
  const words = names.map((aggregation): readonly [string, Word] => [
    `:${aggregation}`,
    word(
      one(query, (given) => asLine(data(given, aggregation))),
      one(expression, (of) => asLine({ kind: "fold", aggregation, of, keys: undefined })),
    ),
  ]);
  const by = two(expression, list, (of, keys) => asLine(grouped(of, [...new Set(keys)])));
  return [...words, [":by", word(by)]];
}

function counting(): Readonly<Record<string, Word>> {
  const unary = (name: UnaryName): Word =>
    word(one(expression, (of) => asLine({ kind: "unary", name, of, keys: of.keys })));
  const both = (name: BinaryName): Word =>
    word(two(expression, expression, (left, right) => asLine(binary(name, left, right))));
  return {
    ...{ ":neg": unary("neg"), ":abs": unary("abs"), ":per-step": unary("per-step") },
    ...{ ":add": both("add"), ":sub": both("sub"), ":mul": both("mul"), ":div": both("div") },
    ...{ ":gt": both("gt"), ":ge": both("ge"), ":lt": both("lt"), ":le": both("le") },
  };
}

/** Which statistic of a distribution is meant. */
function statistic(of: Query, ...names: readonly string[]): Query {
  const right: Query =
    names.length === 1
      ? { kind: "eq", tag: statisticTag, value: names[0] ?? "" }
      : { kind: "in", tag: statisticTag, values: new Set(names) };
  return { kind: "and", left: of, right, size: sizeOf(of) + 2 };
}

function looking(): Readonly<Record<string, Word>> {
  return {
    ":rolling-count": word(
      two(expression, count, (of, window) => asLine({ kind: "rolling-count", of, window, keys: of.keys })),
    ),
    ":rolling-mean": word(
      three(expression, count, count, (of, window, least) =>
        least > window
          ? `at least ${least} values do not fit in a window of ${window}`
          : asLine({ kind: "rolling-mean", of, window, least, keys: of.keys }),
      ),
    ),
    ":des": word(
      four([expression, count, share, share], (of, training, alpha, beta) =>
        asLine({ kind: "des", of, training, alpha, beta, keys: of.keys }),
      ),
    ),
    ":offset": word(
      two(expression, text, (of, given) => {
        const byMs = durationMs(given);
        if (byMs === undefined) return `"${given}" is no duration like 5m, 3h, 1d or 1w`;
        return asLine({ kind: "offset", of, byMs, keys: of.keys });
      }),
    ),
    ":dist-avg": word(
      one(query, (of) => {
        const total = data(statistic(of, "totalTime", "totalAmount"), "sum");
        return asLine(binary("div", total, data(statistic(of, "count"), "sum")));
      }),
    ),
    ":dist-max": word(one(query, (of) => asLine(data(statistic(of, "max"), "max")))),
    ":percentiles": word(
      two(expression, list, (of, wanted) => {
        const percents = wanted.map(Number);
        const wrong = percents.findIndex((percent) => !(percent >= 0 && percent <= 100));
        if (wrong >= 0) return `"${wanted[wrong]}" is no percentile from 0 to 100`;
        return asLine(percentilesOf(of, percents));
      }),
    ),
    ":topk": word(
      three(expression, text, count, (of, named, most) => {
        const by = statistics.find((name) => name === named);
        if (by === undefined) return `"${named}" is none of ${statistics.join(", ")}`;
        if (of.keys === undefined) return "wanted lines grouped by :by, found one line";
        return asLine({ kind: "topk", of, by, count: most, keys: of.keys });
      }),
    ),
  };
}

const shuffling: Readonly<Record<string, Word>> = {
  ":dup": (stack) => copied(stack, 1),
  ":over": (stack) => copied(stack, 2),
  ":2over": (stack) => {
    const once = copied(stack, 2);
    return typeof once === "string" ? once : copied(once, 2);
  },
  ":swap": (stack) => {
    const [below, top] = [stack.at(-2), stack.at(-1)];
    if (below === undefined || top === undefined) return tooFew(2, stack);
    return [...stack.slice(0, -2), top, below];
  },
  // The whole stack turns: its bottom comes to the top.
  ":rot": ([bottom, ...rest]) => (bottom === undefined ? tooFew(1, []) : [...rest, bottom]),
  ":pick": (stack) => {
    const top = stack.at(-1);
    const depth = top === undefined ? undefined : number.read(top);
    if (depth === undefined || !Number.isSafeInteger(depth) || depth < 0) {
      return "wanted a whole number on top of the stack: how far below it to look";
    }
    return copied(stack.slice(0, -1), depth + 1);
  },
};

function copied(stack: Stack, fromTop: number): Stack | string {
  const item: Item | undefined = stack.at(-fromTop);
  return item === undefined ? tooFew(fromTop, stack) : [...stack, item];
}

function tooFew(wanted: number, stack: Stack): string {
  return `wanted ${wanted} or more on the stack, found ${stack.length}`;
}

export const vocabulary: ReadonlyMap<string, Word> = new Map<string, Word>([
  ...choosing(),
  ...aggregating(),
  ...Object.entries(counting()),
  ...Object.entries(shuffling),
  ...Object.entries(looking()),
]);
