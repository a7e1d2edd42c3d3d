// A browser's part of the talk with the control plane, for journeys: cookie, JSON, and one play.
import assert from "node:assert/strict";
import { errorBody, type PlayAnswer, playAnswer } from "#wire/viewer.ts";

export interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  /** The error's code, or "". */
  readonly code: string;
}

export interface Client {
  /** "millrace=…; millrace-refresh=…" once signed in. */
  cookie(): string;
  get(path: string): Promise<Said>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Said>;
  send(method: "PATCH" | "DELETE", path: string, body?: unknown): Promise<Said>;
  signIn(email: string, password: string): Promise<Said>;
  play(titleId: string, viewpoint?: string): Promise<PlayAnswer>;
  beacon(play: PlayAnswer, seq: number, more?: Record<string, unknown>): Record<string, unknown>;
}

const deadlineMs = 60_000;

function pair(text: string): [name: string, value: string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}

export function client(base: string, kept = ""): Client {
  const jar = new Map(kept === "" ? [] : kept.split("; ").map((one) => pair(one)));
  const cookies = (): string => [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const ask = async (path: string, init: RequestInit): Promise<Said> => {
    const headers = { ...(jar.size === 0 ? {} : { cookie: cookies() }), ...Object(init.headers) };
    const response = await fetch(`${base}${path}`, {
      ...init,
      headers,
      signal: AbortSignal.timeout(deadlineMs),
    });
    for (const set of response.headers.getSetCookie()) {
      const [name, value] = pair(set.split(";")[0] ?? "");
      if (value === "") jar.delete(name);
      else jar.set(name, value);
    }
    const text = await response.text();
    const json = response.headers.get("content-type")?.includes("json") === true && text !== "";
    const body: unknown = json ? JSON.parse(text) : text;
    const error = errorBody.safeParse(body);
    return {
      status: response.status,
      headers: response.headers,
      body,
      code: error.success ? error.data.error.code : "",
    };
  };
  const self: Client = {
    cookie: cookies,
    get: (path) => ask(path, {}),
    post: (path, body, headers = {}) =>
      ask(path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    send: (method, path, body) =>
      ask(path, {
        method,
        headers: { "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    signIn: (email, password) => self.post("/v1/sign-in", { email, password }),
    async play(titleId, viewpoint) {
      const said = await self.post("/v1/play", {
        titleId,
        ...(viewpoint === undefined ? {} : { viewpoint }),
      });
      assert.equal(said.status, 200, JSON.stringify(said.body));
      return playAnswer.parse(said.body);
    },
    beacon: (play, seq, more = {}) => ({
      sessionId: play.sessionId,
      seq,
      state: "playing",
      positionMs: 1000 * seq,
      durationMs: play.durationMs,
      bufferMs: 8000,
      bitrateBps: 400_000,
      height: 360,
      throughputBps: 5_000_000,
      stallCount: 0,
      stallMs: 0,
      switchCount: 0,
      startupMs: 400,
      applianceId: "a1",
      because: "buffer above the cushion",
      ...more,
    }),
  };
  return self;
}
