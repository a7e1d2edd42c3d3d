// The shell: who is signed in decides whether the pages or the sign-in page show; the address decides which page.
import type { ReactElement } from "react";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import type { ApiError } from "#web/api.ts";
import { apiEvents, askFor } from "#web/api.ts";
import { Boundary } from "#web/boundary.tsx";
import { getMe, postSignOut } from "#web/client.ts";
import { Loading, Trouble } from "#web/notice.tsx";
import type { Route } from "#web/router.ts";
import { Link, useRoute } from "#web/router.ts";
import { asApiError } from "#web/use-resource.ts";
import type { Me } from "#wire/viewer.ts";
import { Header } from "./header.tsx";
import { HomePage } from "./home.tsx";
import { SignInPage } from "./sign-in.tsx";
import { TitlePage } from "./title.tsx";
import { WatchPage } from "./watch.tsx";

const OpsPage = lazy(async () => ({ default: (await import("#web/ops/ops.tsx")).OpsPage }));

type Session =
  | { readonly kind: "asking" }
  | { readonly kind: "signed-out" }
  | { readonly kind: "signed-in"; readonly me: Me }
  | { readonly kind: "failed"; readonly error: ApiError };

export function App(): ReactElement {
  const [session, setSession] = useState<Session>({ kind: "asking" });
  const route = useRoute();
  useEffect(() => {
    const stop = new AbortController();
    const leave = (): void => setSession({ kind: "signed-out" });
    apiEvents.addEventListener("signed-out", leave, { signal: stop.signal });
    if (session.kind === "asking") void whoAmI(stop.signal, setSession);
    return () => stop.abort();
  }, [session.kind]);
  const signOut = useCallback(() => {
    postSignOut()
      .then(() => setSession({ kind: "signed-out" }))
      .catch((error: unknown) => setSession({ kind: "failed", error: asApiError(error) }));
  }, []);
  switch (session.kind) {
    case "asking":
      return <Loading what="Looking who you are" />;
    case "signed-out":
      return <SignInPage onSignedIn={(me) => setSession({ kind: "signed-in", me })} />;
    case "failed":
      return <Trouble error={session.error} retry={() => setSession({ kind: "asking" })} />;
    case "signed-in":
      return <Shell me={session.me} route={route} onSignOut={signOut} />;
  }
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

interface ShellProps {
  readonly me: Me;
  readonly route: Route;
  readonly onSignOut: () => void;
}

function Shell({ me, route, onSignOut }: ShellProps): ReactElement {
  if (route.kind === "watch") {
    return (
      <Boundary>
        <WatchPage titleId={route.id} from={route.from} />
      </Boundary>
    );
  }
  return (
    <>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <Header me={me} route={route} onSignOut={onSignOut} />
      <main id="content" tabIndex={-1}>
        <Boundary key={route.kind}>
          <Suspense fallback={<Loading what="Opening the page" />}>{pageOf(route, me)}</Suspense>
        </Boundary>
      </main>
    </>
  );
}

function pageOf(route: Route, me: Me): ReactElement {
  switch (route.kind) {
    case "home":
      return <HomePage operator={me.role !== "viewer"} />;
    case "title":
    case "watch":
      return <TitlePage titleId={route.id} />;
    case "ops":
      return me.role !== "viewer" ? <OpsPage me={me} /> : <NotHere what="This page is for operators." />;
    case "unknown":
      return <NotHere what={`There is no page at ${route.path}.`} />;
  }
}

function NotHere({ what }: { readonly what: string }): ReactElement {
  return (
    <div className="notice">
      <h1>Nothing here</h1>
      <p>{what}</p>
      <Link className="button" to={{ kind: "home" }}>
        To the films
      </Link>
    </div>
  );
}
