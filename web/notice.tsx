// What a page shows while it waits, and when it could not get what it needs: what happened and what to do.
import type { ReactElement } from "react";
import { useEffect } from "react";
import type { ApiError } from "./api.ts";

/** Stays invisible for a moment (see base.css), so that a quick answer does not flash. */
export function Loading({ what }: { readonly what: string }): ReactElement {
  return (
    <p className="loading" role="status">
      {what} …
    </p>
  );
}

interface TroubleProps {
  readonly error: ApiError;
  readonly retry: () => void;
}

export function Trouble({ error, retry }: TroubleProps): ReactElement {
  return (
    <div className="notice" role="alert">
      <h2>{error.status === 0 ? "No answer" : "That did not work"}</h2>
      <p>{error.message}</p>
      <p className="soft">{adviceFor(error)}</p>
      <button type="button" className="button" onClick={retry}>
        Try again
      </button>
      <p className="faint">
        Code <code>{error.code}</code>
      </p>
    </div>
  );
}

/** One sentence about what the person before the screen can do. */
function adviceFor(error: ApiError): string {
  if (error.code === "unreachable") return "Start Millrace with npm start, or check your connection.";
  if (error.code === "deadline") return "The machine may be busy encoding. Wait a little and try again.";
  if (error.status === 403) return "Your account may not do this. Sign in with another one.";
  if (error.status === 404) return "It may have been removed. Go back to the films.";
  if (error.status === 429) return "Too many requests. Wait a minute.";
  if (error.status >= 500) return "The control plane's log says more under the same code.";
  return "If it happens again, tell the operator the code below.";
}

/** Names the page in the tab, the history and to screen readers. */
export function useDocumentTitle(name: string): void {
  useEffect(() => {
    document.title = name === "" ? "Millrace" : `${name} · Millrace`;
  }, [name]);
}
