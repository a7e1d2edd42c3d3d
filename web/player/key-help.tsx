// The keyboard's map as a dialog.
import { type ReactElement, useEffect, useRef } from "react";
import { useWords } from "#web/words/say.ts";
import { Icon } from "./icons.tsx";
import { keyMap } from "./keys.ts";
import { playerWords } from "./player-words.ts";

const signs: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
};

export function KeyHelp({ onClose }: { readonly onClose: () => void }): ReactElement {
  const say = useWords(playerWords);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const face = (key: string): string => (key === " " ? say("space") : (signs[key] ?? key));
  const rows = keyMap.map(({ id, keys }) => ({
    what: say(`key_${id}`),
    keys: keys.length > 2 ? [`${keys[0]}–${keys.at(-1)}`] : keys.map(face),
  }));
  return (
    <dialog className="pl-keys" ref={dialog} onClose={onClose} aria-label={say("help")}>
      <header>
        <h2>{say("help")}</h2>
        <button type="button" onClick={onClose} aria-label={say("close")}>
          <Icon name="close" />
        </button>
      </header>
      <dl>
        {[...rows, { what: say("key_escape"), keys: ["Esc"] }].map(({ what, keys }) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd dir="ltr">
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
