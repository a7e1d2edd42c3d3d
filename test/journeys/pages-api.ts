// A control plane for the pages alone: serves a build of them under a strict content policy, and answers from fixtures.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { qualityDefinitions } from "#control/quality-view.ts";
import { titlePage } from "#wire/catalog.ts";
import { experimentReport, experiments } from "#wire/experiment.ts";
import { signInMethods } from "#wire/identity.ts";
import { opsEncodes, opsJobs, opsLanes } from "#wire/jobs.ts";
import { opsLints } from "#wire/lints.ts";
import { opsMisses } from "#wire/misses.ts";
import { opsAppliances, opsEncode, opsExplain, opsPlacement, opsSessions, opsTitles } from "#wire/ops.ts";
import { opsPlacementChurn, opsPlacementExplain } from "#wire/ops-placement.ts";
import { opsTimeline } from "#wire/ops-sessions.ts";
import { opsQuality, opsQualityBreakdown, opsQualityDefinitions } from "#wire/quality.ts";
import { opsRoutes } from "#wire/routes.ts";
import type { ErrorBody } from "#wire/viewer.ts";
import { home as homeSchema, me as meSchema } from "#wire/viewer.ts";
import { board, encodes, jobsIn, lanes, longReport } from "./pages-encode.ts";
import { heardRoutes, home, lints, operator, report, titles } from "./pages-fixtures.ts";
import { boxesOf, type FleetSize, networkAnswer, steered } from "./pages-network.ts";
import { churn, explained, placement } from "./pages-placement.ts";
import {
  breakdownFor,
  experimentList,
  experimentResult,
  misses,
  quality,
  sessionsFor,
  timelineOf,
} from "./pages-quality.ts";
import { stewardDocuments } from "./pages-steward.ts";
import type { Household, ViewerAnswer } from "./pages-viewer.ts";
import { household, strangerAnswer, viewerAnswer } from "./pages-viewer.ts";

export const password = "right horse";

export interface PagesApi {
  readonly url: string;
  /** Paths that answer 500 from now on. */
  readonly broken: Set<string>;
  /** Every POST so far: "path body". */
  readonly posts: string[];
  /** Who watches. */
  readonly house: Household;
  signedIn: boolean;
  rows: "full" | "empty";
  fleet: FleetSize;
  close(): Promise<void>;
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "manifest-src 'self'",
].join("; ");

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webmanifest": "application/manifest+json",
};

