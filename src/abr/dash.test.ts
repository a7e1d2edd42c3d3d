import assert from "node:assert/strict";
import { test } from "node:test";
import { type NamedRule, named } from "#play/rule.ts";
import { attachToDash, type DashPlayerLike } from "./dash.ts";
import type { AbrDecision, AbrOptions } from "./session.ts";

const greedy: NamedRule = named<null>({
  name: "greedy",
  start: () => null,
  decide: (_, state, { maxRung }) => ({ choice: { rung: maxRung, waitMs: 0 }, state }),
  explain: () => "the highest",
});
const fast = () => ({ kbps: 1e6, latencyMs: 0 });

const ladder = [0, 1, 2].map((place) => ({
  id: `v${place}`,
  height: 180 * (place + 1),
  bitrateInKbit: 300 * (place + 1),
}));

/** dash.js as a custom rule sees it. */
class DashTwin implements DashPlayerLike {
  readonly settings: object[] = [];
  readonly #listeners = new Map<string, (event: object) => void>();
  #rule: unknown;
  allowed = ladder;
  aheadSeconds = 0;

  updateSettings(settings: object): void {
    this.settings.push(settings);
  }

  addABRCustomRule(type: string, _name: string, rule: unknown): void {
    assert.equal(type, "qualitySwitchRules");
    this.#rule = rule;
  }

  removeABRCustomRule(): void {
    this.#rule = undefined;
  }

  getBufferLength(): number {
    return this.aheadSeconds;
  }

  getPlaybackRate(): number {
    return 1;
  }

  getVideoElement(): { readonly ownerDocument: { readonly hidden: boolean } } {
    return { ownerDocument: { hidden: false } };
  }

  isDynamic(): boolean {
    return false;
  }

  duration(): number {
    return 40;
  }

  time(): number {
    return 0;
  }

  on(type: string, listener: (event: object) => void): void {
    this.#listeners.set(type, listener);
  }

  off(type: string): void {
    this.#listeners.delete(type);
  }

  get listening(): number {
    return this.#listeners.size + (this.#rule === undefined ? 0 : 1);
  }

  /** What dash.js would fetch next; it makes the rule anew each time, as it does for each film. */
  ask(type: "video" | "audio"): string | undefined {
    assert.ok(typeof this.#rule === "function");
    const abr = {
      getPossibleVoRepresentations: () => ladder,
      getPossibleVoRepresentationsFilteredBySettings: () => this.allowed,
    };
    const context = { getMediaType: () => type, getMediaInfo: () => undefined, getAbrController: () => abr };
    return this.#rule({}).create().getSwitchRequest(context).representation?.id;
  }

  fetch(index: number, id: string, mediaType = "video"): void {
    const representation = ladder.find((one) => one.id === id) ?? { id };
    const dates = { startDate: new Date(0), firstByteDate: new Date(100), endDate: new Date(1100) };
    const about = {
      type: "MediaSegment",
      mediaType,
      startTime: index * 4,
      duration: 4,
      bytesLoaded: 500_000,
    };
    const request = { ...about, ...dates, representation };
    this.#listeners.get("fragmentLoadingStarted")?.({ request });
    this.#listeners.get("fragmentLoadingCompleted")?.({ request });
  }
}

function attached(options: AbrOptions): { player: DashTwin; told: AbrDecision[]; detach: () => void } {
  const told: AbrDecision[] = [];
  const player = new DashTwin();
  const detach = attachToDash(player, { onDecision: (one) => told.push(one), ...options });
  return { player, told, detach };
}

test("[PY95] it decides on the picture and on nothing else, and counts what is requested", () => {
  const { player, told, detach } = attached({ rule: greedy, throughput: fast });
  assert.equal(player.ask("audio"), undefined);
  assert.deepEqual([player.ask("video"), player.ask("video")], ["v2", "v2"]);
  assert.equal(told.length, 0);
  player.fetch(0, "v2");
  player.fetch(0, "a", "audio");
  assert.equal(player.ask("video"), "v2");
  player.fetch(1, "v2");
  assert.deepEqual(
    told.map(({ segment, context }) => [segment, context.bufferMs]),
    [
      [0, 0],
      [1, 4000],
    ],
    "a segment counts as ready before dash.js has appended it",
  );
  detach();
  assert.equal(player.listening, 0);
});

test("[PY95] dash.js's own limits are kept, and its rules and fast switching are off", () => {
  const { player } = attached({ rule: greedy, throughput: fast });
  player.allowed = ladder.slice(0, 2);
  assert.equal(player.ask("video"), "v1");
  player.allowed = [];
  assert.equal(player.ask("video"), "v2", "limits that leave nothing limit nothing");
  const settings = JSON.stringify(player.settings);
  assert.match(settings, /"fastSwitchEnabled":false/);
  for (const rule of [
    "throughputRule",
    "bolaRule",
    "insufficientBufferRule",
    "switchHistoryRule",
    "abandonRequestsRule",
  ]) {
    assert.match(settings, new RegExp(`"${rule}":\\{"active":false\\}`));
  }
});
