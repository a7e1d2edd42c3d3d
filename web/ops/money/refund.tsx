// Giving back what was paid: whose, of which invoice, and how much of what is left of it.
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { askFor } from "#web/api.ts";
import { useOnceKey } from "#web/once-key.ts";
import { useAct } from "#web/ops/act.ts";
import { getAdminAccountsByIdInvoices, postAdminRefunds } from "#web/ops/money-client.ts";
import { Refusal } from "#web/ops/refusal.tsx";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { AdminInvoice } from "#wire/billing.ts";
import { accountOf } from "./account-of.ts";
import { inMajor } from "./in-major.ts";
import { moneyWords } from "./money-words.ts";

interface Payer {
  readonly accountId: string;
  readonly invoices: readonly AdminInvoice[];
}

export function Refund({ onDone }: { readonly onDone: () => void }): ReactElement {
  const say = useWords(moneyWords);
  const [email, setEmail] = useState("");
  const [payer, setPayer] = useState<Payer>();
  const [invoiceId, setInvoiceId] = useState("");
  const [done, setDone] = useState(false);
  const { busy, error, act } = useAct();
  const { keyFor, renew } = useOnceKey();
  const open = payer?.invoices.filter(({ refundableMinor }) => refundableMinor > 0) ?? [];
  const chosen = open.find(({ id }) => id === invoiceId) ?? open[0];
  const find = async (): Promise<void> => {
    const accountId = await accountOf(email.trim());
    setPayer({ accountId, ...(await askFor(getAdminAccountsByIdInvoices(accountId))) });
    setInvoiceId("");
  };
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const amountMinor = Number(new FormData(event.currentTarget).get("amountMinor"));
    setDone(false);
    act(async () => {
      if (payer === undefined || chosen === undefined) return find();
      const refund = { accountId: payer.accountId, invoiceId: chosen.id, amountMinor };
      await postAdminRefunds(refund, keyFor(refund));
      renew();
      setPayer(undefined);
      setEmail("");
      setDone(true);
      onDone();
    });
  };
  const ask = (text: string): void => {
    setEmail(text);
    setPayer(undefined);
  };
  return (
    <form className="giving" onSubmit={submit} aria-label={say("refund")}>
      <h3>{say("refund")}</h3>
      <div className="line-form">
        <label className="wide-field">
          {say("account")}
          <input
            type="email"
            required
            dir="ltr"
            value={email}
            onChange={(event) => ask(event.target.value)}
          />
        </label>
        {chosen !== undefined && <Part invoices={open} chosen={chosen} choose={setInvoiceId} />}
        <button type="submit" disabled={busy}>
          {say(chosen === undefined ? "findInvoices" : "giveRefund")}
        </button>
      </div>
      {payer !== undefined && chosen === undefined && <p role="status">{say("nothingPaid")}</p>}
      {done && <p role="status">{say("given")}</p>}
      <Refusal error={error} />
    </form>
  );
}

interface PartProps {
  readonly invoices: readonly AdminInvoice[];
  readonly chosen: AdminInvoice;
  readonly choose: (id: string) => void;
}

function Part({ invoices, chosen, choose }: PartProps): ReactElement {
  const say = useWords(moneyWords);
  const { locale } = useLanguage();
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
  return (
    <>
      <label className="wide-field">
        {say("invoice")}
        <select value={chosen.id} onChange={(event) => choose(event.target.value)}>
          {invoices.map(({ id, planName, issuedAtMs, refundableMinor, currency }) => (
            <option key={id} value={id}>
              {say("invoiceIs", {
                plan: planName,
                day: day.format(issuedAtMs),
                left: inMajor(refundableMinor, currency, locale),
              })}
            </option>
          ))}
        </select>
      </label>
      <label key={chosen.id}>
        {say("amountMinor")}
        <input
          name="amountMinor"
          type="number"
          required
          min={1}
          max={chosen.refundableMinor}
          step={1}
          defaultValue={chosen.refundableMinor}
        />
      </label>
    </>
  );
}
