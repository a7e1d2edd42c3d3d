// The text that a body was read from, kept beside it: what was said can be written down as it came.
import type { FastifyInstance, FastifyRequest } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    said: Said | undefined;
  }
}

interface Said {
  readonly text: string;
  /** What the text was read as. */
  readonly body: unknown;
}

/** JSON under these types, for the routes of this scope. An empty body is no body. */
export function keepTexts(scope: FastifyInstance, types: readonly string[]): void {
  const parse = scope.getDefaultJsonParser("error", "error");
  scope.removeContentTypeParser([...types]);
  scope.addContentTypeParser([...types], { parseAs: "string" }, (request, given, done) => {
    const text = typeof given === "string" ? given : given.toString("utf8");
    if (text === "") return done(null, undefined);
    parse(request, text, (error, body) => {
      request.said = { text, body };
      done(error, body);
    });
  });
}

/** Undefined when checking left something of the body out: its text says more than was taken. */
export function saidText({ said, body }: Pick<FastifyRequest, "said" | "body">): string | undefined {
  return said !== undefined && said.body === body ? said.text : undefined;
}
