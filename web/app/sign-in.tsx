// The sign-in page: a plain form, so that password managers know what it is.
import type { FormEvent, ReactElement } from "react";
import { useEffect, useRef, useState } from "react";
import type { ApiError } from "#web/api.ts";
import { postJson } from "#web/api.ts";
import { endpoints } from "#web/endpoints.ts";
import { useDocumentTitle } from "#web/notice.tsx";
import { asApiError } from "#web/use-resource.ts";
import type { Me } from "#wire/viewer.ts";
import { me as meSchema } from "#wire/viewer.ts";
import { Mark } from "./header.tsx";

interface SignInProps {
  readonly onSignedIn: (me: Me) => void;
}

export function SignInPage({ onSignedIn }: SignInProps): ReactElement {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const stop = useRef<AbortController>(undefined);
  useDocumentTitle("Sign in");
  useEffect(() => () => stop.current?.abort(), []);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = {
      email: String(form.get("email") ?? "").trim(),
      password: String(form.get("password") ?? ""),
    };
    const control = new AbortController();
    stop.current = control;
    setBusy(true);
    setError(undefined);
    postJson(endpoints.signIn, body, meSchema, control.signal)
      .then(onSignedIn)
      .catch((reason: unknown) => {
        if (control.signal.aborted) return;
        setError(asApiError(reason));
        setBusy(false);
      });
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit} method="post" aria-describedby={error === undefined ? undefined : "refused"}>
        <h1>
          <Mark /> Millrace
        </h1>
        <p className="soft">Sign in to watch.</p>
        <label>
          Email
          <input name="email" type="email" autoComplete="username" required maxLength={254} />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required maxLength={256} />
        </label>
        {error !== undefined && (
          <p id="refused" className="refused" role="alert">
            {error.message}
          </p>
        )}
        <button type="submit" className="button" disabled={busy}>
          {busy ? "Signing in …" : "Sign in"}
        </button>
        <p className="faint">
          On this machine's first run, <code>npm start</code> prints the account in the terminal.
        </p>
      </form>
    </main>
  );
}
