// One neighbour in the world: its connections, its timer, its lines in the log.
import type { Socket } from "node:net";
import { type AdjRibIn, type Changed, countOf, type RibCounts } from "#bgp/adj-rib-in.ts";
import type { Family } from "#bgp/family.ts";
import { handle, hear, type Neighbour, neighbour, stillThere } from "#bgp/neighbour.ts";
import type { PeerPlan } from "#bgp/peer-plan.ts";
import { nextDue, type SessionEvent, type SessionNote, stateName } from "#bgp/session-state.ts";
import type { Log } from "#io/log.ts";
import type { Clock } from "#units/clock.ts";
import { tcpLinks } from "./tcp-links.ts";

export interface PeerStatus {
  readonly address: string;
  readonly site: string;
  readonly as: number;
  readonly state: ReturnType<typeof stateName>;
  /** Prefixes held, several paths of one counted each. */
  readonly prefixes: Readonly<Record<Family, number>>;
  /** Families of which all was said since the session was last established. */
  readonly complete: readonly Family[];
  readonly counts: RibCounts;
}

export interface Peer {
  readonly plan: PeerPlan;
  readonly rib: AdjRibIn;
  status(): PeerStatus;
  accept(socket: Socket): void;
  start(): void;
  /** Ends the session with Cease and the operator's sentence (RFC 9003). */
  stop(subcode: number, sentence: string): void;
  /** Asks the neighbour to say everything again. */
  askAgain(): void;
  pause(): void;
  resume(): void;
  destroy(): void;
}

export interface PeerOrder {
  readonly plan: PeerPlan;
  readonly seed: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly changed: Changed;
  /** Called after each time that paths may have changed. */
  readonly after: () => void;
  readonly complete: (family: Family) => void;
}

export function openPeer({ plan, seed, clock, log, changed, after, complete }: PeerOrder): Peer {
  const facts = { peer: plan.address, site: plan.site, as: plan.terms.peerAs };
  const completed = new Set<Family>();
  let timer: NodeJS.Timeout | undefined;
  let timerDue = Number.POSITIVE_INFINITY;
  let isPaused = false;

  const take = (event: SessionEvent): void => {
    handle(self, event, clock.monoMs());
    settle();
  };
  const settle = (): void => {
    schedule();
    after();
  };
  const tick = (): void => {
    timerDue = Number.POSITIVE_INFINITY;
    // What lies unread because we made the neighbour wait is a sign of life.
    if (isPaused && self.established !== undefined) stillThere(self, self.established, clock.monoMs());
    take({ kind: "tick" });
  };
  const schedule = (): void => {
    const due = nextDue(self.state) ?? Number.POSITIVE_INFINITY;
    // A timer that is early does no harm, and setting one for each chunk would cost more than the chunk.
    if (due >= timerDue) return;
    clearTimeout(timer);
    timerDue = due;
    // Octets that came in time are read before the timer counts: timers run before sockets in a turn that was late.
    timer = setTimeout(() => setImmediate(tick), Math.max(1, due - clock.monoMs()));
  };
  const note = ({ level, what, because }: SessionNote): void => {
    log[level]({ ...facts, event: what, because }, `BGP session with ${plan.address}: ${what}, ${because}`);
    if (what === "established") completed.clear();
  };
  const links = tcpLinks(
    { host: plan.address, port: plan.port, source: plan.source },
    {
      connected: (link, direction) => take({ kind: "connected", link, direction }),
      connectFailed: (because) => take({ kind: "connect-failed", because }),
      closed: (link, because) => take({ kind: "closed", link, because }),
      heard: (link, chunk) => {
        hear(self, link, chunk, clock.monoMs());
        settle();
      },
    },
  );
  const self: Neighbour = neighbour(plan.terms, plan.filter, seed, {
    ...links,
    note,
    changed,
    complete: (family) => {
      completed.add(family);
      log.info(
        { ...facts, family, prefixes: countOf(self.rib, family) },
        `all IPv${family} routes were said`,
      );
      complete(family);
    },
  });
  return {
    plan,
    rib: self.rib,
    status: () => statusOf(plan, self, [...completed]),
    accept: links.accept,
    start: () => take({ kind: "start" }),
    stop: (subcode, sentence) => take({ kind: "stop", subcode, sentence }),
    askAgain: () => take({ kind: "ask-again" }),
    pause: () => {
      isPaused = true;
      links.pause();
    },
    resume: () => {
      isPaused = false;
      links.resume();
    },
    destroy: () => {
      // No timer is set any more.
      timerDue = Number.NEGATIVE_INFINITY;
      clearTimeout(timer);
      links.destroy();
    },
  };
}

function statusOf(plan: PeerPlan, { state, rib }: Neighbour, complete: readonly Family[]): PeerStatus {
  return {
    address: plan.address,
    site: plan.site,
    as: plan.terms.peerAs,
    state: stateName(state),
    prefixes: { 4: countOf(rib, 4), 6: countOf(rib, 6) },
    complete,
    counts: { ...rib.counts, rejected: { ...rib.counts.rejected } },
  };
}
