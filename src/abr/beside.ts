// Sound that comes beside the picture uses the same line: what it carried in that time belongs to the measure.

export interface Interval {
  readonly bits: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Segments of sound are as long as those of the picture or shorter: of these few, some may lie beside. */
const kept = 8;

export class Beside {
  #sounds: readonly Interval[] = [];

  add(sound: Interval): void {
    this.#sounds = [...this.#sounds, sound].slice(-kept);
  }

  /** Bits of sound between two times, taking each to have come evenly. */
  bits(fromMs: number, toMs: number): number {
    return this.#sounds.reduce((sum, sound) => {
      const common = Math.min(toMs, sound.toMs) - Math.max(fromMs, sound.fromMs);
      return common > 0 ? sum + sound.bits * (common / (sound.toMs - sound.fromMs)) : sum;
    }, 0);
  }
}
