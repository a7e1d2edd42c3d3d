// One hour of viewers: who sends what to whom, and why a byte did not come from the best site. The order in which boxes are
// tried is steering's: its tiers, its draw by free throughput, its bound on load (steer/choose.ts). A session's player
// works down that order past boxes that are dead or full, and asks the origin last.
//
// A load is what a box was given so far in this hour: the hour's sessions come one after another, those with least choice
// first, as a network in a steady state would have them. Who is at home goes before who was sent on.
import { type Able, type BoundSettings, chosen } from "#steer/choose.ts";
import { hash64 } from "#units/hash.ts";
import { bitsPerSecond } from "#units/quantity.ts";
import type { HolderClass } from "./holders.ts";
import type { Way, WayBox } from "./ways.ts";

const hourSeconds = 3600;
/** Sessions are handed over in pieces of at most this part of what their tier can send in an hour. Chosen by us. */
const pieces = 128;

/** A box as this hour finds it. */
export interface ServingBox {
  /** What the health gate says: whether it is given viewers. */
  readonly healthy: boolean;
  /** Whether it answers. */
  readonly alive: boolean;
  /** Bytes that it can send in this hour. */
  readonly room: number;
}

/** Demand of a region in this hour, or of the part of it whose sessions began before its routes changed. */
export interface Flow {
  readonly region: number;
  readonly key: string;
  readonly ways: readonly Way[];
  /** Bits of the best site's boxes, as the routes are now. */
  readonly best: number;
  readonly carried: boolean;
  /** Bytes by class; what is left over when the hour is served. */
  readonly left: Float64Array;
}

/** Whole bytes. hit + content + health + other = asked = home + elsewhere + origin + unserved. */
export interface Ledger {
  asked: number;
  hit: number;
  content: number;
  health: number;
  other: number;
  home: number;
  elsewhere: number;
  origin: number;
  unserved: number;
}

export interface ServedHour {
  /** By region. */
  readonly ledgers: readonly Ledger[];
  /** By box. */
  readonly sent: Float64Array;
  readonly originSent: number;
}

export const emptyLedger = (): Ledger => ({
  asked: 0,
  hit: 0,
  content: 0,
  health: 0,
  other: 0,
  home: 0,
  elsewhere: 0,
  origin: 0,
  unserved: 0,
});

export interface ServeOrder {
  readonly flows: readonly Flow[];
  readonly regions: number;
  readonly classes: readonly HolderClass[];
  readonly boxes: readonly ServingBox[];
  readonly originRoom: number;
  readonly settings: BoundSettings;
}

export function serveHour(order: ServeOrder): ServedHour {
  const hour = new ServingHour(order);
  const deepest = Math.max(0, ...order.flows.map(({ ways }) => ways.length));
  for (let stage = 0; stage < deepest; stage++) {
    for (const flow of order.flows) {
      const way = flow.ways[stage];
      if (way !== undefined) hour.serveFrom(flow, way, stage);
      if (stage === 0) hour.classify(flow);
    }
  }
  for (const flow of order.flows) hour.askOrigin(flow);
  return hour.result();
}

class ServingHour {
  private readonly order: ServeOrder;
  private readonly ledgers: Ledger[];
  private readonly sent: Float64Array;
  private originSent = 0;

  constructor(order: ServeOrder) {
    this.order = order;
    this.ledgers = Array.from({ length: order.regions }, emptyLedger);
    this.sent = new Float64Array(order.boxes.length);
    for (const flow of order.flows) this.ledgerOf(flow).asked += total(flow.left);
  }

  /** What one tier can send of what is left. */
  serveFrom(flow: Flow, way: Way, stage: number): void {
    const groups = new Map<number, number>();
    for (const [at, left] of flow.left.entries()) {
      const mask = (this.order.classes[at]?.known ?? 0) & way.mask;
      if (left > 0 && mask !== 0) groups.set(mask, (groups.get(mask) ?? 0) + left);
    }
    const leastChoiceFirst = [...groups].sort(([a], [b]) => bitCount(a) - bitCount(b) || a - b);
    for (const [mask, bytes] of leastChoiceFirst) {
      const took = this.pour(flow, way, mask, bytes);
      this.take(flow, way, mask, { bytes, took });
      this.count(flow, way, stage, took);
    }
  }

