// Learns taste in a thread of its own: a minute of computing must not keep requests waiting.
import { parentPort, workerData } from "node:worker_threads";
import { chosenTaste } from "#catalog/taste-choice.ts";
import { seededRandom } from "#units/random.ts";
import type { TasteWork } from "./learn-taste.ts";

const { watched, mostTitles, neighbours, seed }: TasteWork = workerData;
const random = () => seededRandom(seed);
parentPort?.postMessage(chosenTaste({ watched, taste: { mostTitles, neighbours }, random }));
