// Credit towards an account's next invoices.
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { useOnceKey } from "#web/once-key.ts";
import { useAct } from "#web/ops/act.ts";
import { postAdminCredits } from "#web/ops/money-client.ts";
import { Refusal } from "#web/ops/refusal.tsx";
import { useWords } from "#web/words/say.ts";
import { accountOf } from "./account-of.ts";
import { moneyWords } from "./money-words.ts";

export function Credit({ onDone }: { readonly onDone: () => void }): ReactElement {
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
      const credit = { accountId, amountMinor, currency: text("currency"), why: text("why") };
      await postAdminCredits(credit, keyFor(credit));
      renew();
      form.reset();
      setDone(true);
      onDone();
    });
  };
  return (
    <form className="giving" onSubmit={submit} aria-label={say("credit")}>
      <h3>{say("credit")}</h3>
      <div className="line-form">
        <label className="wide-field">
          {say("account")}
          <input name="email" type="email" required dir="ltr" />
        </label>
        <label>
          {say("amountMinor")}
          <input name="amountMinor" type="number" required min={1} max={1_000_000_000} step={1} />
        </label>
        <label>
          {say("currency")}
          <input name="currency" required pattern="[A-Z]{3}" defaultValue="EUR" dir="ltr" />
        </label>
        <label className="wide-field">
          {say("why")}
          <input name="why" required maxLength={200} dir="auto" />
        </label>
        <button type="submit" disabled={busy}>
          {say("giveCredit")}
        </button>
      </div>
      {done && <p role="status">{say("given")}</p>}
      <Refusal error={error} />
    </form>
  );
}
