// Subscriptions by state, and for admins the books: balance, export, refunds and credit.
import type { ReactElement } from "react";
import { Columns } from "#web/ops/columns.tsx";
import { getAdminLedgerCsvPath, getAdminTrialBalance } from "#web/ops/money-client.ts";
import { Panel } from "#web/ops/panel.tsx";
import { Wide } from "#web/ops/wide.tsx";
import { useResource } from "#web/use-resource.ts";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import { Credit } from "./credit.tsx";
import { inMajor } from "./in-major.ts";
import { moneyWords } from "./money-words.ts";
import { Refund } from "./refund.tsx";

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
            <Refund onDone={resource.reload} />
            <Credit onDone={resource.reload} />
          </div>
        </>
      )}
    </Panel>
  );
}
