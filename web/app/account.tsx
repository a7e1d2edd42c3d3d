// The account: plan, screens in use, devices, password, email, and its end.
import type { FormEvent, ReactElement } from "react";
import { useEffect, useState } from "react";
import type { ApiError } from "#web/api.ts";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { accountWords } from "./account-words.ts";
import { deleteMe, postMeEmail, postMePassword } from "./client.ts";
import { DevicesPart, ScreensPart } from "./devices.tsx";
import { Part } from "./part.tsx";
import { PlanPart } from "./plan.tsx";
import { Refusal } from "./refusal.tsx";
import { useSending } from "./sending.ts";
import { useSignedIn } from "./session.ts";
import "./people.css";

export function AccountPage(): ReactElement {
  const say = useWords(accountWords);
  const { me } = useSignedIn();
  useDocumentTitle(say("account"));
  useEffect(() => {
    const part = document.getElementById(location.hash.slice(1));
    part?.scrollIntoView({ block: "start" });
  }, []);
  return (
    <div className="account">
      <h1>{say("account")}</h1>
      <PlanPart />
      <ScreensPart />
      <DevicesPart />
      <PasswordPart />
      <EmailPart email={me.email} />
      <ErasePart />
    </div>
  );
}

function PasswordPart(): ReactElement {
  const say = useWords(accountWords);
  const { busy, error, send } = useSending();
  const [done, setDone] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const text = textsIn(form);
    const body = { password: text("password"), newPassword: text("newPassword") };
    send(
      (signal) => postMePassword(body, signal),
      () => {
        form.reset();
        setDone(true);
      },
    );
  };
  return (
    <Part id="password" title={say("changePassword")}>
      <form onSubmit={submit}>
        <PasswordField name="password" label={say("passwordNow")} />
        <PasswordField name="newPassword" label={say("passwordNew")} fresh />
        <p className="faint">{say("passwordHelp")}</p>
        <Outcome error={error} done={done ? say("passwordChanged") : undefined} />
        <button type="submit" className="button second" disabled={busy}>
          {say("changePassword")}
        </button>
      </form>
    </Part>
  );
}

function EmailPart({ email }: { readonly email: string }): ReactElement {
  const say = useWords(accountWords);
  const { busy, error, send } = useSending();
  const [done, setDone] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const text = textsIn(event.currentTarget);
    const body = { password: text("password"), email: text("email") };
    send(
      (signal) => postMeEmail(body, signal),
      () => setDone(true),
    );
  };
  return (
    <Part id="email" title={say("changeEmail")}>
      <form onSubmit={submit}>
        <p className="soft">{say("emailNow", { email })}</p>
        <label>
          {say("emailNew")}
          <input name="email" type="email" dir="ltr" autoComplete="email" required maxLength={254} />
        </label>
        <PasswordField name="password" label={say("passwordNow")} />
        <Outcome error={error} done={done ? say("emailSent") : undefined} />
        <button type="submit" className="button second" disabled={busy}>
          {say("changeEmail")}
        </button>
      </form>
    </Part>
  );
}

function ErasePart(): ReactElement {
  const say = useWords(accountWords);
  const { busy, error, send } = useSending();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const body = { password: textsIn(event.currentTarget)("password") };
    send(
      (signal) => deleteMe(body, signal),
      () => location.assign("/"),
    );
  };
  return (
    <Part id="erase" title={say("erase")}>
      <details>
        <summary>{say("eraseHelp")}</summary>
        <form onSubmit={submit}>
          <PasswordField name="password" label={say("passwordNow")} />
          <Outcome error={error} done={undefined} />
          <button type="submit" className="button danger" disabled={busy}>
            {say("eraseYes")}
          </button>
        </form>
      </details>
    </Part>
  );
}

interface PasswordFieldProps {
  readonly name: string;
  readonly label: string;
  readonly fresh?: boolean;
}

function PasswordField({ name, label, fresh = false }: PasswordFieldProps): ReactElement {
  return (
    <label>
      {label}
      <input
        name={name}
        type="password"
        dir="ltr"
        autoComplete={fresh ? "new-password" : "current-password"}
        required
        maxLength={256}
      />
    </label>
  );
}

interface OutcomeProps {
  readonly error: ApiError | undefined;
  readonly done: string | undefined;
}

function Outcome({ error, done }: OutcomeProps): ReactElement | null {
  if (error !== undefined) return <Refusal error={error} />;
  if (done === undefined) return null;
  return (
    <p className="well" role="status">
      {done}
    </p>
  );
}

function textsIn(form: HTMLFormElement): (name: string) => string {
  const fields = new FormData(form);
  return (name) => String(fields.get(name) ?? "");
}