  /** What the best site did not send: why. */
  classify(flow: Flow): void {
    if (flow.carried) return;
    const ledger = this.ledgerOf(flow);
    for (const [at, left] of flow.left.entries()) {
      if (left === 0) continue;
      const { known, actual } = this.order.classes[at] ?? { known: 0, actual: 0 };
      if ((known & flow.best) !== 0) ledger.health += left;
      else if ((actual & flow.best) !== 0) ledger.other += left;
      else ledger.content += left;
    }
  }

  askOrigin(flow: Flow): void {
    const ledger = this.ledgerOf(flow);
    const left = total(flow.left);
    const took = Math.min(left, this.order.originRoom - this.originSent);
    this.originSent += took;
    ledger.origin += took;
    ledger.unserved += left - took;
    if (flow.carried) ledger.other += left;
  }

  result(): ServedHour {
    return { ledgers: this.ledgers, sent: this.sent, originSent: this.originSent };
  }

  private count(flow: Flow, way: Way, stage: number, took: number): void {
    const ledger = this.ledgerOf(flow);
    const atBest = flow.carried ? (way.mask & flow.best) !== 0 : stage === 0;
    if (atBest) {
      ledger.hit += took;
      ledger.home += took;
      return;
    }
    ledger.elsewhere += took;
    if (flow.carried) ledger.other += took;
  }

  /** Hands sessions out until all are served, or nobody of the tier has room. */
  private pour(flow: Flow, way: Way, mask: number, bytes: number): number {
    const boxes = way.boxes.filter(
      ({ bit }) => (mask & (1 << bit)) !== 0 && this.order.boxes[bit]?.healthy === true,
    );
    if (boxes.length === 0) return 0;
    const room = boxes.reduce((sum, { bit }) => sum + (this.order.boxes[bit]?.room ?? 0), 0);
    const piece = Math.max(1, Math.ceil(room / pieces));
    let took = 0;
    for (let session = 0; took < bytes; session++) {
      const given = this.serveSession(
        `${flow.key} ${mask} ${session}`,
        way,
        boxes,
        Math.min(piece, bytes - took),
      );
      if (given === 0) return took;
      took += given;
    }
    return took;
  }

  private serveSession(key: string, way: Way, boxes: readonly WayBox[], bytes: number): number {
    const able = boxes.map((box) => this.ableOf(box));
    for (const { id } of chosen(way.tier, able, hash64(key), this.order.settings)) {
      const bit = boxes.find((one) => one.box.appliance.id === id)?.bit ?? 0;
      const given = Math.min(bytes, this.roomOf(bit));
      if (given <= 0) continue;
      this.sent[bit] = (this.sent[bit] ?? 0) + given;
      return given;
    }
    return 0;
  }

  private ableOf({ bit, box, standing }: WayBox): Able {
    const load = bitsPerSecond(((this.sent[bit] ?? 0) * 8) / hourSeconds);
    return { box, standing, distanceKm: undefined, load };
  }

  private roomOf(bit: number): number {
    const box = this.order.boxes[bit];
    return box?.alive === true ? box.room - (this.sent[bit] ?? 0) : 0;
  }

  /** Takes what was served from the classes of a group, each its part; the bytes that rounding leaves over, from the first. */
  private take(
    flow: Flow,
    way: Way,
    mask: number,
    { bytes, took }: { readonly bytes: number; readonly took: number },
  ): void {
    let rest = took;
    for (const share of [took / bytes, 1]) {
      for (const [at, left] of flow.left.entries()) {
        if (rest === 0) return;
        if (left === 0 || ((this.order.classes[at]?.known ?? 0) & way.mask) !== mask) continue;
        const part = Math.min(rest, Math.floor(left * share));
        flow.left[at] = left - part;
        rest -= part;
      }
    }
  }

  private ledgerOf({ region }: Flow): Ledger {
    return this.ledgers[region] ?? emptyLedger();
  }
}

function total(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
