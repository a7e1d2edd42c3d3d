// What the viewer chose for this play: the highest rung, the rule, the network to be simulated, sound and subtitles.
import { defaultRule } from "#abr/default-rule.ts";
import { liveRule } from "#play/live-rule.ts";
import { type MadeName, madeNetwork } from "#play/made-networks.ts";
import { type RuleRow, ruleNamed, rules } from "#play/rules.ts";
import { CaptionBox, type Line } from "./caption-box.ts";
import type { Pacer } from "./pacer.ts";
import type { AudioTrack, ShakaPlayer, TextTrack } from "./shaka.ts";

export interface Track {
  readonly key: string;
  /** As the manifest names it; empty where it does not. */
  readonly name: string;
  /** BCP 47. */
  readonly language: string;
  readonly chosen: boolean;
}

export interface Chosen {
  /** No rung above this one; undefined: the rule decides. */
  readonly cap: string | undefined;
  readonly rule: string;
  /** A network that the page simulates; undefined: the real one. */
  readonly network: MadeName | undefined;
  readonly sounds: readonly Track[];
  readonly texts: readonly Track[];
}

export const nothingChosen: Chosen = {
  ...{ cap: undefined, rule: defaultRule.name, network: undefined },
  ...{ sounds: [], texts: [] },
};

/** Those that can play live: a rule that fetches segments again needs a player that replaces what it holds. */
export const liveRules: readonly RuleRow[] = rules.filter((row) => row.replacement === "none");

const noLines: readonly Line[] = [];

/** After these Shaka may have other tracks, or another one in use. */
const changes = ["trackschanged", "audiotrackschanged", "audiotrackchanged", "textchanged", "loaded"];

export class Choices {
  readonly #show: (chosen: Chosen) => void;
  readonly #live = liveRule(defaultRule);
  #chosen: Chosen = nothingChosen;
  #player: ShakaPlayer | undefined;
  #box: CaptionBox | undefined;
  #pacer: Pacer | undefined;
  /** Shown when subtitles come back. */
  #lastText: string | undefined;

  constructor(show: (chosen: Chosen) => void) {
    this.#show = show;
  }

  /** What decides in this play, whichever it is. */
  get rule() {
    return this.#live.rule;
  }

  readonly highest = (): string | undefined => this.#chosen.cap;

  attach(player: ShakaPlayer, pacer: Pacer): void {
    this.#player = player;
    this.#pacer = pacer;
    this.shape(this.#chosen.network);
    const textDisplayFactory = (): CaptionBox => {
      this.#box = new CaptionBox();
      return this.#box;
    };
    // A film whose subtitles cannot be had plays without them.
    player.configure({ textDisplayFactory, streaming: { ignoreTextStreamFailures: true } });
    for (const change of changes) player.addEventListener(change, () => this.#read());
  }

  /** From the next decision on. */
  cap(id: string | undefined): void {
    this.#change({ cap: id });
  }

  changeRule(name: string): void {
    const naming = ruleNamed(name, liveRules);
    if (naming.kind === "unknown") return;
    this.#live.change(naming.row.rule);
    this.#change({ rule: naming.row.name });
  }

  /** From the next bytes on. */
  shape(network: MadeName | undefined): void {
    this.#pacer?.shape(network === undefined ? undefined : madeNetwork(network).trace);
    this.#change({ network });
  }

  sound(key: string): void {
    const track = this.#player?.getAudioTracks().find((one) => keyOf(one) === key);
    if (track !== undefined) this.#player?.selectAudioTrack(track);
    this.#read();
  }

  /** Undefined: none. */
  text(key: string | undefined): void {
    const track = this.#player?.getTextTracks().find((one) => keyOf(one) === key);
    this.#player?.selectTextTrack(track ?? null);
    if (track !== undefined) this.#lastText = key;
    this.#read();
  }

  toggleText(): void {
    const { texts } = this.#chosen;
    const shown = texts.some((one) => one.chosen);
    this.text(shown ? undefined : (this.#lastText ?? texts[0]?.key));
  }

  readonly captionLines = (): readonly Line[] => this.#box?.lines() ?? noLines;

  readonly captionsAt = (seconds: number): readonly string[] => this.#box?.at(seconds) ?? [];

  #read(): void {
    const player = this.#player;
    if (player === undefined) return;
    this.#change({
      sounds: distinct(player.getAudioTracks()),
      // What is forced belongs to the picture: Shaka shows it by itself.
      texts: distinct(player.getTextTracks().filter((track) => !track.forced)),
    });
  }

  #change(change: Partial<Chosen>): void {
    this.#chosen = { ...this.#chosen, ...change };
    this.#show(this.#chosen);
  }
}

/** The same sound at another rate is no choice of the viewer's. */
function distinct(tracks: readonly (AudioTrack | TextTrack)[]): readonly Track[] {
  const all = new Map<string, Track>();
  for (const track of tracks) {
    const key = keyOf(track);
    const chosen = track.active || all.get(key)?.chosen === true;
    all.set(key, { key, name: track.label ?? "", language: track.language, chosen });
  }
  return [...all.values()];
}

function keyOf({ language, label, roles }: AudioTrack | TextTrack): string {
  return `${language} ${label ?? ""} ${roles.join()}`;
}
