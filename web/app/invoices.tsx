// The account's invoices, the newest first.
import type { ReactElement } from "react";
import { Trouble } from "#web/notice.tsx";
import { useResource } from "#web/use-resource.ts";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { InvoiceView } from "#wire/billing.ts";
import type { accountEn } from "./account-en.ts";
import { accountWords } from "./account-words.ts";
import { getInvoices } from "./client.ts";
import { moneyWords } from "./money.ts";

const stateWords = {
  ...{ open: "invoiceOpen", paid: "invoicePaid", refunded: "invoiceRefunded" },
  ...{ disputed: "invoiceDisputed", void: "invoiceVoid" },
} as const satisfies Readonly<Record<InvoiceView["status"], keyof typeof accountEn>>;

export function Invoices(): ReactElement | null {
  const say = useWords(accountWords);
  const { locale } = useLanguage();
  const { value, error, reload } = useResource(getInvoices());
  if (error !== undefined) return <Trouble error={error} retry={reload} />;
  if (value === undefined) return null;
  if (value.invoices.length === 0) return <p className="faint">{say("noInvoices")}</p>;
  return (
    <table className="invoices">
      <caption>{say("invoices")}</caption>
      <thead>
        <tr>
          <th scope="col">{say("issued")}</th>
          <th scope="col">{say("forWhat")}</th>
          <th scope="col">{say("amount")}</th>
          <th scope="col">{say("state")}</th>
        </tr>
      </thead>
      <tbody>
        {value.invoices.map(({ id, issuedAtMs, planName, grossMinor, currency, status }) => (
          <tr key={id}>
            <td>{new Date(issuedAtMs).toLocaleDateString(locale)}</td>
            <td dir="auto">{planName}</td>
            <td>{moneyWords(grossMinor, currency, locale)}</td>
            <td>{say(stateWords[status])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
