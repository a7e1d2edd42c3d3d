// The shell: who is signed in decides whether the pages or the sign-in page show; the address decides which page.
import type { ErrorComponentProps } from "@tanstack/react-router";
import { Outlet } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Suspense, useCallback, useEffect, useMemo, useState } from "react";
import type { ApiError } from "#web/api.ts";
import { apiEvents, askFor } from "#web/api.ts";
import { Broken } from "#web/boundary.tsx";
import { getMe, getSignInMethods, postSignOut } from "#web/client.ts";
import { Loading, Trouble } from "#web/notice.tsx";
import { answers, asApiError } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { shellWords } from "#web/words/shell.ts";
import type { Me } from "#wire/viewer.ts";
import { Header } from "./header.tsx";
import { SignedInContext, useSignedIn } from "./session.ts";
import { SignInPage } from "./sign-in.tsx";

type Session =
  | { readonly kind: "asking" }
  | { readonly kind: "signed-out" }
  | { readonly kind: "signed-in"; readonly me: Me }
  | { readonly kind: "failed"; readonly error: ApiError };

export function App(): ReactElement {
  return (
    <Suspense fallback={null}>
      <Sessions />
    </Suspense>
  );
}

function Sessions(): ReactElement {
  const say = useWords(shellWords);
  const [session, setSession] = useState<Session>({ kind: "asking" });
  useEffect(() => {
    const stop = new AbortController();
    const leave = (): void => setSession({ kind: "signed-out" });
    apiEvents.addEventListener("signed-out", leave, { signal: stop.signal });
    if (session.kind === "asking") void whoAmI(stop.signal, setSession);
    if (session.kind === "signed-out") forget();
    return () => stop.abort();
  }, [session.kind]);
  const signOut = useCallback(() => {
    postSignOut()
      .then(() => setSession({ kind: "signed-out" }))
      .catch((error: unknown) => setSession({ kind: "failed", error: asApiError(error) }));
  }, []);
  const me = session.kind === "signed-in" ? session.me : undefined;
  const signedIn = useMemo(() => (me === undefined ? undefined : { me, signOut }), [me, signOut]);
  switch (session.kind) {
    case "asking":
      return <Loading what={say("looking")} />;
    case "signed-out":
      return <SignInPage onSignedIn={(me) => setSession({ kind: "signed-in", me })} />;
    case "failed":
      return <Trouble error={session.error} retry={() => setSession({ kind: "asking" })} />;
    case "signed-in":
      return (
        <SignedInContext value={signedIn}>
          <Outlet />
        </SignedInContext>
      );
  }
}

/** What one person was told is not there for the next. How one may sign in is said to anybody. */
function forget(): void {
  const open = getSignInMethods().path;
  answers.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== open });
}

async function whoAmI(signal: AbortSignal, put: (session: Session) => void): Promise<void> {
  try {
    put({ kind: "signed-in", me: await askFor(getMe(), signal) });
  } catch (error) {
    const known = asApiError(error);
    if (!signal.aborted)
      put(known.status === 401 ? { kind: "signed-out" } : { kind: "failed", error: known });
  }
}

/** The header, and a page below it. */
export function Shell(): ReactElement {
  const say = useWords(shellWords);
  const { me, signOut } = useSignedIn();
  return (
    <>
      <a className="skip" href="#content">
        {say("skip")}
      </a>
      <Header me={me} onSignOut={signOut} />
      <main id="content" tabIndex={-1}>
        <Suspense fallback={<Loading what={say("opening")} />}>
          <Outlet />
        </Suspense>
      </main>
    </>
  );
}

/** What a page threw while it was drawn or fetched: the pages beside it stay. */
export function PageTrouble({ error }: ErrorComponentProps): ReactElement {
  return <Broken failure={error instanceof Error ? error : new Error(String(error))} />;
}
