// A forgotten password: without a link it asks for one, with it a new password is set. And the link that confirms a new email.
import { useLocation } from "@tanstack/react-router";
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { accountWords } from "./account-words.ts";
import { postEmailConfirm, postPasswordReset, postPasswordResetConfirm } from "./client.ts";
import { Door } from "./door.tsx";
import { PasswordForm } from "./password-field.tsx";
import { Refusal } from "./refusal.tsx";
import { useSending } from "./sending.ts";
import { EmailField, ToSignIn } from "./sign-up.tsx";

export function ResetPage(): ReactElement {
  const { hash: token } = useLocation();
  return <Door>{token === "" ? <AskReset /> : <SetPassword token={token} />}</Door>;
}

function AskReset(): ReactElement {
  const say = useWords(accountWords);
  const { busy, error, send } = useSending();
  const [sent, setSent] = useState(false);
  useDocumentTitle(say("resetAsk"));
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const email = String(new FormData(event.currentTarget).get("email") ?? "").trim();
    send(
      (signal) => postPasswordReset({ email }, signal),
      () => setSent(true),
    );
  };
  return (
    <>
      <h1>{say("resetAsk")}</h1>
      {sent && (
        <p className="well" role="status">
          {say("mailSent")}
        </p>
      )}
      {!sent && (
        <form onSubmit={submit} method="post">
          <p className="soft">{say("resetHelp")}</p>
          <EmailField />
          <Refusal error={error} />
          <button type="submit" className="button" disabled={busy}>
            {say("sendLink")}
          </button>
        </form>
      )}
      <ToSignIn />
    </>
  );
}

function SetPassword({ token }: { readonly token: string }): ReactElement {
  const say = useWords(accountWords);
  const { send, ...sending } = useSending();
  const [done, setDone] = useState(false);
  useDocumentTitle(say("resetSet"));
  const set = (password: string): void =>
    send(
      (signal) => postPasswordResetConfirm({ token, password }, signal),
      () => setDone(true),
    );
  return (
    <>
      <h1>{say("resetSet")}</h1>
      {done ? (
        <p className="well" role="status">
          {say("resetDone")}
        </p>
      ) : (
        <PasswordForm
          {...{ label: "passwordNew", which: "new-password", sending, onPassword: set }}
          button={say("resetSet")}
        />
      )}
      <ToSignIn />
    </>
  );
}

/** Not by itself when it is opened: programs that look into mails open links too. */
export function ConfirmEmailPage(): ReactElement {
  const say = useWords(accountWords);
  const { busy, error, send } = useSending();
  const { hash: token } = useLocation();
  const [done, setDone] = useState(false);
  useDocumentTitle(say("emailConfirm"));
  return (
    <Door>
      <h1>{say("emailConfirm")}</h1>
      {token === "" && <p>{say("linkIncomplete")}</p>}
      {done && (
        <p className="well" role="status">
          {say("emailConfirmed")}
        </p>
      )}
      <Refusal error={error} />
      {token !== "" && !done && (
        <button
          type="button"
          className="button"
          disabled={busy}
          onClick={() =>
            send(
              (signal) => postEmailConfirm({ token }, signal),
              () => setDone(true),
            )
          }
        >
          {say("emailConfirm")}
        </button>
      )}
      <ToSignIn />
    </Door>
  );
}
