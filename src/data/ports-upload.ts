// Files on their way in, and the masters they become.
import type {
  Arrival,
  ArrivalKind,
  ArrivalState,
  ArrivalUsage,
  Master,
  Publication,
  Refusal,
} from "#model/arrival.ts";

/** Says why something may not begin; undefined when it may. Pure: it may be asked more than once. */
export type UsageJudge<R> = (usage: ArrivalUsage) => R | undefined;

/** Strictly serialisable, and on disk when a call returns, as far as the database is. */
export interface UploadStore {
  /** Adds the arrival unless the judge refuses, under the account's row lock: two at once never share one room. */
  begin<R>(arrival: Arrival, judge: UsageJudge<R>): Promise<R | undefined>;
  /** How long an import is, once its server said so. The judge sees the usage without this arrival's bytes. */
  declare<R>(
    id: string,
    found: { readonly bytes: number; readonly validator: string | undefined },
    judge: UsageJudge<R>,
  ): Promise<R | undefined>;
  arrival(id: string): Promise<Arrival | undefined>;
  /** Newest first; of one account, or of all. */
  arrivals(kind: ArrivalKind, accountId: string | undefined, limit: number): Promise<readonly Arrival[]>;
  /** Receiving or checking, oldest first. */
  unfinished(): Promise<readonly Arrival[]>;
  /** In `state`, last touched before `beforeMs`, oldest first. */
  stale(state: ArrivalState, beforeMs: number, limit: number): Promise<readonly Arrival[]>;
  touch(id: string, nowMs: number): Promise<void>;
  /** From one state to another; false when it was not in the first, or is gone. */
  move(
    id: string,
    from: ArrivalState,
    to: { readonly state: "checking" } | { readonly state: "refused"; readonly refusal: Refusal },
    nowMs: number,
  ): Promise<boolean>;
  /** The arrival is accepted and its master kept, in one transaction. The answer is the master in force: an equal one may be older. False: the arrival is gone. */
  accept(id: string, master: Master, nowMs: number): Promise<Master | false>;
  /** Only in one of `states`; false when it is not there or in another. */
  forget(id: string, states: readonly ArrivalState[]): Promise<boolean>;
  master(id: string): Promise<Master | undefined>;
  /** Newest first. */
  masters(limit: number): Promise<readonly Master[]>;
  /** Not while a title is ordered of it: false. Gone already: true. */
  removeMaster(id: string): Promise<boolean>;
  /** Ordered again, the later order stands. */
  order(publication: Publication): Promise<void>;
  /** Newest first. */
  publications(limit: number): Promise<readonly Publication[]>;
  /** The order is done, or taken back: the master may be deleted. */
  settle(masterId: string): Promise<void>;
  publication(masterId: string): Promise<Publication | undefined>;
}
