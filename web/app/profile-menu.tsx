// Who watches: a menu with the profile, the account, the language, and the way out. Arrow keys walk it, Escape closes it.
import { Link } from "@tanstack/react-router";
import type { KeyboardEvent, ReactElement } from "react";
import { useEffect, useId, useRef, useState } from "react";
import { chooseLanguage, languages, useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import { shellWords } from "#web/words/shell.ts";
import type { Me } from "#wire/viewer.ts";
import { Face } from "./face.tsx";

interface ProfileMenuProps {
  readonly me: Me;
  readonly onSignOut: () => void;
}

export function ProfileMenu({ me, onSignOut }: ProfileMenuProps): ReactElement {
  const say = useWords(shellWords);
  const [open, setOpen] = useState(false);
  const holder = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (open) itemsIn(holder.current)[0]?.focus();
  }, [open]);
  const close = (): void => setOpen(false);
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && open) {
      close();
      button.current?.focus();
    }
    if (event.key === "ArrowDown" && !open) {
      event.preventDefault();
      setOpen(true);
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the menu and its button are heard in one place
    <div
      className="menu-holder"
      ref={holder}
      onKeyDown={press}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) close();
      }}
    >
      <button
        ref={button}
        type="button"
        className="who"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Face id={me.profileId} name={me.profileName} />
        <span dir="auto">{me.profileName}</span>
      </button>
      {open && (
        <div className="menu">
          <p className="faint" dir="ltr">
            {me.email}
          </p>
          <MenuItems id={id} label={say("profileMenu")} onChosen={close} onSignOut={onSignOut} />
        </div>
      )}
    </div>
  );
}

interface MenuItemsProps {
  readonly id: string;
  readonly label: string;
  readonly onChosen: () => void;
  readonly onSignOut: () => void;
}

function MenuItems({ id, label, onChosen, onSignOut }: MenuItemsProps): ReactElement {
  const say = useWords(shellWords);
  const { tag } = useLanguage();
  const item = { role: "menuitem", tabIndex: -1, onClick: onChosen } as const;
  return (
    <div id={id} role="menu" aria-label={label} onKeyDown={walk}>
      <Link to="/profiles" {...item}>
        {say("switchProfile")}
      </Link>
      <Link to="/account" {...item}>
        {say("account")}
      </Link>
      <Link to="/account" hash="devices" {...item}>
        {say("devices")}
      </Link>
      {/* biome-ignore lint/a11y/useSemanticElements: a group of a menu, not a fieldset */}
      <div role="group" aria-label={say("language")}>
        {languages.map((one) => (
          <button
            key={one.tag}
            type="button"
            role="menuitemradio"
            tabIndex={-1}
            aria-checked={one.tag === tag}
            lang={one.tag}
            onClick={() => chooseLanguage(one.tag)}
          >
            {one.name}
          </button>
        ))}
      </div>
      <button type="button" role="menuitem" tabIndex={-1} onClick={onSignOut}>
        {say("signOut")}
      </button>
    </div>
  );
}

function itemsIn(holder: Element | null): readonly HTMLElement[] {
  return [...(holder?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
}

function walk(event: KeyboardEvent<HTMLElement>): void {
  const items = itemsIn(event.currentTarget);
  const at = items.findIndex((item) => item.matches(":focus"));
  const steps: Readonly<Record<string, number>> = {
    ...{ ArrowDown: at + 1, ArrowUp: at - 1 + items.length },
    ...{ Home: 0, End: items.length - 1 },
  };
  const to = steps[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  items[to % items.length]?.focus();
}
