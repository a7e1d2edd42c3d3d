// Requests that wait together share one transaction. A group forms while the one before it runs, and waits a moment for
// company: whoever was just answered comes back, and a statement costs more than its rows. Requests of one key keep their
// order and are never in two groups at once, so none waits for a row that its own program has locked.
import { dataFaults } from "#data/faults.ts";
import { Fault } from "#units/fault.ts";

export interface GroupRules {
  /** Requests in one group. */
  readonly size: number;
  readonly waitMs: number;
  /** Requests that may wait, in all and of one key. */
  readonly queue: number;
  readonly queuePerKey: number;
  /** Groups that run at the same time. */
  readonly lanes: number;
  /** Answers that are told before the world is looked at again. */
  readonly toldAtOnce: number;
  readonly deadlineSeconds: number;
}

export interface GroupWork<Order, Answer> {
  readonly rules: GroupRules;
  keyOf(order: Order): string;
  /**
   * Answers in the order of the orders: a value, or the fault of that one alone. All or nothing. `signal` is aborted when
   * nobody of the group waits any more: what was not committed by then need not be.
   */
  run(orders: readonly Order[], signal: AbortSignal): Promise<readonly (Answer | Fault)[]>;
  /** What was done for one that had given up meanwhile. */
  late?(order: Order, answer: Answer): void;
}

export type Grouped<Order, Answer> = (order: Order, signal?: AbortSignal) => Promise<Answer>;

interface Waiting<Order, Answer> {
  readonly order: Order;
  readonly key: string;
  settle(answer: Answer | Error): void;
  /** Whether it gave up. */
  isGone(): boolean;
  /** Who is to hear of it when it gives up: the line at first, then the group that it is in. */
  whenGone(tell: () => void): void;
}

/** Faults of the database itself: to ask for each member alone would only make it worse. */
const ofAll: ReadonlySet<string> = new Set([
  dataFaults.databaseUnreachable.code,
  dataFaults.databaseRefused.code,
  dataFaults.databaseSlow.code,
  dataFaults.databaseBusy.code,
  dataFaults.clockUnsteady.code,
]);

/** A function that answers one order, by groups. @throws Fault screens-busy, database-slow; the signal's reason */
export function grouped<Order, Answer>(work: GroupWork<Order, Answer>): Grouped<Order, Answer> {
  const { rules } = work;
  const line = waitingLine<Order, Answer>(rules);
  const tell = inSlices(rules.toldAtOnce);
  let running = 0;
  let timer: NodeJS.Timeout | undefined;

  const pump = (): void => {
    clearTimeout(timer);
    timer = undefined;
    while (running < rules.lanes) {
      const group = line.take();
      if (group.length === 0) return;
      running += 1;
      void runGroup(work, group, tell).finally(() => {
        running -= 1;
        line.done(group);
        if (line.length() > 0) wake();
      });
    }
  };

  const wake = (): void => {
    if (running >= rules.lanes) return;
    if (line.length() >= rules.size) pump();
    else timer ??= setTimeout(pump, rules.waitMs);
  };

  return (order, signal) =>
    new Promise<Answer>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let gone = false;
      let tellGone = (): void => line.leave(one);
      const giveUp = (reason: unknown): void => {
        gone = true;
        signal?.removeEventListener("abort", onAbort);
        clearTimeout(deadline);
        reject(reason);
        tellGone();
      };
      const onAbort = (): void => giveUp(signal?.reason);
      const { deadlineSeconds: seconds } = rules;
      const tooLate = (): void => giveUp(new Fault(dataFaults.databaseSlow, { seconds }));
      const deadline = setTimeout(tooLate, seconds * 1000);
      const settle = (answer: Answer | Error): void => {
        clearTimeout(deadline);
        signal?.removeEventListener("abort", onAbort);
        if (answer instanceof Error) reject(answer);
        else if (gone) work.late?.(order, answer);
        else resolve(answer);
      };
      const whenGone = (tell: () => void): void => {
        tellGone = tell;
      };
      const one = { order, key: work.keyOf(order), settle, isGone: () => gone, whenGone };
      const full = line.join(one);
      if (full !== undefined) return settle(full);
      signal?.addEventListener("abort", onAbort, { once: true });
      wake();
    });
}