export async function servePages(folder: string): Promise<PagesApi> {
  const state = {
    url: "",
    broken: new Set<string>(),
    posts: [] as string[],
    house: household(),
    signedIn: false,
    rows: "full",
    fleet: "small",
  } as const;
  const api: PagesApi = {
    ...state,
    signedIn: false,
    rows: "full",
    fleet: "small",
    close: async () => undefined,
  };
  const server = createServer((request, response) => {
    answer(api, folder, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return Object.assign(api, {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  });
}

async function answer(
  api: PagesApi,
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname: path, searchParams } = new URL(request.url ?? "/", "http://pages");
  if (path === "/posters/storyboard.vtt") {
    response.writeHead(200, { "content-type": "text/vtt" }).end(board);
    return;
  }
  if (path.startsWith("/posters/")) return poster(path, response);
  if (!path.startsWith("/v1/")) return file(folder, path, response);
  const body = await bodyOf(request);
  if (request.method === "POST") api.posts.push(`${path} ${body}`);
  if (api.broken.has(path)) return refuse(response, 500, "out-of-order", "The database does not answer.");
  const asked = { method: request.method ?? "GET", path, query: searchParams, body };
  const toAnybody = strangerAnswer(asked);
  if (toAnybody !== undefined) return tell(response, toAnybody);
  if (path === "/v1/sign-in/methods") {
    const oidc = { name: "The Guild", path: "/v1/sign-in/oidc" };
    return json(response, signInMethods.parse({ password: true, oidc, signUp: "invitation" }));
  }
  if (path === "/v1/sign-in") {
    api.signedIn = JSON.parse(body).password === password;
    if (!api.signedIn)
      return refuse(response, 401, "sign-in-wrong", "Email and password do not belong together.");
    return json(response, meSchema.parse(operator));
  }
  if (!api.signedIn) return refuse(response, 401, "signed-out", "Sign in first.");
  const toViewer = viewerAnswer(api.house, asked);
  if (toViewer !== undefined) return tell(response, toViewer);
  if (request.method === "POST") {
    if (path === "/v1/sign-out") api.signedIn = false;
    response.writeHead(204).end();
    return;
  }
  if (path === "/v1/ops/placement/explain") {
    const file = explained(searchParams.get("file") ?? "");
    if (file === undefined)
      return refuse(response, 404, "unknown-file", "The plan in force has no such file.");
    return json(response, opsPlacementExplain.parse(file));
  }
  const cards = home.rows.flatMap((row) => row.items);
  const card = cards.find((one) => path === `/v1/titles/${one.id}`);
  if (card !== undefined) {
    json(response, titlePage.parse({ ...card, audio: [], subtitles: [], work: null }));
    return;
  }
  const watched = questions[path]?.(searchParams) ?? timelineAt(path);
  if (watched !== undefined) return json(response, watched);
  if (path === "/v1/ops/jobs") return json(response, opsJobs.parse(jobsIn(searchParams.get("state"))));
  if (path === "/v1/ops/titles/battle/encode") return json(response, opsEncode.parse(longReport));
  if (path.endsWith("/storyboard")) return json(response, { url: "/posters/storyboard.vtt" });
  const found =
    networkAnswer(path, searchParams, api.fleet) ??
    documents(api)[path] ??
    (path.endsWith("/encode") ? opsEncode.parse(report) : undefined);
  if (found === undefined) return refuse(response, 404, "not-found", `Nothing at ${path}.`);
  json(response, found);
}

/** Answers that go by what is asked. */
const questions: Readonly<Record<string, (asked: URLSearchParams) => unknown>> = {
  "/v1/ops/sessions": (asked) => opsSessions.parse(sessionsFor(asked)),
  "/v1/ops/qoe/breakdown": (asked) => opsQualityBreakdown.parse(breakdownFor(asked)),
};

function timelineAt(path: string): unknown {
  const id = /^\/v1\/ops\/sessions\/([^/]+)\/timeline$/.exec(path)?.[1];
  const found = id === undefined ? undefined : timelineOf(id);
  return found && opsTimeline.parse(found);
}

/** Parsed here, so that a fixture that no longer fits the contract fails the test. */
function documents(api: PagesApi): Readonly<Record<string, unknown>> {
  return {
    "/v1/me": meSchema.parse(operator),
    "/v1/home": homeSchema.parse(api.rows === "full" ? home : { ...home, rows: [] }),
    "/v1/ops/appliances": opsAppliances.parse(boxesOf(api.fleet)),
    "/v1/ops/placement": opsPlacement.parse(placement),
    "/v1/ops/placement/churn": opsPlacementChurn.parse(churn),
    "/v1/ops/encodes": opsEncodes.parse(encodes),
    "/v1/ops/jobs/lanes": opsLanes.parse(lanes),
    "/v1/ops/lints": opsLints.parse(lints),
    "/v1/ops/titles": opsTitles.parse(titles),
    "/v1/ops/routes": opsRoutes.parse(heardRoutes),
    "/v1/ops/qoe": opsQuality.parse(quality),
    "/v1/ops/qoe/definitions": opsQualityDefinitions.parse(qualityDefinitions()),
    "/v1/ops/misses": opsMisses.parse(misses),
    "/v1/ops/experiments": experiments.parse(experimentList),
    "/v1/ops/experiments/x0a1b2c3d/report": experimentReport.parse(experimentResult),
    "/v1/ops/steer/explain": opsExplain.parse(steered),
    ...stewardDocuments(),
  };
}

async function file(folder: string, path: string, response: ServerResponse): Promise<void> {
  const name = extname(path) === "" ? "index.html" : path;
  const bytes = await readFile(join(folder, name)).catch(() => undefined);
  if (bytes === undefined) return refuse(response, 404, "not-found", path);
  response.writeHead(200, {
    "content-type": types[extname(name)] ?? "application/octet-stream",
    "content-security-policy": policy,
  });
  response.end(bytes);
}

function poster(path: string, response: ServerResponse): void {
  const hue = 190 + 37 * Number.parseInt(path.slice("/posters/".length), 10);
  if (Number.isNaN(hue)) {
    refuse(response, 404, "not-found", path);
    return;
  }
  response.writeHead(200, { "content-type": "image/svg+xml" });
  response.end(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180">
    <rect width="320" height="180" fill="hsl(${hue} 45% 28%)"/><circle cx="230" cy="60" r="34" fill="hsl(${hue + 30} 60% 66%)"/>
    <path d="M0 130q80-50 160 0t160 0v50H0z" fill="hsl(${hue} 50% 16%)"/></svg>`);
}

function tell(response: ServerResponse, told: ViewerAnswer): void {
  switch (told.kind) {
    case "answer":
      json(response, told.value);
      return;
    case "refused":
      refuse(response, told.status, told.code, told.message);
      return;
    case "done":
      response.writeHead(told.status).end();
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  const body: ErrorBody = { error: { code, message } };
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
