// The PIN that whoever holds a child's profile is asked for.
import type { ReactElement } from "react";
import type { ApiError } from "#web/api.ts";
import { useWords } from "#web/words/say.ts";
import { accountWords } from "./account-words.ts";

export function asksPin(error: ApiError | undefined): boolean {
  return error?.code === "pin-wanted" || error?.code === "pin-wrong";
}

export function PinField(): ReactElement {
  const say = useWords(accountWords);
  return (
    <label>
      {say("askPin")}
      <input
        name="pin"
        type="password"
        inputMode="numeric"
        pattern="\d{4,8}"
        autoComplete="off"
        required
        // biome-ignore lint/a11y/noAutofocus: it appears because it was asked for
        autoFocus
      />
    </label>
  );
}
