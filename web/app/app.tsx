// The shell: who is signed in decides whether the pages or the sign-in page show; the address decides which page.
import type { ErrorComponentProps } from "@tanstack/react-router";
import { Outlet, useLocation } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import type { ApiError } from "#web/api.ts";
import { apiEvents, askFor } from "#web/api.ts";
import { Broken } from "#web/boundary.tsx";
import { getMe, getProfiles, getSignInMethods, postSignOut } from "#web/client.ts";
import { Loading, Trouble } from "#web/notice.tsx";
import { answers, asApiError, useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { shellWords } from "#web/words/shell.ts";
import type { Me } from "#wire/viewer.ts";
import { Header } from "./header.tsx";
import { SignedInContext, useSignedIn } from "./session.ts";
import { SignInPage } from "./sign-in.tsx";
import { forgetTiles } from "./stills.ts";

type Session =
  | { readonly kind: "asking" }
  | { readonly kind: "signed-out" }
  | {
      readonly kind: "signed-in";
      readonly me: Me;
      /** Just now, on this page: several profiles are asked who watches. */
      readonly arrived: boolean;
    }
  | { readonly kind: "failed"; readonly error: ApiError };

/** Pages for whoever was sent a link, or has no account yet. */
const open = /^\/(sign-up|reset|email\/confirm)(\/|$)/;

export function App(): ReactElement {
  const { pathname } = useLocation();
  return <Suspense fallback={null}>{open.test(pathname) ? <Outlet /> : <Sessions />}</Suspense>;
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
  const again = useCallback(async () => {
    const me = await askFor(getMe());
    forget();
    setSession({ kind: "signed-in", me, arrived: false });
  }, []);
  // Whoever was chosen meanwhile stays.
  const chosen = useCallback(
    () => setSession((now) => (now.kind === "signed-in" ? { ...now, arrived: false } : now)),
    [],
  );
  const me = session.kind === "signed-in" ? session.me : undefined;
  const signedIn = useMemo(
    () => (me === undefined ? undefined : { me, signOut, again }),
    [me, signOut, again],
  );
  switch (session.kind) {
    case "asking":
      return <Loading what={say("looking")} />;
    case "signed-out":
      return <SignInPage onSignedIn={(me) => setSession({ kind: "signed-in", me, arrived: true })} />;
    case "failed":
      return <Trouble error={session.error} retry={() => setSession({ kind: "asking" })} />;
    case "signed-in":
      return (
        <SignedInContext value={signedIn}>
          {session.arrived ? <WhoWatches onChosen={chosen} /> : <Outlet />}
        </SignedInContext>
      );
  }
}

/** After signing in, an account with several profiles is asked once; one with a single profile is not. */
function WhoWatches({ onChosen }: { readonly onChosen: () => void }): ReactElement {
  const { value, error } = useResource(getProfiles());
  const settled = error !== undefined || (value !== undefined && value.profiles.length < 2);
  useEffect(() => {
    if (settled) onChosen();
  }, [settled, onChosen]);
  if (settled) return <Outlet />;
  if (value === undefined) return <div aria-busy="true" />;
  return (
    <Suspense fallback={null}>
      <Profiles onChosen={onChosen} />
    </Suspense>
  );
}

const Profiles = lazy(async () => ({ default: (await import("./profiles.tsx")).ProfilesDoor }));

/** What one person was told is not there for the next. How one may sign in is said to anybody. */
function forget(): void {
  const open = getSignInMethods().path;
  answers.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== open });
  forgetTiles();
}

async function whoAmI(signal: AbortSignal, put: (session: Session) => void): Promise<void> {
  try {
    put({ kind: "signed-in", me: await askFor(getMe(), signal), arrived: false });
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
