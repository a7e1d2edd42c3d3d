// The API described by itself: /v1/openapi.json from the same schemas that check requests, and /docs to read it.
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import { cookieName } from "#account/cookie.ts";
import { completed, operationIdOf } from "#control/api-document.ts";
import type { OperationFacts } from "#control/api-refusals.ts";
import { documentationPolicy } from "#control/content-policy.ts";
import type { App, Audience } from "./app.ts";

/** Before the routes. */
export async function collectRoutes(app: App): Promise<void> {
  const facts = new Map<string, OperationFacts>();
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Millrace control plane",
        version: "1",
        description:
          "Viewers sign in for cookies; an app asks for tokens instead, and sends the access token as a bearer token. Appliances send the installation's token as a bearer token. Beacons carry their session's token in the body.",
      },
      components: {
        securitySchemes: {
          viewer: { type: "apiKey", in: "cookie", name: cookieName, description: "Set by sign-in." },
          operator: {
            type: "apiKey",
            in: "cookie",
            name: cookieName,
            description: "The cookie of an account that is an operator.",
          },
          admin: {
            type: "apiKey",
            in: "cookie",
            name: cookieName,
            description: "The cookie of an account that is an admin.",
          },
          worker: { type: "http", scheme: "bearer", description: "A token that an admin made for a worker." },
          appliance: {
            type: "http",
            scheme: "bearer",
            description: "The installation's appliance token, or one that an admin made for this appliance.",
          },
        },
      },
    },
    transform: (order) => {
      const { schema, url } = jsonSchemaTransform(order);
      const { method } = order.route;
      for (const one of [method].flat()) facts.set(operationIdOf(one, url), factsOf(one, order));
      return { schema: { ...schema, security: proofFor(order.route.config?.audience) }, url };
    },
    transformObject: (made) => {
      const document = "openapiObject" in made ? made.openapiObject : made.swaggerObject;
      return completed({ ...document }, (operationId) => facts.get(operationId) ?? unknownFacts);
    },
  });
}

const unknownFacts: OperationFacts = { audience: "anyone", changes: false, rateLimited: false, takes: false };

function factsOf(
  method: string,
  { schema, route: { config } }: Parameters<typeof jsonSchemaTransform>[0],
): OperationFacts {
  const limit = config?.rateLimit;
  return {
    audience: config?.audience ?? "anyone",
    changes: method !== "GET",
    rateLimited: config?.isCounted === true || (limit !== undefined && limit !== false),
    takes: [schema?.body, schema?.params, schema?.querystring].some((one) => one !== undefined),
  };
}

/** What a caller must bring, as OpenAPI says it: nothing, or one of the schemes. */
function proofFor(audience: Audience | undefined): Record<string, string[]>[] {
  return audience === undefined || audience === "anyone" ? [] : [{ [audience]: [] }];
}

/** After the routes. The page loads nothing from elsewhere, and asks no validator. */
export async function serveDocumentation(app: App): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: documentationPolicy,
    uiConfig: { validatorUrl: null, docExpansion: "list" },
  });
  app.get(
    "/v1/openapi.json",
    { config: { audience: "anyone" }, schema: { hide: true } },
    async (_request, reply) =>
      reply.type("application/json; charset=utf-8").send(JSON.stringify(app.swagger())),
  );
}
