// What a stage made and what it found made by an earlier run: without this a run that reused half of its work looks cheap.

export interface Tally {
  readonly note: (what: "made" | "kept") => void;
  /** Everything noted since the last call. */
  readonly taken: () => { readonly jobs: number; readonly reused: number };
}

export function newTally(): Tally {
  let [made, kept] = [0, 0];
  return {
    note: (what) => {
      if (what === "made") made++;
      else kept++;
    },
    taken: () => {
      const counted = { jobs: made + kept, reused: kept };
      [made, kept] = [0, 0];
      return counted;
    },
  };
}
