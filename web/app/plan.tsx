// The account's plan: what it has, what there is to choose, what is owed, and the invoices.
import type { FormEvent, ReactElement } from "react";
import type { z } from "zod";
import { Loading, Trouble } from "#web/notice.tsx";
import type { OnceKey } from "#web/once-key.ts";
import { useOnceKey } from "#web/once-key.ts";
import { useResource } from "#web/use-resource.ts";
import type { Language } from "#web/words/language.ts";
import { useLanguage } from "#web/words/language.ts";
import type { Say } from "#web/words/say.ts";
import { useWords } from "#web/words/say.ts";
import type { plans, SubscriptionView } from "#wire/billing.ts";
import type { accountEn } from "./account-en.ts";
import { accountWords } from "./account-words.ts";
import {
  getPlans,
  getSubscription,
  postPaymentMethod,
  postSubscription,
  postSubscriptionCancel,
  postSubscriptionChange,
  postSubscriptionResume,
} from "./client.ts";
import { Invoices } from "./invoices.tsx";
import { moneyWords } from "./money.ts";
import { Part } from "./part.tsx";
import { Refusal } from "./refusal.tsx";
import type { Sending } from "./sending.ts";
import { useSending } from "./sending.ts";

type Plan = z.infer<typeof plans>["plans"][number];

const statusWords = {
  ...{ none: "statusNone", incomplete: "statusIncomplete", trial: "statusTrial", active: "statusActive" },
  ...{ "past-due": "statusPastDue", suspended: "statusSuspended", cancelled: "statusCancelled" },
} as const satisfies Readonly<Record<SubscriptionView["status"], keyof typeof accountEn>>;

export function PlanPart(): ReactElement {
  const say = useWords(accountWords);
  const sold = useResource(getPlans());
  const own = useResource(getSubscription());
  const reload = (): void => {
    sold.reload();
    own.reload();
  };
  const error = sold.error ?? own.error;
  return (
    <Part id="plan" title={say("plan")}>
      {error?.code === "billing-off" && <p className="soft">{say("noPlans")}</p>}
      {error !== undefined && error.code !== "billing-off" && <Trouble error={error} retry={reload} />}
      {error === undefined && (sold.value === undefined || own.value === undefined) && (
        <Loading what={say("fetchingAccount")} />
      )}
      {sold.value !== undefined && own.value !== undefined && (
        <PlanView plans={sold.value.plans} own={own.value} onChanged={own.reload} />
      )}
    </Part>
  );
}

interface PlanViewProps {
  readonly plans: readonly Plan[];
  readonly own: SubscriptionView;
  readonly onChanged: () => void;
}

function PlanView({ plans: sold, own, onChanged }: PlanViewProps): ReactElement {
  const say = useWords(accountWords);
  const sending = useSending();
  const { busy, error, send } = sending;
  const once = useOnceKey();
  const changed = (): void => {
    once.renew();
    onChanged();
  };
  const running = own.status !== "none" && own.status !== "cancelled";
  return (
    <>
      <Standing own={own} />
      <Refusal error={error} />
      <ul className="plans">
        {sold
          .filter(({ planId }) => !running || planId !== own.terms?.planId)
          .map((plan) => (
            <PlanLine
              key={plan.planId}
              plan={plan}
              label={say(running ? "changePlan" : "choosePlan", { name: plan.name })}
              busy={busy}
              onChoose={() =>
                send((signal) => {
                  const wish = { planId: plan.planId };
                  const key = once.keyFor([running, wish]);
                  return (running ? postSubscriptionChange : postSubscription)(wish, key, signal);
                }, changed)
              }
            />
          ))}
      </ul>
      <Standstill own={own} sending={sending} once={once} onChanged={changed} />
      {!own.hasMethod && <MethodForm onSet={onChanged} />}
      <Invoices />
    </>
  );
}

