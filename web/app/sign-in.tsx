// The sign-in page: a plain form, so that password managers know what it is.
import type { FormEvent, ReactElement } from "react";
import { useEffect, useRef, useState } from "react";
import type { ApiError } from "#web/api.ts";
import { getSignInMethods, postSignIn } from "#web/client.ts";
import { useDocumentTitle } from "#web/notice.tsx";
import { asApiError, useResource } from "#web/use-resource.ts";
import type { Me } from "#wire/viewer.ts";
import { Mark } from "./header.tsx";

interface SignInProps {
  readonly onSignedIn: (me: Me) => void;
}

export function SignInPage({ onSignedIn }: SignInProps): ReactElement {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const methods = useResource(getSignInMethods());
  const [{ refusal, next }] = useState(() => arrival(window.location));
  const said = error?.message ?? refusal;
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
    postSignIn(body, control.signal)
      .then(onSignedIn)
      .catch((reason: unknown) => {
        if (control.signal.aborted) return;
        setError(asApiError(reason));
        setBusy(false);
      });
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit} method="post" aria-describedby={said === undefined ? undefined : "refused"}>
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
        {said !== undefined && (
          <p id="refused" className="refused" role="alert">
            {said}
          </p>
        )}
        <button type="submit" className="button" disabled={busy}>
          {busy ? "Signing in …" : "Sign in"}
        </button>
        {methods.value?.oidc !== undefined && (
          <a className="button second" href={`${methods.value.oidc.path}?${new URLSearchParams({ next })}`}>
            Sign in with {methods.value.oidc.name}
          </a>
        )}
        <p className="faint">
          On this machine's first run, <code>npm start</code> prints the account in the terminal.
        </p>
      </form>
    </main>
  );
}

/** Why a sign-in elsewhere came back without one, and where to go after the next. */
function arrival({ pathname, search }: Location): { readonly refusal?: string; readonly next: string } {
  const code = new URLSearchParams(search).get("refused");
  if (code === null) return { next: `${pathname}${search}` };
  return { refusal: refusals.get(code) ?? "The sign-in was not taken. Begin it again.", next: "/" };
}

const refusals: ReadonlyMap<string, string> = new Map([
  ["oidc-no-account", "You are known there, but have no account here that you may sign in to this way."],
  ["oidc-away", "Sign-in elsewhere does not answer at present. Sign in with a password, or try again."],
  ["too-many-requests", "Too many sign-ins from here. Try again in a minute."],
]);
