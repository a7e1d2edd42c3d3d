// The schema of a body that comes thousands of times a second, compiled to plain code. What it does not take is shown to zod, so
// that refusals and their words are zod's, and nothing is refused for being quick.
import { Ajv } from "ajv";
import { validatorCompiler } from "fastify-type-provider-zod";
import { z } from "zod";

// As zod has it, a text's length is in UTF-16 units. Of that it would warn at each start.
const ajv = new Ajv({ unicode: false, strictNumbers: true, logger: false });

/**
 * For routes whose bodies are plain: no refinements, no transforms, no defaults, which JSON Schema cannot say. A body is given on as it
 * is, or, when zod leaves something of it out, as another.
 */
export const quickValidator: typeof validatorCompiler = (route) => {
  const { schema, httpPart } = route;
  const careful = validatorCompiler(route);
  if (httpPart !== "body" || !(schema instanceof z.ZodType)) return careful;
  const { $schema: _, ...plain } = z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    override: ({ jsonSchema }) => {
      if (jsonSchema.type === "object") jsonSchema.additionalProperties = false;
    },
  });
  const quick = ajv.compile<unknown>(plain);
  return (body: unknown) => (quick(body) ? { value: body } : careful(body));
};
