// The published sounds: each sound of the film at each rate that is wanted, exactly as long as the picture.
import { open } from "node:fs/promises";
import type { Input } from "#encode/argv.ts";
import { priming, soundArgs, soundRate } from "#encode/argv-side.ts";
import {
  type AudioOrder,
  type AudioRate,
  areRates,
  audioOrders,
  mostRates,
  rateName,
  rateRanges,
} from "#encode/audio-rates.ts";
import { encodeFaults } from "#encode/faults.ts";
import { preSkipIn } from "#encode/opus-head.ts";
import type { SoundIntake } from "#encode/tracks.ts";
import type { EncodedAudio } from "#model/encoded.ts";
import { Fault } from "#units/fault.ts";
import type { Bench } from "./bench.ts";
import { type FileOrder, keptOrMade } from "./side-files.ts";
import { sideBySide } from "./workshop.ts";

/** @throws Fault encode-audio-rates */
export function assertRates(rates: readonly AudioRate[]): void {
  if (areRates(rates)) return;
  const [aac, opus] = [rateRanges.aac.join("–"), rateRanges.opus.join("–")];
  const found = rates.map(rateName).join(", ") || "none";
  throw new Fault(encodeFaults.wrongAudioRates, { most: mostRates, aac, opus, found });
}

/** The first plays unless another is chosen. @throws Fault encode-sound-mismatch */
export async function makeSounds(
  { film, sha256 }: { readonly film: Input; readonly sha256: string },
  sounds: readonly SoundIntake[],
  rates: readonly AudioRate[],
  seconds: number,
  bench: Bench,
): Promise<readonly EncodedAudio[]> {
  const orders = audioOrders(sounds, rates);
  let done = 0;
  if (orders.length > 0) bench.working("sound", 0);
  return sideBySide(orders, bench.workshop.jobs, bench.signal, async (order, signal) => {
    const { id, sound, rate, name } = order;
    const file: FileOrder = {
      args: soundArgs(film, sound, rate, seconds, "sound.mp4"),
      ...{ input: film.path, inputKey: sha256, folder: "sound", output: "sound.mp4", filmSeconds: seconds },
      ...(rate.codec === "opus" && {
        finish: { named: "no pre-skip", run: (fresh) => withoutPreSkip(fresh, order) },
      }),
    };
    const path = await keptOrMade(file, bench, signal);
    bench.working("sound", ++done / orders.length);
    const { codec, bitrate } = rate;
    const { language } = sound;
    return { id, codec, language, name, path, bitrate, sampleRate: soundRate, channels: 2 };
  });
}

/** The head lies within the first 4 KiB of what ffmpeg writes. */
const headBytes = 4096;

async function withoutPreSkip(path: string, { id, rate }: AudioOrder): Promise<void> {
  const handle = await open(path, "r+");
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(headBytes), 0, headBytes, 0);
    const found = preSkipIn(buffer.subarray(0, bytesRead));
    const wanted = priming[rate.codec];
    if (found?.samples !== wanted) {
      const reason = `wanted a pre-skip of ${wanted} samples, found ${found?.samples ?? "none"}`;
      throw new Fault(encodeFaults.soundMismatch, { track: id, reason });
    }
    await handle.write(Uint8Array.of(0, 0), 0, 2, found.offset);
  } finally {
    await handle.close();
  }
}
