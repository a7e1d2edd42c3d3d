// The field of a password, and the form that has nothing else: what a mailed link leads to.
import type { FormEvent, ReactElement } from "react";
import { useWords } from "#web/words/say.ts";
import { accountWords } from "./account-words.ts";
import { Refusal } from "./refusal.tsx";
import type { Sending } from "./sending.ts";

interface FieldProps {
  readonly label: "password" | "passwordNew";
  /** Of one that is there already, or of a new one. */
  readonly which: "current-password" | "new-password";
}

export function PasswordField({ label, which }: FieldProps): ReactElement {
  const say = useWords(accountWords);
  return (
    <label>
      {say(label)}
      <input name="password" type="password" dir="ltr" autoComplete={which} required maxLength={256} />
    </label>
  );
}

interface FormProps extends FieldProps {
  readonly sending: Pick<Sending, "busy" | "error">;
  readonly help?: string;
  readonly button: string;
  readonly onPassword: (password: string) => void;
}

export function PasswordForm({ label, which, sending, help, button, onPassword }: FormProps): ReactElement {
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onPassword(String(new FormData(event.currentTarget).get("password") ?? ""));
  };
  return (
    <form onSubmit={submit} method="post">
      {help !== undefined && <p className="soft">{help}</p>}
      <PasswordField label={label} which={which} />
      <Refusal error={sending.error} />
      <button type="submit" className="button" disabled={sending.busy}>
        {button}
      </button>
    </form>
  );
}
