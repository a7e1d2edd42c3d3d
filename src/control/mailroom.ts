// Mail is looked up, written and sent behind the answer: so how long an answer takes says nothing of who has an account,
// and a slow mail server holds nobody up. A mail that fails is told to the log; whoever waits for it asks again.
import { type Letter, letterText } from "#account/letter.ts";
import type { Mail } from "./ports.ts";

export interface Addressed {
  readonly to: string;
  readonly letter: Letter;
}

export interface MailroomOrder {
  readonly mail: Mail;
  /** What links begin with, without a slash at its end. */
  readonly base: string;
  /** Jobs that may wait. */
  readonly most: number;
  readonly onTrouble: (error: unknown) => void;
}

export class Mailroom {
  readonly #order: MailroomOrder;
  readonly #waiting: (() => Promise<Addressed | undefined>)[] = [];
  #working: Promise<void> | undefined;

  constructor(order: MailroomOrder) {
    this.#order = order;
  }

  /** False: too many wait. The job says what is to be sent, or that nothing is. */
  post(job: () => Promise<Addressed | undefined>): boolean {
    if (this.#waiting.length >= this.#order.most) return false;
    this.#waiting.push(job);
    this.#working ??= this.#work();
    return true;
  }

  /** Once nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  /** What has not begun is dropped. */
  stop(): void {
    this.#waiting.length = 0;
  }

  async #work(): Promise<void> {
    // Begun after the caller's answer, not inside it.
    await Promise.resolve();
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      try {
        const addressed = await job();
        if (addressed !== undefined) await this.#send(addressed);
      } catch (error) {
        this.#order.onTrouble(error);
      }
    }
    this.#working = undefined;
  }

  #send({ to, letter }: Addressed): Promise<void> {
    return this.#order.mail.send({ to, ...letterText(letter, this.#order.base) });
  }
}
