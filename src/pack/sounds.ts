// Which sounds belong together. A voice is what a viewer chooses ("English", "Deutsch", "English, commentary"); it may be there
// in several codecs and at several rates. HLS wants groups: all voices once, in one codec near one rate, and every picture
// names the group that is heard with it. DASH wants sets: one voice in one codec, with its rates to switch between.
// Source: RFC 8216 §4.3.4.1.1 (all groups of a type have the same members), ISO/IEC 23009-1 §5.3.3.
import type { AudioCodec } from "#model/encoded.ts";
import type { AudioTrack } from "./track.ts";

export interface Voice {
  /** Unique among the title's voices. */
  readonly name: string;
  readonly language: string;
  /** In the film's order. */
  readonly tracks: readonly AudioTrack[];
}

/** The title's voices, in the order in which they first come; the first plays unless another is chosen. */
export function voicesOf(audio: readonly AudioTrack[]): readonly Voice[] {
  const found = new Map<string, AudioTrack[]>();
  for (const track of audio) {
    const { language, name, codec } = track;
    // Two that nothing tells apart are two voices all the same.
    for (let nth = 1; ; nth++) {
      const key = JSON.stringify([language, name, nth]);
      const tracks = found.get(key) ?? [];
      if (tracks.some((other) => other.codec === codec && kilobits(other) === kilobits(track))) continue;
      found.set(key, [...tracks, track]);
      break;
    }
  }
  const voices = [...found.values()].flatMap((tracks) => {
    const [first] = tracks;
    return first === undefined ? [] : [{ name: first.name, language: first.language, tracks }];
  });
  const names = distinct(voices);
  return voices.map((voice, index) => ({ ...voice, name: names[index] ?? voice.name }));
}

/** Names for a menu, no two alike: the language is said where names are shared, then a number. */
export function distinct(
  all: readonly { readonly name: string; readonly language: string }[],
): readonly string[] {
  const taken = new Set<string>();
  return all.map(({ name, language }) => {
    const shared = all.filter((other) => other.name === name).length > 1;
    const plain = shared && language !== "und" ? `${name} (${language})` : name;
    let chosen = plain;
    for (let n = 2; taken.has(chosen); n++) chosen = `${plain} ${n}`;
    taken.add(chosen);
    return chosen;
  });
}

export interface SoundGroup {
  /** "aac-128" */
  readonly id: string;
  readonly codec: AudioCodec;
  readonly kilobits: number;
  /** One track of each voice, in the voices' order. */
  readonly members: readonly { readonly voice: Voice; readonly track: AudioTrack }[];
}

/**
 * One group per codec and rate, AAC first, then by rate. A voice without that rate is there with its nearest of the codec, and
 * one without the codec with its nearest of any, since every group must offer every voice.
 */
export function soundGroups(voices: readonly Voice[]): readonly SoundGroup[] {
  const tracks = voices.flatMap((voice) => voice.tracks);
  const order: readonly AudioCodec[] = ["aac", "opus"];
  return order.flatMap((codec) => {
    const rates = new Set(tracks.filter((track) => track.codec === codec).map(kilobits));
    return [...rates]
      .toSorted((a, b) => a - b)
      .map((rate) => ({
        id: `${codec}-${rate}`,
        codec,
        kilobits: rate,
        members: voices.flatMap((voice) => {
          const track = nearest(voice, codec, rate);
          return track === undefined ? [] : [{ voice, track }];
        }),
      }));
  });
}

function nearest(voice: Voice, codec: AudioCodec, rate: number): AudioTrack | undefined {
  const same = voice.tracks.filter((track) => track.codec === codec);
  const choice = same.length > 0 ? same : voice.tracks;
  const off = (track: AudioTrack): number => Math.abs(kilobits(track) - rate);
  return choice.toSorted((a, b) => off(a) - off(b) || kilobits(a) - kilobits(b))[0];
}

/**
 * The groups that go with rung `rank` of a ladder of `rungs` (0 is the cheapest): one of each codec. The cheapest rung gets the
 * cheapest group, the dearest the dearest, those between in equal steps; so a slow line does not spend on sound what its
 * picture lacks, and no step of the sound is left out where there are as many rungs.
 *
 * step = ⌊rank·(groups − 1)/(rungs − 1) + ½⌋
 */
export function groupsFor(rank: number, rungs: number, groups: readonly SoundGroup[]): readonly SoundGroup[] {
  const codecs = [...new Set(groups.map((group) => group.codec))];
  return codecs.flatMap((codec) => {
    const same = groups.filter((group) => group.codec === codec);
    const top = same.length - 1;
    const chosen = same[rungs === 1 ? top : Math.round((rank * top) / (rungs - 1))];
    return chosen === undefined ? [] : [chosen];
  });
}

function kilobits(track: AudioTrack): number {
  return Math.round(track.bitrate / 1000);
}
