// Mail that a request asks for, or that tells of what it did. Both are sent behind its answer.
import { accountFaults } from "#control/faults-account.ts";
import type { MailJob } from "#control/sign-up.ts";
import { Fault } from "#units/fault.ts";
import type { Desk } from "./desk.ts";

/** @throws Fault mails-wait when too many wait already */
export function mail(desk: Desk, job: MailJob): void {
  if (!desk.mailroom.post(job)) throw new Fault(accountFaults.mailsWait);
}

/** Of what is done already: it stays done though nobody is told. */
export function tell(desk: Desk, job: MailJob): void {
  if (!desk.mailroom.post(job)) desk.logger.warn("an owner is not told of a change: too many mails wait");
}
