import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FillFile } from "./fill-facts.ts";
import { ModelBox, ModelControl } from "./fill-model.ts";

interface Cluster {
  readonly sizes: readonly number[];
  readonly boxes: number;
  readonly clusters: number;
  /** Of each box, in largest files. */
  readonly headroom: number;
  readonly churnPercent: number;
  /** Each plan: per file the boxes it is drawn for, and how dense it is. */
  readonly plans: readonly (readonly (readonly number[])[])[];
  readonly steps: readonly number[];
}

const clusters = fc
  .record({ boxes: fc.integer({ min: 2, max: 5 }), files: fc.integer({ min: 1, max: 14 }) })
  .chain(({ boxes, files }) =>
    fc.record({
      boxes: fc.constant(boxes),
      clusters: fc.constantFrom(1, 2),
      headroom: fc.constantFrom(1, 2),
      churnPercent: fc.constantFrom(15, 50, 100),
      sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: files, maxLength: files }),
      plans: fc.array(
        fc.array(fc.array(fc.integer({ min: 0, max: boxes - 1 }), { maxLength: 2 }), {
          minLength: files,
          maxLength: files,
        }),
        { minLength: 2, maxLength: 4 },
      ),
      steps: fc.array(fc.nat(10_000), { minLength: 20, maxLength: 150 }),
    }),
  );

const idOf = (i: number): string => `t${i}/v`;
const boxId = (i: number): string => `b${i}`;

function planOf(cluster: Cluster, places: readonly (readonly number[])[]): FillFile[] {
  return cluster.sizes.map((sizeBytes, i) => ({
    id: idOf(i),
    titleId: `t${i}`,
    sizeBytes,
    playsPerDay: (i * 7) % 5,
    publishedAtMs: 1,
    serverIds: [...new Set(places[i] ?? [])].map(boxId),
  }));
}

const bytesOn = (plan: readonly FillFile[], id: string): number =>
  plan.reduce((sum, file) => sum + (file.serverIds.includes(id) ? file.sizeBytes : 0), 0);

/** Boxes that are as full as their fullest plan allows: what is free besides is the headroom. */
function open(cluster: Cluster): { boxes: ModelBox[]; plans: FillFile[][]; control: ModelControl } {
  const plans = cluster.plans.map((places) => planOf(cluster, places));
  const headroom = cluster.headroom * Math.max(...cluster.sizes);
  const sizes = new Map(cluster.sizes.map((size, i) => [idOf(i), size]));
  const boxes = Array.from({ length: cluster.boxes }, (_, i) => {
    const room = Math.max(...plans.map((plan) => bytesOn(plan, boxId(i))));
    return new ModelBox(boxId(i), room + headroom, (id) => sizes.get(id) ?? 0, `c${i % cluster.clusters}`);
  });
  for (const box of boxes)
    box.give((plans[0] ?? []).filter((file) => file.serverIds.includes(box.id)).map(({ id }) => id));
  return {
    boxes,
    plans,
    control: new ModelControl(boxes, { fillChurnPercent: cluster.churnPercent, fillUrgentCopies: 0 }),
  };
}

/** Every planned file that had a copy which nobody may let go of has one still, on some disk. */
class Witness {
  #had = new Set<string>();
  readonly #boxes: readonly ModelBox[];
  readonly #control: ModelControl;

  constructor(boxes: readonly ModelBox[], control: ModelControl) {
    this.#boxes = boxes;
    this.#control = control;
  }

  replan(plan: readonly FillFile[]): void {
    const planned = new Set(plan.filter((file) => file.serverIds.length > 0).map(({ id }) => id));
    this.#had = new Set([...this.#had].filter((id) => planned.has(id)));
  }

  look(): void {
    const { files, boxes } = this.#control.world();
    for (const file of files.values()) {
      if (file.serverIds.length === 0) continue;
      if ([...boxes.values()].some((box) => box.secures(file.id))) this.#had.add(file.id);
    }
    for (const id of this.#had) {
      assert.ok(
        this.#boxes.some((box) => box.disk.has(id)),
        `the last copy of ${id} is gone`,
      );
    }
    for (const box of this.#boxes) assert.ok(box.usedBytes() <= box.storage, "a disk is fuller than full");
  }
}

function walk(cluster: Cluster, trouble: "none" | "lost answers, deaths"): void {
  const { boxes, plans, control } = open(cluster);
  const witness = new Witness(boxes, control);
  const isThere = (from: string, id: string): boolean => {
    const box = control.boxes.get(from);
    return box?.isUp === true && box.disk.has(id);
  };
  const perPlan = Math.ceil(cluster.steps.length / plans.length);
  plans.forEach((plan, nth) => {
    control.plan(plan);
    witness.replan(plan);
    for (const step of cluster.steps.slice(nth * perPlan, (nth + 1) * perPlan)) {
      const box = boxes[step % boxes.length];
      if (box === undefined) continue;
      const dice = Math.floor(step / boxes.length) % 20;
      if (!box.isUp) box.restart();
      else if (trouble !== "none" && dice === 0) box.isUp = false;
      else if (dice < 8) control.exchange(box, trouble !== "none" && dice === 1 ? "is lost" : "arrives");
      else box.act(isThere);
      witness.look();
    }
  });
  settle(control, boxes, witness, isThere);
}

function settle(
  control: ModelControl,
  boxes: readonly ModelBox[],
  witness: Witness,
  isThere: (from: string, id: string) => boolean,
): void {
  for (const box of boxes) if (!box.isUp) box.restart();
  const { planned } = control.world();
  const wantedOn = (box: ModelBox): string[] => (planned.get(box.id) ?? []).map(({ id }) => id).sort();
  const isThrough = (box: ModelBox): boolean =>
    wantedOn(box).length === 0 || [...box.disk].sort().join() === wantedOn(box).join();
  for (let round = 0; round < 300 && !boxes.every(isThrough); round++) {
    for (const box of boxes) {
      control.exchange(box);
      witness.look();
      box.act(isThere);
      witness.look();
    }
  }
  for (const box of boxes) {
    const held = [...box.disk].sort();
    if (!isThrough(box)) assert.deepEqual(held, wantedOn(box), `${box.id} has not reached the plan`);
  }
  assert.deepEqual(control.gaveWay, []);
}

test("[PL118] [PL119] plans that replace each other lose no last copy, and the last one is reached", () => {
  fc.assert(
    fc.property(clusters, (cluster) => walk(cluster, "none")),
    { seed: 1_118, numRuns: 200 },
  );
});

test("[PL118] [PL119] nor do they when answers are lost and boxes die and start again in the middle", () => {
  fc.assert(
    fc.property(clusters, (cluster) => walk(cluster, "lost answers, deaths")),
    { seed: 1_119, numRuns: 200 },
  );
});