/** What this account has now, in words. */
function Standing({ own }: { readonly own: SubscriptionView }): ReactElement {
  const say = useWords(accountWords);
  const { locale } = useLanguage();
  const { terms, next, endMs, payment } = own;
  if (terms === null) return <p className="soft">{say("planNone")}</p>;
  return (
    <>
      <p>
        {planWords(terms, say)} <b>({say(statusWords[own.status])})</b>
      </p>
      <p className="soft">
        {endMs !== null &&
          `${say("periodEnds", { date: new Date(endMs).toLocaleDateString(locale, { dateStyle: "long" }) })} `}
        {own.cancelsAtEnd && say("endsThen")}
        {next !== null && say("nextPlan", { name: next.name })}
      </p>
      {own.creditMinor > 0 && (
        <p className="soft">
          {say("credit", { amount: moneyWords(own.creditMinor, terms.currency, locale) })}
        </p>
      )}
      {payment?.actionUrl != null && (
        <a className="button" href={payment.actionUrl}>
          {say("payHere")}
        </a>
      )}
      {payment?.reason != null && (
        <p className="refused" lang="en" dir="auto">
          {payment.reason}
        </p>
      )}
    </>
  );
}

function planWords(
  { name, screens, maxHeight }: NonNullable<SubscriptionView["terms"]>,
  say: Say<typeof accountEn>,
): string {
  return say("planLine", { name, screens, height: maxHeight });
}

interface PlanLineProps {
  readonly plan: Plan;
  readonly label: string;
  readonly busy: boolean;
  readonly onChoose: () => void;
}

function PlanLine({ plan, label, busy, onChoose }: PlanLineProps): ReactElement {
  const say = useWords(accountWords);
  const language = useLanguage();
  return (
    <li>
      <span dir="auto">{planWords(plan, say)}</span>
      <span className="soft">
        {priceWords(plan, say, language)}
        {plan.trialDays > 0 && ` · ${say("trialDays", { days: plan.trialDays })}`}
      </span>
      <button type="button" className="button second" disabled={busy} onClick={onChoose}>
        {label}
      </button>
    </li>
  );
}

function priceWords(plan: Plan, say: Say<typeof accountEn>, { locale }: Language): string {
  const price = moneyWords(plan.priceMinor, plan.currency, locale);
  return say(plan.period === "year" ? "pricePerYear" : "pricePerMonth", { price });
}

interface StandstillProps {
  readonly own: SubscriptionView;
  readonly sending: Sending;
  readonly once: OnceKey;
  readonly onChanged: () => void;
}

/** End it, keep it, or pay what is owed. */
function Standstill(props: StandstillProps): ReactElement | null {
  const { own, sending, once, onChanged } = props;
  const { busy, send } = sending;
  const say = useWords(accountWords);
  if (own.status === "none" || own.status === "cancelled") return null;
  const owes = own.status === "past-due" || own.status === "suspended";
  return (
    <p className="choices">
      {(own.cancelsAtEnd || owes) && (
        <button
          type="button"
          className="button"
          disabled={busy}
          onClick={() => send((signal) => postSubscriptionResume(once.keyFor("resume"), signal), onChanged)}
        >
          {say(owes ? "payNow" : "resumePlan")}
        </button>
      )}
      {!own.cancelsAtEnd && (
        <button
          type="button"
          className="quiet"
          disabled={busy}
          onClick={() => send((signal) => postSubscriptionCancel(once.keyFor("cancel"), signal), onChanged)}
        >
          {say("endPlan")}
        </button>
      )}
    </p>
  );
}

/** A provider with a page of its own takes the card there; the offline one takes a token. */
function MethodForm({ onSet }: { readonly onSet: () => void }): ReactElement {
  const say = useWords(accountWords);
  const { busy, error, send } = useSending();
  const { keyFor, renew } = useOnceKey();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const token = String(new FormData(event.currentTarget).get("token") ?? "");
    const wish = token === "" ? {} : { token };
    send(
      (signal) => postPaymentMethod(wish, keyFor(wish), signal),
      (answer) => {
        renew();
        if (answer.kind === "go") location.assign(answer.url);
        else onSet();
      },
    );
  };
  return (
    <form onSubmit={submit} className="method">
      <p className="soft">{say("noMethod")}</p>
      <label>
        {say("testToken")}
        <input name="token" dir="ltr" autoComplete="off" maxLength={64} />
      </label>
      <Refusal error={error} />
      <button type="submit" className="button second" disabled={busy}>
        {say("setMethod")}
      </button>
    </form>
  );
}
