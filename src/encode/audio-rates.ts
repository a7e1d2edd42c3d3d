// The sounds that are published: every sound of the film at every rate that was asked for, each with its id and name.
import type { AudioCodec } from "#model/encoded.ts";
import { type BitsPerSecond, bitsPerSecond } from "#units/quantity.ts";
import { languageName, type SoundIntake } from "./tracks.ts";

export interface AudioRate {
  readonly codec: AudioCodec;
  readonly bitrate: BitsPerSecond;
}

/** One rendition of one sound of the film. */
export interface AudioOrder {
  readonly id: string;
  readonly sound: SoundIntake;
  readonly rate: AudioRate;
  readonly name: string;
}

/** What stereo at 48 kHz is good for, kbit/s. Ours: below sounds broken, above is wasted. */
export const rateRanges = { aac: [48, 320], opus: [24, 256] } as const;
export const mostRates = 6;
export const usualRate: AudioRate = { codec: "aac", bitrate: bitsPerSecond(128_000) };

/** "aac64,aac128,opus96" as rates; what is wrong with it otherwise. */
export function readAudioRates(
  text: string,
): { readonly kind: "rates"; readonly rates: readonly AudioRate[] } | { readonly kind: "wrong" } {
  const rates = text.split(",").map((word): AudioRate | undefined => {
    const [, codec, kbit] = /^(aac|opus)(\d{1,4})$/.exec(word.trim()) ?? [];
    if (codec !== "aac" && codec !== "opus") return undefined;
    return { codec, bitrate: bitsPerSecond(Number(kbit) * 1000) };
  });
  const known = rates.filter((rate) => rate !== undefined);
  return known.length === rates.length && areRates(known)
    ? { kind: "rates", rates: known }
    : { kind: "wrong" };
}

export function areRates(rates: readonly AudioRate[]): boolean {
  const isDistinct = new Set(rates.map(rateName)).size === rates.length;
  const fits = ({ codec, bitrate }: AudioRate): boolean => {
    const [least, most] = rateRanges[codec];
    return Number.isInteger(bitrate / 1000) && bitrate >= least * 1000 && bitrate <= most * 1000;
  };
  return rates.length > 0 && rates.length <= mostRates && isDistinct && rates.every(fits);
}

export function rateName({ codec, bitrate }: AudioRate): string {
  return `${codec}${bitrate / 1000}`;
}

/**
 * What plays unless another is chosen comes first and is called "audio": the film's default sound at the usual rate, or at
 * the first that was asked for.
 */
export function audioOrders(
  sounds: readonly SoundIntake[],
  rates: readonly AudioRate[],
): readonly AudioOrder[] {
  const usual = rates.find((rate) => rateName(rate) === rateName(usualRate)) ?? rates[0];
  const ordered = [...rates].sort((a, b) => Number(b === usual) - Number(a === usual));
  const names = distinct(
    sounds.map(({ title, language }) => title || languageName(language)),
    (name, nth) => `${name} ${nth}`,
  );
  const wanted = sounds.flatMap((sound, index) =>
    ordered.map((rate) => ({ sound, rate, name: names[index] ?? "" })),
  );
  const ids = distinct(
    wanted.map(({ sound, rate }, index) =>
      index === 0 ? "audio" : `audio-${sound.language}-${rateName(rate)}`,
    ),
    (id, nth) => `${id}-${nth}`,
  );
  return wanted.map((order, index) => ({ ...order, id: ids[index] ?? "" }));
}

/** The same words, a later one that is already taken with a number that makes it new. */
export function distinct(
  words: readonly string[],
  numbered: (word: string, nth: number) => string,
): readonly string[] {
  const taken = new Set<string>();
  return words.map((word) => {
    let own = word;
    for (let nth = 2; taken.has(own); nth++) own = numbered(word, nth);
    taken.add(own);
    return own;
  });
}
