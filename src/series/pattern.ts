// Regular expressions that take time in proportion to the text, whatever an operator types: no backtracking, so no pattern can
// hold the program. Every state that the text so far may have led to is kept side by side.
//
// Source: R. Cox, "Regular Expression Matching Can Be Simple And Fast" (Thompson's construction). What it knows is a part of RE2's
// syntax: literals, ., [a-z], \d \w \s and their opposites, groups, |, *, +, ?, {m,n}, ^, $. Like Atlas's `:re` a match begins at the
// text's start, and need not reach its end.
import { assert } from "#units/assert.ts";
import { type CharacterSet, type Node, readPattern } from "./pattern-syntax.ts";

/** Instructions: a character of a set, a fork, an end of the text, the match. */
type Instruction =
  | { readonly kind: "one-of"; readonly set: CharacterSet }
  | Fork
  | { readonly kind: "start" | "end" | "match" };

interface Fork {
  readonly kind: "fork";
  readonly to: number[];
}

export interface Pattern {
  readonly text: string;
  readonly program: readonly Instruction[];
}

export type PatternReading =
  | { readonly kind: "read"; readonly pattern: Pattern }
  | { readonly kind: "refused"; readonly because: string };

const mostInstructions = 2000;

export function patternOf(text: string): PatternReading {
  const reading = readPattern(text);
  if (reading.kind === "refused") return reading;
  const program: Instruction[] = [];
  emit(reading.node, program);
  if (program.length >= mostInstructions) {
    return { kind: "refused", because: `the pattern unfolds to more than ${mostInstructions} steps` };
  }
  return { kind: "read", pattern: { text, program: [...program, { kind: "match" }] } };
}

/** Whether a start of the value fits. */
export function isMatch({ program }: Pattern, value: string): boolean {
  const characters = [...value];
  let states = follow(program, [0], 0, characters.length);
  for (const [at, character] of characters.entries()) {
    if (states.isMatched) return true;
    const code = character.codePointAt(0) ?? 0;
    const next = states.waiting.filter((state) => accepts(program[state], code)).map((state) => state + 1);
    if (next.length === 0) return false;
    states = follow(program, next, at + 1, characters.length);
  }
  return states.isMatched;
}

/** Every state that costs no character; each once. */
function follow(
  program: readonly Instruction[],
  from: readonly number[],
  at: number,
  length: number,
): { readonly waiting: readonly number[]; readonly isMatched: boolean } {
  const seen = new Set<number>();
  const open = [...from];
  const waiting: number[] = [];
  let isMatched = false;
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (seen.has(state)) continue;
    seen.add(state);
    const instruction = program[state];
    assert(instruction !== undefined, "every way leads to an instruction");
    if (instruction.kind === "one-of") waiting.push(state);
    else if (instruction.kind === "fork") open.push(...instruction.to);
    else if (instruction.kind === "match") isMatched = true;
    else if (instruction.kind === "start" ? at === 0 : at === length) open.push(state + 1);
  }
  return { waiting, isMatched };
}

function accepts(instruction: Instruction | undefined, code: number): boolean {
  if (instruction?.kind !== "one-of") return false;
  const { ranges, isExcluded } = instruction.set;
  return ranges.some(([low, high]) => low <= code && code <= high) !== isExcluded;
}

function emit(node: Node, program: Instruction[]): void {
  if (program.length >= mostInstructions) return;
  switch (node.kind) {
    case "one-of":
      program.push({ kind: "one-of", set: node.set });
      return;
    case "start":
    case "end":
      program.push({ kind: node.kind });
      return;
    case "row":
      for (const part of node.parts) emit(part, program);
      return;
    case "choice":
      emitChoice(node.parts, program);
      return;
    case "repeat":
      for (let count = 0; count < node.least; count++) emit(node.of, program);
      if (node.most === undefined) emitLoop(node.of, program);
      else for (let count = node.least; count < node.most; count++) emitOptional(node.of, program);
  }
}

function emitChoice(parts: readonly Node[], program: Instruction[]): void {
  const fork: Fork = { kind: "fork", to: [] };
  program.push(fork);
  const ends = parts.map((part) => {
    fork.to.push(program.length);
    emit(part, program);
    const end: Fork = { kind: "fork", to: [] };
    program.push(end);
    return end;
  });
  for (const end of ends) end.to.push(program.length);
}

function emitLoop(of: Node, program: Instruction[]): void {
  const fork: Fork = { kind: "fork", to: [program.length + 1] };
  program.push(fork);
  const start = program.length - 1;
  emit(of, program);
  program.push({ kind: "fork", to: [start] });
  fork.to.push(program.length);
}

function emitOptional(of: Node, program: Instruction[]): void {
  const fork: Fork = { kind: "fork", to: [program.length + 1] };
  program.push(fork);
  emit(of, program);
  fork.to.push(program.length);
}
