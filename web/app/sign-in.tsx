// The sign-in page: a plain form, so that password managers know what it is.
import { Link } from "@tanstack/react-router";
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { getSignInMethods, postSignIn } from "#web/client.ts";
import { useDocumentTitle } from "#web/notice.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { SignInMethods } from "#wire/identity.ts";
import type { Me } from "#wire/viewer.ts";
import { Door } from "./door.tsx";
import { Refusal } from "./refusal.tsx";
import { useSending } from "./sending.ts";
import type { viewerEn } from "./viewer-en.ts";
import { viewerWords } from "./viewer-words.ts";

interface SignInProps {
  readonly onSignedIn: (me: Me) => void;
}

export function SignInPage({ onSignedIn }: SignInProps): ReactElement {
  const say = useWords(viewerWords);
  const { busy, error, send } = useSending();
  const [{ refusal, next }] = useState(() => arrival(window.location));
  useDocumentTitle(say("signIn"));
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = {
      email: String(form.get("email") ?? "").trim(),
      password: String(form.get("password") ?? ""),
    };
    send((signal) => postSignIn(body, signal), onSignedIn);
  };
  const refused = error !== undefined || refusal !== undefined;
  return (
    <Door>
      <form onSubmit={submit} method="post" aria-describedby={refused ? "refused" : undefined}>
        <h1>{say("signIn")}</h1>
        <p className="soft">{say("signInToWatch")}</p>
        <label>
          {say("email")}
          <input name="email" type="email" dir="ltr" autoComplete="username" required maxLength={254} />
        </label>
        <label>
          {say("password")}
          <input
            name="password"
            type="password"
            dir="ltr"
            autoComplete="current-password"
            required
            maxLength={256}
          />
        </label>
        <Refusal error={error} id="refused" />
        {error === undefined && refusal !== undefined && (
          <p id="refused" className="refused" role="alert">
            {say(refusal)}
          </p>
        )}
        <button type="submit" className="button" disabled={busy}>
          {say(busy ? "signingIn" : "signIn")}
        </button>
        <OtherWays next={next} />
        <p className="faint">{say("firstRun")}</p>
      </form>
    </Door>
  );
}

function OtherWays({ next }: { readonly next: string }): ReactElement {
  const say = useWords(viewerWords);
  const { oidc, signUp }: Partial<SignInMethods> = useResource(getSignInMethods()).value ?? {};
  return (
    <>
      {oidc !== undefined && (
        <a className="button second" href={`${oidc.path}?${new URLSearchParams({ next })}`}>
          {say("signInWith", { name: oidc.name })}
        </a>
      )}
      <p className="ways">
        <Link to="/reset">{say("forgot")}</Link>
        {signUp !== undefined && <Link to="/sign-up">{say("createAccount")}</Link>}
      </p>
    </>
  );
}

/** Why a sign-in elsewhere came back without one, and where to go after the next. */
function arrival({ pathname, search }: Location): {
  readonly refusal?: keyof typeof viewerEn;
  readonly next: string;
} {
  const code = new URLSearchParams(search).get("refused");
  if (code === null) return { next: `${pathname}${search}` };
  return { refusal: refusals.get(code) ?? "signInAgain", next: "/" };
}

const refusals: ReadonlyMap<string, keyof typeof viewerEn> = new Map([
  ["oidc-no-account", "oidcNoAccount"],
  ["oidc-away", "oidcAway"],
  ["too-many-requests", "tooManySignIns"],
]);
