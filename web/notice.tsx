// What a page shows while it waits, and when it could not get what it needs: what happened and what to do.
import type { ReactElement } from "react";
import { useEffect } from "react";
import { useWords } from "#web/words/say.ts";
import { shellWords } from "#web/words/shell.ts";
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
  const say = useWords(shellWords);
  return (
    <div className="notice" role="alert">
      <h2>{say(headFor(error))}</h2>
      <p lang="en" dir="auto">
        {error.message}
      </p>
      <p className="soft">{say(adviceFor(error))}</p>
      <p className="choices">
        <button type="button" className="button" onClick={retry}>
          {say("tryAgain")}
        </button>
        {moneyCodes.has(error.code) && (
          <a className="button second" href="/account">
            {say("toAccount")}
          </a>
        )}
      </p>
      <p className="faint">
        {say("code")} <code>{error.code}</code>
      </p>
    </div>
  );
}

/** What is mended on the account's page. */
const moneyCodes: ReadonlySet<string> = new Set(["not-subscribed", "account-suspended"]);

function isOffline(error: ApiError): boolean {
  return error.code === "unreachable" && !navigator.onLine;
}

function headFor(error: ApiError): keyof typeof shellWords.en {
  if (isOffline(error)) return "offline";
  if (error.status === 0) return "noAnswer";
  return error.status === 403 ? "notAllowed" : "failed";
}

/** One sentence about what the person before the screen can do. */
function adviceFor(error: ApiError): keyof typeof shellWords.en {
  if (isOffline(error)) return "adviceOffline";
  if (error.code === "not-subscribed") return "advicePlan";
  if (error.code === "account-suspended") return "adviceBill";
  if (error.code === "unreachable") return "adviceUnreachable";
  if (error.code === "deadline") return "adviceDeadline";
  if (error.status === 403) return "advice403";
  if (error.status === 404) return "advice404";
  if (error.status === 429) return "advice429";
  if (error.status >= 500) return "advice5xx";
  return "adviceOther";
}

/** Names the page in the tab, the history and to screen readers. */
export function useDocumentTitle(name: string): void {
  useEffect(() => {
    document.title = name === "" ? "Millrace" : `${name} · Millrace`;
  }, [name]);
}
