// The search field of the header: what is typed becomes the address of the search page, a moment later. "/" leads here.
import { useLocation, useNavigate } from "@tanstack/react-router";
import type { FormEvent, ReactElement } from "react";
import { useEffect, useRef, useState } from "react";
import { searchOf } from "#web/addresses.ts";
import { useWords } from "#web/words/say.ts";
import { shellWords } from "#web/words/shell.ts";

/** Chosen by us: between two letters of somebody who types, nothing is asked. */
const pauseMs = 180;

export function SearchField(): ReactElement {
  const say = useWords(shellWords);
  const navigate = useNavigate();
  const { pathname, searchStr } = useLocation();
  const searching = pathname === "/search";
  const asked = searching ? (searchOf(searchStr).q ?? "") : "";
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(asked);
  const [typed, setTyped] = useState(false);
  useSlash(field);
  useEffect(() => {
    if (document.activeElement !== field.current) setText(asked);
  }, [asked]);
  useEffect(() => {
    if (!typed) return;
    const go = (): void => {
      setTyped(false);
      void navigate({ to: "/search", search: text.trim() === "" ? {} : { q: text }, replace: searching });
    };
    const timer = setTimeout(go, pauseMs);
    return () => clearTimeout(timer);
  }, [text, typed, searching, navigate]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void navigate({ to: "/search", search: text.trim() === "" ? {} : { q: text }, replace: searching });
  };
  return (
    <search className="search-field">
      <form onSubmit={submit}>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <circle cx="10.5" cy="10.5" r="6.5" />
          <path d="M15.5 15.5L21 21" />
        </svg>
        <input
          ref={field}
          type="search"
          dir="auto"
          aria-label={say("search")}
          aria-keyshortcuts="/"
          placeholder={say("searchHint")}
          value={text}
          maxLength={200}
          autoComplete="off"
          enterKeyHint="search"
          onChange={(event) => {
            setText(event.target.value);
            setTyped(true);
          }}
        />
      </form>
    </search>
  );
}

/** "/" focuses the field, unless something is being typed elsewhere. */
function useSlash(field: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const stop = new AbortController();
    const press = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof Element && event.target.matches("input, textarea, select")) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    addEventListener("keydown", press, { signal: stop.signal });
    return () => stop.abort();
  }, [field]);
}
