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
  /** "millrace=…" once signed in. */
  cookie(): string;
  get(path: string): Promise<Said>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Said>;
  signIn(email: string, password: string): Promise<Said>;
  play(titleId: string, viewpoint?: string): Promise<PlayAnswer>;
  beacon(play: PlayAnswer, seq: number, more?: Record<string, unknown>): Record<string, unknown>;
}

const deadlineMs = 60_000;

export function client(base: string, kept = ""): Client {
  let cookie = kept;
  const ask = async (path: string, init: RequestInit): Promise<Said> => {
    const headers = { ...(cookie === "" ? {} : { cookie }), ...Object(init.headers) };
    const response = await fetch(`${base}${path}`, {
      ...init,
      headers,
      signal: AbortSignal.timeout(deadlineMs),
    });
    const set = response.headers.get("set-cookie");
    if (set !== null) cookie = set.split(";")[0] ?? "";
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
    cookie: () => cookie,
    get: (path) => ask(path, {}),
    post: (path, body, headers = {}) =>
      ask(path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
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
