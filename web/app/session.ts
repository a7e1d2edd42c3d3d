// Who is signed in, for every page below the shell.
import { createContext, use } from "react";
import type { Me } from "#wire/viewer.ts";

export interface SignedIn {
  readonly me: Me;
  readonly signOut: () => void;
  /** Another profile is in use from now on: what this page knows of the one before is forgotten. */
  readonly again: () => Promise<void>;
}

export const SignedInContext = createContext<SignedIn | undefined>(undefined);

/** Only below `App`, which shows the sign-in page to everybody else. */
export function useSignedIn(): SignedIn {
  const signedIn = use(SignedInContext);
  if (signedIn === undefined) throw new Error("this page is drawn outside of a session");
  return signedIn;
}
