// A button of the controls with a panel of choices over it. One is open at a time; Escape or a click elsewhere closes it.
import "./menu.css";
import { type ReactElement, type ReactNode, useEffect, useId, useRef } from "react";

interface MenuProps {
  /** What the button is called, and the panel. */
  readonly name: string;
  readonly face: ReactNode;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
  readonly children: ReactNode;
}

export function Menu({ name, face, open, onOpen, children }: MenuProps): ReactElement {
  const id = useId();
  const whole = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    let left = false;
    const elsewhere = (event: Event): void => {
      if (!(event.target instanceof Node) || whole.current?.contains(event.target) !== false) return;
      left = true;
      onOpen(false);
    };
    document.addEventListener("pointerdown", elsewhere);
    document.addEventListener("focusin", elsewhere);
    const back = button.current;
    return () => {
      document.removeEventListener("pointerdown", elsewhere);
      document.removeEventListener("focusin", elsewhere);
      // By Escape: the focus goes back to where it came from.
      if (!left) back?.focus();
    };
  }, [open, onOpen]);
  return (
    <div className="pl-menu" ref={whole}>
      <button
        type="button"
        ref={button}
        aria-label={name}
        title={name}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => onOpen(!open)}
      >
        {face}
      </button>
      {open && (
        <section className="pl-menu-panel" id={id} aria-label={name}>
          {children}
        </section>
      )}
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  readonly legend: string;
  readonly value: Value;
  readonly choices: readonly {
    readonly value: Value;
    readonly label: ReactNode;
    /** Set against the end of the line. */
    readonly note?: string;
  }[];
  readonly onChoose: (value: Value) => void;
  /** In one row, for a few short words. */
  readonly flat?: boolean;
}

export function Choice<Value extends string>({
  legend,
  value,
  choices,
  onChoose,
  flat = false,
}: ChoiceProps<Value>): ReactElement {
  const name = useId();
  return (
    <fieldset className={flat ? "pl-choice pl-flat" : "pl-choice"}>
      <legend>{legend}</legend>
      {choices.map((choice) => (
        <label key={choice.value}>
          <input
            type="radio"
            name={name}
            checked={choice.value === value}
            onChange={() => onChoose(choice.value)}
          />
          <span>{choice.label}</span>
          {choice.note !== undefined && <small>{choice.note}</small>}
        </label>
      ))}
    </fieldset>
  );
}
