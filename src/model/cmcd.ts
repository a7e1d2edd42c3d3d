// What a player reports by the keys of Common Media Client Data, version 2 (CTA-5004-B): made in play, written and read in wire.

/** s starting, p playing, k seeking, r rebuffering, a paused, e ended, f fatal, q quit. */
export type CmcdPlayerState = "s" | "p" | "k" | "r" | "a" | "e" | "f" | "q";
/** State of the player, error, interval, response. */
export type CmcdEventName = "ps" | "e" | "t" | "rr";

/** One report by the standard's keys, in milliseconds and kbit/s, not rounded yet. */
export interface CmcdReport {
  readonly v: 2;
  readonly sid: string;
  readonly cid: string;
  readonly sn: number;
  readonly sf: "d";
  readonly st: "v";
  readonly sta: CmcdPlayerState;
  /** Of the picture, as is br of a picture's segment and tb. */
  readonly bl: number;
  readonly mtp?: number;
  readonly pr?: number;
  readonly msd?: number;
  readonly bs?: true;
  readonly ot?: "v" | "a" | "i";
  readonly br?: number;
  readonly tb?: number;
  readonly d?: number;
  readonly dl?: number;
  readonly su?: true;
  readonly rtp?: number;
  readonly e?: CmcdEventName;
  readonly ts?: number;
  readonly bsa?: number;
  readonly bsda?: number;
  readonly ec?: readonly string[];
  readonly url?: string;
  readonly cdn?: string;
  readonly rc?: number;
  readonly ttfb?: number;
  readonly ttlb?: number;
  readonly cmsdd?: string;
}
