// Who comes in by which device, kept in memory, so that a request asks the database nothing. What changes an account
// says so here, and holds for the next request; one control plane speaks for a database, so there is nobody else to tell.
import type { Viewer } from "#data/ports.ts";
import type { AccessGrant } from "./device-tokens.ts";

export interface ViewersOrder {
  readonly load: (deviceId: string, nowMs: number) => Promise<Viewer | undefined>;
  /** Devices that are remembered at most, as being in and as being out. */
  readonly most: number;
  /** How long a token may live: after that a device that is out needs no remembering. */
  readonly lifeMs: number;
}

export class KnownViewers {
  readonly #order: ViewersOrder;
  readonly #in = new Map<string, { readonly viewer: Viewer; readonly untilMs: number }>();
  readonly #out = new Map<string, number>();
  /** Devices of an account that are kept. */
  readonly #byAccount = new Map<string, Set<string>>();
  /** Grows with everything that is forgotten. */
  #news = 0;

  constructor(order: ViewersOrder) {
    this.#order = order;
  }

  /** Whoever holds this token, unless its device is out by now. Rejects when the database must be asked and is away. */
  async of(grant: AccessGrant, nowMs: number): Promise<Viewer | undefined> {
    const { deviceId } = grant;
    const kept = this.#in.get(deviceId);
    if (kept !== undefined && nowMs < kept.untilMs) return kept.viewer;
    if ((this.#out.get(deviceId) ?? 0) > nowMs) return undefined;
    const mark = this.mark();
    const viewer = await this.#order.load(deviceId, nowMs);
    if (viewer === undefined) this.#remember(this.#out, deviceId, nowMs + this.#order.lifeMs);
    else this.keep(viewer, grant.endsAtMs, mark);
    return viewer;
  }

  /** To be taken before a viewer is read from the database. */
  mark(): number {
    return this.#news;
  }

  /** Unless something was forgotten since the mark: what was read before that may be of yesterday. */
  keep(viewer: Viewer, untilMs: number, mark: number): void {
    if (mark !== this.#news) return;
    const { deviceId } = viewer;
    for (const oldest of this.#in.keys()) {
      if (this.#in.size < this.#order.most) break;
      this.#drop(oldest);
    }
    this.#in.delete(deviceId);
    this.#in.set(deviceId, { viewer, untilMs });
    const mine = this.#byAccount.get(viewer.id) ?? new Set();
    this.#byAccount.set(viewer.id, mine.add(deviceId));
  }

  /** The account is another one now: role, profile, what it may do. Its devices stay in. */
  changed(accountId: string): void {
    this.#news += 1;
    for (const deviceId of this.#byAccount.get(accountId) ?? []) this.#in.delete(deviceId);
    this.#byAccount.delete(accountId);
  }

  /** These devices are out, at once and for good. */
  ended(deviceIds: readonly string[], nowMs: number): void {
    this.#news += 1;
    for (const deviceId of deviceIds) {
      this.#drop(deviceId);
      this.#remember(this.#out, deviceId, nowMs + this.#order.lifeMs);
    }
  }

  #drop(deviceId: string): void {
    const accountId = this.#in.get(deviceId)?.viewer.id ?? "";
    this.#in.delete(deviceId);
    const mine = this.#byAccount.get(accountId);
    mine?.delete(deviceId);
    if (mine?.size === 0) this.#byAccount.delete(accountId);
  }

  /** What is pushed out is asked of the database once more. */
  #remember(map: Map<string, number>, deviceId: string, untilMs: number): void {
    for (const oldest of map.keys()) {
      if (map.size < this.#order.most) break;
      map.delete(oldest);
    }
    map.delete(deviceId);
    map.set(deviceId, untilMs);
  }
}
