// Takes the cues that Shaka read and says which lines stand now: drawn by our own page, so that their look is the viewer's choice.
import type { Cue, TextDisplayer } from "./shaka.ts";

export interface Line {
  readonly from: number;
  readonly until: number;
  readonly text: string;
}

const noLines: readonly Line[] = [];

/** The slice of Shaka's cue that is needed. */
export type CueLike = Pick<Cue, "startTime" | "endTime" | "payload"> & {
  readonly nestedCues: readonly CueLike[];
  readonly lineBreak: boolean;
};

export class CaptionBox implements TextDisplayer {
  /** As many as the file has: two hours of speech are some 2,000. */
  #lines: readonly Line[] = [];
  #visible = false;

  append(cues: readonly CueLike[]): void {
    const fresh = cues.map((cue) => ({ from: cue.startTime, until: cue.endTime, text: textOf(cue).trim() }));
    const known = new Set(this.#lines.map(keyOf));
    this.#lines = [...this.#lines, ...fresh.filter((line) => line.text !== "" && !known.has(keyOf(line)))];
  }

  remove(from: number, until: number): boolean {
    this.#lines = this.#lines.filter((line) => line.from < from || line.until > until);
    return true;
  }

  /** What stands at that second, from the first begun to the last. */
  at(seconds: number): readonly string[] {
    if (!this.#visible) return [];
    return this.#lines
      .filter((line) => line.from <= seconds && seconds < line.until)
      .toSorted((a, b) => a.from - b.from)
      .map((line) => line.text);
  }

  /** All of them, by the same object until they change; none while they are off. */
  lines(): readonly Line[] {
    return this.#visible ? this.#lines : noLines;
  }

  isTextVisible(): boolean {
    return this.#visible;
  }

  setTextVisibility(on: boolean): void {
    this.#visible = on;
  }

  configure(): void {
    // The look is the page's.
  }

  setTextLanguage(): void {
    // The page knows which track was chosen.
  }

  destroy(): Promise<void> {
    this.#lines = [];
    return Promise.resolve();
  }
}

function keyOf({ from, until, text }: Line): string {
  return `${from} ${until} ${text}`;
}

/** Without its marks: who speaks and what is stressed. */
function textOf(cue: CueLike): string {
  if (cue.lineBreak) return "\n";
  return cue.nestedCues.length > 0 ? cue.nestedCues.map(textOf).join("") : cue.payload;
}
