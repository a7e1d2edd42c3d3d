// Steps of an installation in words: one line each, and for a dry run the full text of what would be written.
import type { Action, Step } from "#edge/install-steps.ts";

const words: Readonly<Record<Step["does"], string>> = {
  create: "create",
  change: "change",
  run: "run",
  remove: "remove",
  nothing: "nothing to do",
  keep: "keep",
  conflict: "not written",
};
const width = Math.max(...Object.values(words).map((word) => word.length));

/** "create         /etc/millrace/appliance.env". */
export function stepLine({ does, what, because }: Step): string {
  const why = because === "" || does === "nothing" ? "" : ` (${because})`;
  return `${words[does].padEnd(width)}  ${what}${why}`;
}

/** The line, and below it what would be run or written. The token is never shown. */
export function stepInFull(step: Step): string {
  const more = step.does === "nothing" || step.does === "keep" ? [] : detail(step.action);
  return [stepLine(step), ...more.map((line) => `    ${line}`.trimEnd())].join("\n");
}

function detail(action: Action): readonly string[] {
  switch (action.kind) {
    case "run":
      return [`$ ${action.argv.map(shellWord).join(" ")}`];
    case "file":
      return [ownership(action), ...action.text.trimEnd().split("\n")];
    case "secret":
    case "folder":
      return [ownership(action)];
    case "hand-over":
      return [
        `$ systemctl kill --kill-whom=main --signal=SIGUSR2 ${action.service}`,
        "and SIGKILL if it is still there a minute later",
      ];
    default:
      return [];
  }
}

function ownership({ mode, owner }: { readonly mode: number; readonly owner: string }): string {
  return `mode ${mode.toString(8).padStart(4, "0")}, owner ${owner === "root" ? "root" : "the appliance's user"}`;
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
