// A viewer without a picture: it fetches a film's segments with the player's own retrieval and failover, checks them, and
// sends its last words. Its buffer is thought to stay at four segments.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout as rest } from "node:timers/promises";
import { newFailover, stepFailover } from "#play/failover.ts";
import { newRetrieval, type RetrievalCommand, type RetrievalEvent, stepRetrieval } from "#play/retrieval.ts";
import { bodyFault, type Expected, hashFault, lengthFault } from "#play/verify.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import { get } from "./edge-rig.ts";
import { filmId, type River, rungs, segmentMs, segments } from "./experiment-river.ts";

/** `hardy` plays as ours does; `brittle` ends at the first answer that is not right. */
export type Nature = "hardy" | "brittle";

export interface Viewing {
  readonly sessionId: string;
  /** The source of each segment; "" when it was skipped. */
  readonly from: readonly string[];
  /** What was wrong with answers, in words. */
  readonly troubles: readonly string[];
  readonly end: "ended" | "failed";
}

/** What was wrong, but for slowness: of that the experiment is not guilty unless it stalls, but a busy machine may be. */
export function faults({ troubles }: Pick<Viewing, "troubles">): readonly string[] {
  return troubles.filter((because) => !/^(no answer within|silent for|sent only)/.test(because));
}

const bufferMs = 4 * segmentMs;
const tickMs = 25;

export async function view(river: River, nature: Nature, play?: PlayAnswer): Promise<Viewing> {
  const opened = play ?? (await river.viewer.play(filmId));
  const viewing = new Viewer(river, nature, opened);
  const seen = await viewing.watch();
  const positionMs = seen.from.length * segmentMs;
  const last = river.viewer.beacon(opened, 1, {
    state: seen.end,
    positionMs,
    stallCount: seen.end === "failed" ? 1 : 0,
    stallMs: 0,
    switchCount: viewing.lowered,
  });
  const said = await river.viewer.post("/v1/telemetry", {
    sessionToken: opened.sessionToken,
    events: [last],
  });
  assert.equal(said.status, 204, JSON.stringify(said.body));
  return seen;
}

class Viewer {
  readonly #river: River;
  readonly #nature: Nature;
  readonly #play: PlayAnswer;
  readonly #troubles: string[] = [];
  #failover: ReturnType<typeof newFailover>;
  lowered = 0;

  constructor(river: River, nature: Nature, play: PlayAnswer) {
    this.#river = river;
    this.#nature = nature;
    this.#play = play;
    const ids = (play.sources[rungs[1]] ?? []).map((source) => source.sourceId);
    this.#failover = newFailover(play.sources, ids);
  }

  async watch(): Promise<Viewing> {
    const from: string[] = [];
    const { sessionId } = this.#play;
    for (let segment = 1; segment <= segments; segment++) {
      const source = await this.#segment(segment);
      if (source === undefined) return { sessionId, from, troubles: this.#troubles, end: "failed" };
      from.push(source);
    }
    return { sessionId, from, troubles: this.#troubles, end: "ended" };
  }

  /** Where it came from; undefined: the film cannot go on. */
  async #segment(segment: number): Promise<string | undefined> {
    for (const [steps, rung] of rungs.toReversed().entries()) {
      const found = await this.#inRung(segment, rung, steps);
      if (found !== "lower") return found;
      this.lowered += 1;
    }
    return undefined;
  }

  async #inRung(segment: number, rung: string, steps: number): Promise<string | "lower" | undefined> {
    const path = `${rung}/${segment}.m4s`;
    const file = this.#river.files.get(path);
    assert.ok(file !== undefined);
    const sha256Prefix = file.sha256.slice(0, 16);
    const expected: Expected = { media: "video", bytes: file.bytes, sha256Prefix };
    const bits = file.bytes * 8;
    const lower = steps === 0 ? [{ rendition: rungs[0], bits }] : [];
    let state = newRetrieval(
      {
        media: "video",
        rendition: rung,
        segment,
        segmentMs,
        bits,
        lower,
        lowestKbps: 24,
        steps,
        skippable: true,
      },
      performance.now(),
    );
    let outcome: { readonly found: string | "lower" | undefined } | undefined;
    let asked = { sourceId: "", cancel: new AbortController() };
    const ask = (sourceId: string): void => {
      asked = { sourceId, cancel: new AbortController() };
      const { signal } = asked.cancel;
      void this.#fetch(sourceId, `${segment}.m4s`, { rung, expected, signal }).then((event) => {
        if (!signal.aborted) say(event);
      });
    };
    const obey = (command: RetrievalCommand): void => {
      if (command.kind === "ask") ask(command.sourceId);
      if (command.kind === "cancel") asked.cancel.abort();
      if (command.kind === "judge") this.#judge(command, rung, `${segment}`);
      if (command.kind === "deliver") outcome = { found: asked.sourceId };
      if (command.kind === "skip") outcome = { found: "" };
      if (command.kind === "lower") outcome = { found: "lower" };
      if (command.kind === "give-up") outcome = { found: undefined };
    };
    const say = (event: RetrievalEvent): void => {
      const order = this.#play.sources[rung]?.map((source) => source.sourceId) ?? [];
      const moment = { nowMs: performance.now(), bufferMs, order, online: true, arrivedMs: -1 };
      const step = stepRetrieval(state, event, { ...moment, latencyMs: 5, chance: 0.5, seeking: false });
      state = step.state;
      for (const command of step.commands) obey(command);
    };
    say({ kind: "begin" });
    while (outcome === undefined) {
      await rest(tickMs);
      say({ kind: "tick" });
      if (this.#nature === "brittle" && faults({ troubles: this.#troubles }).length > 0)
        outcome = { found: undefined };
    }
    asked.cancel.abort();
    return outcome.found;
  }

  #judge(
    { sourceId, because, startedMs, verdict }: Extract<RetrievalCommand, { kind: "judge" }>,
    rendition: string,
    file: string,
  ): void {
    this.#troubles.push(because);
    const kind = verdict === "corrupt" || verdict === "lacking" ? verdict : "failed";
    const event = { kind, sourceId, because, startedMs, rendition, file } as const;
    this.#failover = stepFailover(this.#failover, event, performance.now()).state;
  }

  async #fetch(
    sourceId: string,
    file: string,
    more: { readonly rung: string; readonly expected: Expected; readonly signal: AbortSignal },
  ): Promise<RetrievalEvent> {
    const { rung, expected, signal } = more;
    const base = this.#play.sources[rung]?.find((source) => source.sourceId === sourceId)?.baseUrl ?? "";
    const corrupt = (because: string): RetrievalEvent => ({ kind: "failed", verdict: "corrupt", because });
    try {
      const { host, pathname } = new URL(`${base}${file}`);
      // On a connection of its own: one that was kept may be closed by an nginx that reloads, which browsers make up for.
      const { status, headers, body } = await get(host, pathname, { signal });
      if (status === 404) return { kind: "failed", verdict: "lacking", because: "answered 404" };
      if (status !== 200) return { kind: "failed", verdict: "refused", because: `answered ${status}` };
      const length = lengthFault(Number(headers["content-length"]), expected);
      if (length !== undefined) return corrupt(length);
      const hash = createHash("sha256").update(body).digest("hex");
      const fault = bodyFault(body, expected) ?? hashFault(hash, expected);
      return fault === undefined ? { kind: "served" } : corrupt(fault);
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error);
      return { kind: "failed", verdict: "unreachable", because };
    }
  }
}
