// An example for a JSON Schema: by the names of its fields, within its bounds. Whether it fits is for a test to say.
import { fieldExamples, numberExamples, patternExamples } from "#wire/examples.ts";

type Schema = Readonly<Record<string, unknown>>;

const deepest = 12;

/** `undefined` where nothing known fits. */
export function exampleOf(schema: unknown, name: string, depth = 0): unknown {
  const known = record(schema);
  if (depth > deepest || Object.keys(known).length === 0) return {};
  if ("const" in known) return known.const;
  if (Array.isArray(known.enum)) return chosen(known.enum, name);
  if (Array.isArray(known.examples)) return known.examples[0];
  if ("default" in known) return known.default;
  const choices = [known.anyOf, known.oneOf].find(Array.isArray);
  if (choices !== undefined) return ofChoices(choices, name, depth);
  if (Array.isArray(known.allOf)) return merged(known.allOf, name, depth);
  const type = Array.isArray(known.type) ? known.type.find((one) => one !== "null") : known.type;
  switch (type) {
    case "object":
      return ofObject(known, depth);
    case "array":
      return ofArray(known, name, depth);
    case "string":
      return ofString(known, name);
    case "integer":
    case "number":
      return ofNumber(known, name);
    case "boolean":
      return true;
    default:
      return null;
  }
}

function record(value: unknown): Schema {
  return typeof value === "object" && value !== null ? Object(value) : {};
}

function chosen(values: readonly unknown[], name: string): unknown {
  const known = fieldExamples[name];
  return values.includes(known) ? known : values[0];
}

/** What says more than nothing. */
function ofChoices(choices: readonly unknown[], name: string, depth: number): unknown {
  const [first = {}] = choices.filter((choice) => record(choice).type !== "null");
  return exampleOf(first, name, depth + 1);
}

function merged(parts: readonly unknown[], name: string, depth: number): unknown {
  const made = parts.map((part) => exampleOf(part, name, depth + 1));
  return made.length === 1 ? made[0] : Object.assign({}, ...made.map(record));
}

function ofObject(schema: Schema, depth: number): unknown {
  const fields = Object.entries(record(schema.properties)).map(([name, field]) => [
    name,
    exampleOf(field, name, depth + 1),
  ]);
  const more = schema.additionalProperties;
  if (fields.length > 0 || typeof more !== "object") return Object.fromEntries(fields);
  const names = record(schema.propertyNames);
  const name = Array.isArray(names.enum) ? names.enum : [ofString({ type: "string", ...names }, "id")];
  return Object.fromEntries(name.map((one) => [one, exampleOf(more, String(one), depth + 1)]));
}

function ofArray(schema: Schema, name: string, depth: number): unknown {
  if (Array.isArray(schema.prefixItems)) {
    return schema.prefixItems.map((item, at) => exampleOf(item, `${name}${at}`, depth + 1));
  }
  if (schema.maxItems === 0) return [];
  const amount = Math.max(1, numberIn(schema.minItems) ?? 1);
  return Array.from({ length: amount }, () => exampleOf(schema.items, name.replace(/s$/, ""), depth + 1));
}

function ofString(schema: Schema, name: string): unknown {
  const named = fieldExamples[name];
  const words = name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  const candidates = [...(typeof named === "string" ? [named] : []), words, ...patternExamples];
  return candidates.find((text) => fits(schema, text));
}

function fits({ pattern, minLength, maxLength }: Schema, text: string): boolean {
  return (
    text.length >= (numberIn(minLength) ?? 0) &&
    text.length <= (numberIn(maxLength) ?? Number.MAX_SAFE_INTEGER) &&
    (typeof pattern !== "string" || new RegExp(pattern, "u").test(text))
  );
}

function ofNumber(schema: Schema, name: string): number {
  const named = fieldExamples[name];
  const wanted =
    typeof named === "number" ? named : (numberExamples.find(([end]) => end.test(name))?.[1] ?? 2);
  const low = numberIn(schema.minimum) ?? Number.MIN_SAFE_INTEGER;
  const high = numberIn(schema.maximum) ?? Number.MAX_SAFE_INTEGER;
  const within = Math.min(Math.max(wanted, low), high);
  return schema.type === "integer" ? Math.round(within) : within;
}

function numberIn(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
