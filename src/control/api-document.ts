// The OpenAPI document made whole: names of operations, examples, words for parameters, refusals by status. Pure.
import type { FaultRow } from "#units/fault.ts";
import {
  operationExamples,
  type PlainBody,
  parameterWords,
  pathNouns,
  plainAnswers,
  plainRequests,
} from "#wire/examples.ts";
import { exampleOf } from "./api-examples.ts";
import { type OperationFacts, refusalsOf } from "./api-refusals.ts";

type Json = Readonly<Record<string, unknown>>;

/** "GET", "/v1/ops/titles/:id/encode" → "getOpsTitlesByIdEncode". It follows from the path alone, so it is stable and unique. */
export function operationIdOf(method: string, path: string): string {
  const words = path
    .replace(/^\/v1\//, "/")
    .replaceAll(/[:{](\w+)\}?/g, "by-$1")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "");
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** `factsOf` tells what the routes' own declarations say. */
export function completed(document: Json, factsOf: (operationId: string) => OperationFacts): Json {
  const paths = Object.entries(json(document.paths)).map(([path, methods]) => [
    path,
    mapped(json(methods), (method, operation) => {
      const operationId = operationIdOf(method, path);
      return whole(json(operation), { path, operationId, facts: factsOf(operationId) });
    }),
  ]);
  const components = { ...json(document.components), schemas: { ErrorBody: errorSchema } };
  return { ...document, components, paths: Object.fromEntries(paths) };
}

interface Place {
  readonly path: string;
  readonly operationId: string;
  readonly facts: OperationFacts;
}

function whole(operation: Json, place: Place): Json {
  const { operationId } = place;
  const plain = plainRequests[operationId];
  const body =
    plain !== undefined
      ? { requestBody: { required: true, ...plainContent(plain) } }
      : operation.requestBody === undefined
        ? {}
        : {
            requestBody: shown(json(operation.requestBody), operationExamples[operationId]?.request, "body"),
          };
  return {
    operationId,
    ...operation,
    ...(Array.isArray(operation.parameters)
      ? { parameters: operation.parameters.map((one) => parameter(json(one), place.path)) }
      : {}),
    ...body,
    responses: answersOf(json(operation.responses), place),
  };
}

function parameter(one: Json, path: string): Json {
  const name = String(one.name);
  const before = path.split("/").at(path.split("/").indexOf(`{${name}}`) - 1) ?? "";
  const noun = one.in === "path" ? pathNouns[before] : undefined;
  const own = one.description ?? json(one.schema).description;
  const description =
    noun === undefined ? (own ?? parameterWords[name]) : `The ${noun}'s ${name === noun ? "name" : "id"}`;
  return {
    ...one,
    ...(description === undefined ? {} : { description }),
    example: exampleOf(one.schema, name),
  };
}

function answersOf(responses: Json, { operationId, facts }: Place): Json {
  const plain = plainAnswers[operationId];
  const given = Object.entries(responses).filter(([status]) => !/^[45]XX$/i.test(status));
  const rows = Map.groupBy(refusalsOf(operationId, facts), ({ status }) => String(status));
  const own = given.map(([status, answer]) => {
    if (plain !== undefined && status === "200") return [status, plainContent(plain)];
    const whole = shown(json(answer), operationExamples[operationId]?.answer, "answer");
    const told = rows.get(status);
    return [status, told === undefined ? whole : { ...whole, description: codesOf(told) }];
  });
  const known = new Set(given.map(([status]) => status));
  const refusals = [...rows]
    .filter(([status]) => !known.has(status))
    .map(([status, told]) => [status, refusal(told)]);
  return Object.fromEntries([...own, ...refusals]);
}

function codesOf(rows: readonly FaultRow[]): string {
  return rows.map(({ code }) => code).join(", ");
}

/** Beside each schema an example of it. */
function shown(body: Json, given: unknown, name: string): Json {
  if (body.content === undefined) return body;
  const content = mapped(json(body.content), (_type, media) => {
    const { schema } = json(media);
    return { schema, example: given ?? exampleOf(schema, name) };
  });
  const description = body.description === "Default Response" ? "Done" : body.description;
  return { ...body, ...(description === undefined ? {} : { description }), content };
}

function plainContent({ types, example, description }: PlainBody): Json {
  const media = { schema: { type: "string" }, example };
  return { description, content: Object.fromEntries(types.map((type) => [type, media])) };
}

const errorSchema = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      properties: { code: { type: "string" }, message: { type: "string" } },
    },
  },
} as const;

function refusal(rows: readonly FaultRow[]): Json {
  const examples = rows.map(({ code, sentence }) => [
    code,
    { value: { error: { code, message: sentence } } },
  ]);
  return {
    description: codesOf(rows),
    content: {
      "application/json": {
        schema: { $ref: "#/components/schemas/ErrorBody" },
        examples: Object.fromEntries(examples),
      },
    },
  };
}

function mapped(of: Json, change: (key: string, value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, change(key, value)]));
}

function json(value: unknown): Json {
  return typeof value === "object" && value !== null ? Object(value) : {};
}
