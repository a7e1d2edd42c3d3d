// Who is watching: choose a profile, add one, change or remove one. A child's profile is left with its PIN alone.
import { useNavigate } from "@tanstack/react-router";
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { getProfiles, postProfilesByIdUse } from "#web/client.ts";
import { Loading, Trouble, useDocumentTitle } from "#web/notice.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { ProfileAnswer } from "#wire/account.ts";
import { accountWords } from "./account-words.ts";
import { Face } from "./face.tsx";
import { asksPin, PinField } from "./pin-field.tsx";
import { ProfileForm } from "./profile-form.tsx";
import { Refusal } from "./refusal.tsx";
import { useSending } from "./sending.ts";
import { useSignedIn } from "./session.ts";
import "./people.css";

export function ProfilesPage(): ReactElement {
  const navigate = useNavigate();
  return <Choice onChosen={() => void navigate({ to: "/" })} />;
}

/** Right after signing in, in place of the page that was asked for. */
export function ProfilesDoor({ onChosen }: { readonly onChosen: () => void }): ReactElement {
  return (
    <main id="content" tabIndex={-1}>
      <Choice onChosen={onChosen} />
    </main>
  );
}

type Doing =
  | { readonly kind: "choosing" | "managing" | "adding" }
  | { readonly kind: "editing"; readonly profile: ProfileAnswer };

function Choice({ onChosen }: { readonly onChosen: () => void }): ReactElement {
  const say = useWords(accountWords);
  const { again } = useSignedIn();
  const { value, error, reload } = useResource(getProfiles());
  const [doing, setDoing] = useState<Doing>({ kind: "choosing" });
  useDocumentTitle(say("whoWatches"));
  if (value === undefined) {
    if (error !== undefined) return <Trouble error={error} retry={reload} />;
    return <Loading what={say("fetchingProfiles")} />;
  }
  if (doing.kind === "adding" || doing.kind === "editing") {
    const profile = doing.kind === "editing" ? doing.profile : undefined;
    const finished = (): void => {
      reload();
      setDoing({ kind: "managing" });
      void again();
    };
    return (
      <ProfileForm profile={profile} onSaved={finished} onCancel={() => setDoing({ kind: "managing" })} />
    );
  }
  const managing = doing.kind === "managing";
  return (
    <div className="who-watches">
      <h1>{say("whoWatches")}</h1>
      <Profiles
        profiles={value.profiles}
        managing={managing}
        onEdit={(profile) => setDoing({ kind: "editing", profile })}
        onChosen={() => void again().then(onChosen)}
      />
      {managing && value.profiles.length >= value.most && (
        <p className="faint">{say("mostProfiles", { most: value.most })}</p>
      )}
      <p className="choices">
        {managing && value.profiles.length < value.most && (
          <button type="button" className="button" onClick={() => setDoing({ kind: "adding" })}>
            {say("addProfile")}
          </button>
        )}
        <button
          type="button"
          className="button second"
          onClick={() => setDoing({ kind: managing ? "choosing" : "managing" })}
        >
          {say(managing ? "done" : "manage")}
        </button>
      </p>
    </div>
  );
}

interface ProfilesProps {
  readonly profiles: readonly ProfileAnswer[];
  readonly managing: boolean;
  readonly onEdit: (profile: ProfileAnswer) => void;
  readonly onChosen: () => void;
}

function Profiles({ profiles, managing, onEdit, onChosen }: ProfilesProps): ReactElement {
  const say = useWords(accountWords);
  const { busy, error, send } = useSending();
  const [asked, setAsked] = useState<ProfileAnswer>();
  const choose = (profile: ProfileAnswer, pin?: string): void => {
    setAsked(profile);
    send((signal) => postProfilesByIdUse(profile.id, pin === undefined ? {} : { pin }, signal), onChosen);
  };
  return (
    <>
      <ul className="faces">
        {profiles.map((profile) => (
          <li key={profile.id}>
            <button
              type="button"
              className="profile"
              disabled={busy}
              onClick={() => (managing ? onEdit(profile) : choose(profile))}
            >
              <Face id={profile.id} name={profile.name} />
              <span className="unseen">
                {say(managing ? "editProfile" : "useProfile", { name: profile.name })}
              </span>
              <span dir="auto" aria-hidden="true">
                {profile.name}
              </span>
            </button>
            <span className="faint">
              {profile.inUse
                ? say("inUse")
                : profile.maturity < 18 && say("child", { age: profile.maturity })}
            </span>
          </li>
        ))}
      </ul>
      <Refusal error={error} />
      {asksPin(error) && asked !== undefined && <PinForm onPin={(pin) => choose(asked, pin)} />}
    </>
  );
}

function PinForm({ onPin }: { readonly onPin: (pin: string) => void }): ReactElement {
  const say = useWords(accountWords);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onPin(String(new FormData(event.currentTarget).get("pin") ?? ""));
  };
  return (
    <form className="pin" onSubmit={submit}>
      <PinField />
      <button type="submit" className="button">
        {say("goOn")}
      </button>
    </form>
  );
}
