// λ is chosen by what finds the most in held-out profiles, then everything is trained with it.
import type { Random } from "#units/random.ts";
import { type TasteOrder, type Training, trainTaste, type Watched } from "./taste.ts";
import { type Trial, tasteTrial } from "./taste-trial.ts";

/** From bold to cautious: small histories want the first, MovieLens' 20 million plays the last. */
export const regularisations = [5, 25, 100, 400, 1600] as const;

export interface Choice {
  readonly regularisation: number;
  /** How it did; undefined when there was too little to hold out. */
  readonly trial: Extract<Trial, { kind: "scored" }> | undefined;
}

const heldOut = 0.1;
const hidden = 0.2;
/** Between the extremes, when nothing can be compared. */
const unknown = 25;

export function chooseRegularisation(order: {
  readonly watched: readonly Watched[];
  readonly taste: Omit<TasteOrder, "watched" | "regularisation">;
  /** The same chance for every λ, so that they are asked the same. */
  readonly random: () => Random;
}): Choice {
  let best: Choice = { regularisation: unknown, trial: undefined };
  for (const regularisation of regularisations) {
    const taste = { ...order.taste, regularisation };
    const trial = tasteTrial({ watched: order.watched, taste, heldOut, hidden, random: order.random() });
    if (trial.kind === "too-little") continue;
    if (best.trial === undefined || trial.taste.ndcg100 > best.trial.taste.ndcg100)
      best = { regularisation, trial };
  }
  return best;
}

export function chosenTaste(order: Parameters<typeof chooseRegularisation>[0]): {
  readonly training: Training;
  readonly choice: Choice;
} {
  const choice = chooseRegularisation(order);
  const { regularisation } = choice;
  return { choice, training: trainTaste({ ...order.taste, watched: order.watched, regularisation }) };
}
