// Asking for an account, and the page that the mailed link opens. What is refused is said in the control plane's words.
import { Link, useLocation } from "@tanstack/react-router";
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { getSignInMethods } from "#web/client.ts";
import { useDocumentTitle } from "#web/notice.tsx";
import { useResource } from "#web/use-resource.ts";
import { currentLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import { accountWords } from "./account-words.ts";
import { postSignUp, postSignUpConfirm } from "./client.ts";
import { Door } from "./door.tsx";
import { PasswordField, PasswordForm } from "./password-field.tsx";
import { Refusal } from "./refusal.tsx";
import { useSending } from "./sending.ts";

export function SignUpPage(): ReactElement {
  const say = useWords(accountWords);
  const methods = useResource(getSignInMethods()).value;
  const { busy, error, send } = useSending();
  const [sent, setSent] = useState(false);
  useDocumentTitle(say("signUp"));
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    const body = {
      ...{
        email: text("email"),
        password: String(form.get("password") ?? ""),
        language: currentLanguage().tag,
      },
      ...(text("profileName") === "" ? {} : { profileName: text("profileName") }),
      ...(text("invitation") === "" ? {} : { invitation: text("invitation") }),
    };
    send(
      (signal) => postSignUp(body, signal),
      () => setSent(true),
    );
  };
  const closed = methods !== undefined && methods.signUp === undefined;
  return (
    <Door>
      <h1>{say("signUp")}</h1>
      {closed && <p>{say("signUpClosed")}</p>}
      {sent && (
        <p className="well" role="status">
          {say("mailSent")}
        </p>
      )}
      {!closed && !sent && (
        <form onSubmit={submit} method="post">
          <EmailField />
          <PasswordField label="password" which="new-password" />
          <label>
            {say("yourName")}
            <input name="profileName" dir="auto" autoComplete="given-name" maxLength={200} />
          </label>
          {methods?.signUp === "invitation" && (
            <label>
              {say("invitation")}
              <input name="invitation" dir="ltr" autoComplete="off" required maxLength={100} />
            </label>
          )}
          <Refusal error={error} />
          <button type="submit" className="button" disabled={busy}>
            {say("signUp")}
          </button>
        </form>
      )}
      <ToSignIn />
    </Door>
  );
}

/** The link's secret stands behind "#": it is sent nowhere before the form is. */
export function ConfirmSignUpPage(): ReactElement {
  const say = useWords(accountWords);
  const { send, ...sending } = useSending();
  const { hash: token } = useLocation();
  useDocumentTitle(say("confirmSignUp"));
  const confirm = (password: string): void =>
    send(
      (signal) => postSignUpConfirm({ token, password }, signal),
      () => location.assign("/"),
    );
  return (
    <Door>
      <h1>{say("confirmSignUp")}</h1>
      {token === "" ? (
        <p>{say("linkIncomplete")}</p>
      ) : (
        <PasswordForm
          {...{ label: "password", which: "current-password", sending, onPassword: confirm }}
          {...{ help: say("confirmHelp"), button: say("confirm") }}
        />
      )}
      <ToSignIn />
    </Door>
  );
}

export function EmailField(): ReactElement {
  const say = useWords(accountWords);
  return (
    <label>
      {say("email")}
      <input name="email" type="email" dir="ltr" autoComplete="username" required maxLength={254} />
    </label>
  );
}

export function ToSignIn(): ReactElement {
  const say = useWords(accountWords);
  return (
    <p className="ways">
      <Link to="/">{say("toSignIn")}</Link>
    </p>
  );
}
