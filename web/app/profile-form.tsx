// One profile, made or changed: its name, up to which age it shows films, its language, and the PIN that keeps a child in it.
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { useDocumentTitle } from "#web/notice.tsx";
import { languages } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { ProfileAnswer } from "#wire/account.ts";
import { accountWords } from "./account-words.ts";
import { deleteProfilesById, patchProfilesById, postProfiles } from "./client.ts";
import { asksPin, PinField } from "./pin-field.tsx";
import { Refusal } from "./refusal.tsx";
import { useSending } from "./sending.ts";

/** Years; 18 shows everything. */
const ages = [18, 16, 12, 6, 0] as const;

interface ProfileFormProps {
  /** Undefined: a new one. */
  readonly profile: ProfileAnswer | undefined;
  readonly onSaved: () => void;
  readonly onCancel: () => void;
}

export function ProfileForm({ profile, onSaved, onCancel }: ProfileFormProps): ReactElement {
  const say = useWords(accountWords);
  const { busy, error, send } = useSending();
  const title = profile === undefined ? say("addProfile") : say("editProfile", { name: profile.name });
  useDocumentTitle(title);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const draft = draftIn(form);
    send(
      (signal) =>
        profile === undefined
          ? postProfiles(draft, signal)
          : patchProfilesById(profile.id, withoutPin(form) ? { ...draft, newPin: null } : draft, signal),
      onSaved,
    );
  };
  return (
    <div className="profile-form">
      <h1>{title}</h1>
      <form onSubmit={submit}>
        <label>
          {say("name")}
          <input name="name" defaultValue={profile?.name ?? ""} required maxLength={200} dir="auto" />
        </label>
        <AgeSelect now={profile?.maturity ?? 18} />
        <LanguageOfProfile now={profile?.language ?? "en"} />
        <label>
          {say("newPin")}
          <input
            name="newPin"
            type="password"
            inputMode="numeric"
            pattern="\d{4,8}"
            autoComplete="new-password"
          />
        </label>
        <p className="faint">{say("pinHelp")}</p>
        {profile?.hasPin === true && (
          <label className="tick">
            <input type="checkbox" name="withoutPin" /> {say("removePin")}
          </label>
        )}
        <Refusal error={error} />
        {asksPin(error) && <PinField />}
        <p className="choices">
          <button type="submit" className="button" disabled={busy}>
            {say("save")}
          </button>
          <button type="button" className="button second" onClick={onCancel}>
            {say("cancel")}
          </button>
        </p>
      </form>
      {profile !== undefined && !profile.main && <RemoveProfile profile={profile} onRemoved={onSaved} />}
    </div>
  );
}

function draftIn(form: FormData) {
  const text = (name: string): string => String(form.get(name) ?? "");
  return {
    ...{ name: text("name"), maturity: Number(text("maturity")), language: text("language") },
    ...(text("newPin") === "" ? {} : { newPin: text("newPin") }),
    ...(text("pin") === "" ? {} : { pin: text("pin") }),
  };
}

function withoutPin(form: FormData): boolean {
  return form.get("withoutPin") === "on";
}

function AgeSelect({ now }: { readonly now: number }): ReactElement {
  const say = useWords(accountWords);
  const listed = [...new Set([...ages, now])].toSorted((a, b) => b - a);
  return (
    <label>
      {say("showsUpTo")}
      <select name="maturity" defaultValue={now}>
        {listed.map((age) => (
          <option key={age} value={age}>
            {age >= 18 ? say("allAges") : say("upToAge", { age })}
          </option>
        ))}
      </select>
    </label>
  );
}

function LanguageOfProfile({ now }: { readonly now: string }): ReactElement {
  const say = useWords(accountWords);
  const known = languages.some(({ tag }) => tag === now);
  return (
    <label>
      {say("profileLanguage")}
      <select name="language" defaultValue={now}>
        {languages.map(({ tag, name }) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
        {!known && <option value={now}>{now}</option>}
      </select>
    </label>
  );
}

interface RemoveProps {
  readonly profile: ProfileAnswer;
  readonly onRemoved: () => void;
}

function RemoveProfile({ profile, onRemoved }: RemoveProps): ReactElement {
  const say = useWords(accountWords);
  const { busy, error, send } = useSending();
  const [sure, setSure] = useState(false);
  if (!sure) {
    return (
      <button type="button" className="quiet" onClick={() => setSure(true)}>
        {say("remove", { name: profile.name })}
      </button>
    );
  }
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const pin = String(new FormData(event.currentTarget).get("pin") ?? "");
    send((signal) => deleteProfilesById(profile.id, pin === "" ? {} : { pin }, signal), onRemoved);
  };
  return (
    <form className="sure" onSubmit={submit}>
      <p>{say("removeSure")}</p>
      <Refusal error={error} />
      {asksPin(error) && <PinField />}
      <button type="submit" className="button danger" disabled={busy}>
        {say("removeYes")}
      </button>
    </form>
  );
}
