// Subscriptions by state, and for admins the books: balance, export, refunds and credit.
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { askFor } from "#web/api.ts";
import { useOnceKey } from "#web/once-key.ts";
import { useAct } from "#web/ops/act.ts";
import { Columns } from "#web/ops/columns.tsx";
import {
  getAdminAccounts,
  getAdminLedgerCsvPath,
  getAdminTrialBalance,
  postAdminCredits,
  postAdminRefunds,
} from "#web/ops/money-client.ts";
import { Panel } from "#web/ops/panel.tsx";
import { Refusal } from "#web/ops/refusal.tsx";
import { Wide } from "#web/ops/wide.tsx";
import { useResource } from "#web/use-resource.ts";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import { moneyWords } from "./money-words.ts";

const accounts = ["receivable", "cash", "revenue", "deferred", "tax", "refunds", "credits"] as const;

export function Books({ email }: { readonly email: string }): ReactElement {
  const say = useWords(moneyWords);
  const { locale } = useLanguage();
  const asked = getAdminTrialBalance();
  const resource = useResource(asked);
  return (
    <Panel id="books" title={say("books")} path={asked.path} email={email} resource={resource}>
      {({ balances }) => (
        <>
          {balances.length === 0 ? (
            <p className="soft">{say("noBooks")}</p>
          ) : (
            <Wide>
              <table>
                <caption className="unseen">{say("books")}</caption>
                <Columns
                  columns={[
                    [say("currency"), ""],
                    ...accounts.map((one) => [say(`ledger.${one}`), "number"] as const),
                    [say("ledgerSum"), "number"],
                  ]}
                />
                <tbody>
                  {balances.map(({ currency, amounts, sumMinor }) => (
                    <tr key={currency}>
                      <th scope="row">{currency}</th>
                      {accounts.map((one) => (
                        <td key={one} className="number">
                          <bdi>{inMajor(amounts[one], currency, locale)}</bdi>
                        </td>
                      ))}
                      <td className="number">
                        <span className={`badge ${sumMinor === 0 ? "healthy" : "unhealthy"}`}>
                          {sumMinor === 0 ? say("balanced") : inMajor(sumMinor, currency, locale)}
                        </span>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Wide>
          )}
          <p>
            <a className="button second" href={getAdminLedgerCsvPath} download>
              {say("exportLedger")}
            </a>
          </p>
          <div className="side-by-side">
            <Giving kind="refund" onDone={resource.reload} />
            <Giving kind="credit" onDone={resource.reload} />
          </div>
        </>
      )}
    </Panel>
  );
}

/** Minor units as people write them: 1999 of EUR is "€19.99", of JPY "¥1,999". */
export function inMajor(minor: number, currency: string, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

interface GivingProps {
  readonly kind: "refund" | "credit";
  readonly onDone: () => void;
}

function Giving({ kind, onDone }: GivingProps): ReactElement {
  const say = useWords(moneyWords);
  const [done, setDone] = useState(false);
  const { busy, error, act } = useAct();
  const { keyFor, renew } = useOnceKey();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const said = new FormData(form);
    const text = (name: string): string => String(said.get(name) ?? "").trim();
    setDone(false);
    act(async () => {
      const accountId = await accountOf(text("email"));
      const amountMinor = Number(text("amountMinor"));
      if (kind === "refund") {
        const refund = { accountId, amountMinor, invoiceId: text("invoiceId") };
        await postAdminRefunds(refund, keyFor(refund));
      } else {
        const credit = { accountId, amountMinor, currency: text("currency"), why: text("why") };
        await postAdminCredits(credit, keyFor(credit));
      }
      renew();
      form.reset();
      setDone(true);
      onDone();
    });
  };
  return (
    <form className="giving" onSubmit={submit} aria-label={say(kind)}>
      <h3>{say(kind)}</h3>
      <div className="line-form">
        <label className="wide-field">
          {say("account")}
          <input name="email" type="email" required dir="ltr" />
        </label>
        <label>
          {say("amountMinor")}
          <input name="amountMinor" type="number" required min={1} max={1_000_000_000} step={1} />
        </label>
        {kind === "refund" ? (
          <label>
            {say("invoice")}
            <input name="invoiceId" required dir="ltr" maxLength={64} />
          </label>
        ) : (
          <>
            <label>
              {say("currency")}
              <input name="currency" required pattern="[A-Z]{3}" defaultValue="EUR" dir="ltr" />
            </label>
            <label className="wide-field">
              {say("why")}
              <input name="why" required maxLength={200} dir="auto" />
            </label>
          </>
        )}
        <button type="submit" disabled={busy}>
          {say(kind === "refund" ? "giveRefund" : "giveCredit")}
        </button>
      </div>
      {done && <p role="status">{say("given")}</p>}
      <Refusal error={error} />
    </form>
  );
}

async function accountOf(email: string): Promise<string> {
  const found = await askFor(getAdminAccounts({ search: email }));
  const account = found.accounts.find((one) => one.email.toLowerCase() === email.toLowerCase());
  if (account === undefined) throw new Error(`There is no account ${email}.`);
  return account.id;
}