interface WaitingLine<Order, Answer> {
  /** The fault when there is no room. */
  join(one: Waiting<Order, Answer>): Fault | undefined;
  /** Gives up waiting. */
  leave(one: Waiting<Order, Answer>): void;
  /** The next group: the longest waiting whose keys are not in another one. */
  take(): readonly Waiting<Order, Answer>[];
  done(group: readonly Waiting<Order, Answer>[]): void;
  length(): number;
}

function waitingLine<Order, Answer>(rules: GroupRules): WaitingLine<Order, Answer> {
  let waiting: readonly Waiting<Order, Answer>[] = [];
  let joining: Waiting<Order, Answer>[] = [];
  const perKey = new Map<string, number>();
  let busy: ReadonlySet<string>[] = [];
  const gone = (key: string): void => {
    const left = (perKey.get(key) ?? 1) - 1;
    if (left === 0) perKey.delete(key);
    else perKey.set(key, left);
  };
  const length = (): number => waiting.length + joining.length;
  return {
    length,
    join(one) {
      const ofKey = perKey.get(one.key) ?? 0;
      if (ofKey >= rules.queuePerKey) return busyFault(ofKey, "this account");
      if (length() >= rules.queue) return busyFault(length(), "all accounts");
      perKey.set(one.key, ofKey + 1);
      joining.push(one);
      return undefined;
    },
    leave(one) {
      const all = [...waiting, ...joining];
      if (all.includes(one)) gone(one.key);
      waiting = all.filter((other) => other !== one);
      joining = [];
    },
    take() {
      const group: Waiting<Order, Answer>[] = [];
      const rest: Waiting<Order, Answer>[] = [];
      for (const one of [...waiting, ...joining]) {
        const later = group.length === rules.size || busy.some((keys) => keys.has(one.key));
        (later ? rest : group).push(one);
      }
      waiting = rest;
      joining = [];
      for (const { key } of group) gone(key);
      const keys = new Set(group.map(({ key }) => key));
      if (group.length > 0) busy = [...busy, keys];
      return group;
    },
    done(group) {
      const [first] = group;
      busy = busy.filter((keys) => first === undefined || !keys.has(first.key));
    },
  };
}

function busyFault(waiting: number, whose: string): Fault {
  return new Fault(dataFaults.screensBusy, { waiting, whose });
}

type Tell = (settle: () => void) => void;

/**
 * Tells a few at once and the others in their order, with a look at the world in between: whoever is told does some work, and
 * a whole group of them would keep the next group's statements from being sent.
 */
function inSlices(slice: number): Tell {
  let told = 0;
  let waiting: (() => void)[] = [];
  const more = (): void => {
    told = 0;
    const now = waiting.slice(0, slice);
    waiting = waiting.slice(slice);
    for (const settle of now) settle();
    told = now.length;
    if (told > 0) setImmediate(more);
  };
  return (settle) => {
    if (told < slice && waiting.length === 0) {
      if (told === 0) setImmediate(more);
      told += 1;
      settle();
    } else waiting.push(settle);
  };
}

/** Settles every member. What spoils a group as a whole is found by asking for each alone that waits still. */
async function runGroup<Order, Answer>(
  work: GroupWork<Order, Answer>,
  group: readonly Waiting<Order, Answer>[],
  tell: Tell,
): Promise<void> {
  if (group.every((one) => one.isGone())) return;
  try {
    const answers = await work.run(
      group.map((one) => one.order),
      whenAllGone(group),
    );
    for (const [index, one] of group.entries()) {
      tell(() => one.settle(answers[index] ?? new Error("no answer")));
    }
  } catch (caught) {
    const error = caught instanceof Error ? caught : new Error(String(caught));
    const alone = group.length === 1 || (error instanceof Fault && ofAll.has(error.code));
    if (alone) for (const one of group) tell(() => one.settle(error));
    else for (const one of group) await runGroup(work, [one], tell);
  }
}

/** Aborted when the last of them has given up. */
function whenAllGone<Order, Answer>(group: readonly Waiting<Order, Answer>[]): AbortSignal {
  const deserted = new AbortController();
  for (const one of group) {
    one.whenGone(() => {
      if (group.every((other) => other.isGone())) deserted.abort(new Error("nobody of the group waits"));
    });
  }
  return deserted.signal;
}
