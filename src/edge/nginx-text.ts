// What all parts of the generated configuration share: how text is indented, and which words may stand in it.
import { assert } from "#units/assert.ts";

/** Paths that nginx serves: every part begins with a letter, digit or underscore, so no "..", no hidden file. */
export const pathPart = "[A-Za-z0-9_][A-Za-z0-9._-]*";

/** Largest URL path of a file inside its title's folder. */
export const longestPath = 512;

/** Whether a folder's name can stand between quotes in the configuration. */
export function isQuotable(folder: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return folder !== "" && !/["'$\\\u0000-\u001f\u007f]/.test(folder);
}

/** Debian's rule for a user that nobody has to quote. Source: adduser(8), NAME_REGEX. */
export function isUserName(name: string): boolean {
  return /^[a-z][a-z0-9_-]{0,30}$/.test(name);
}

/**
 * A row's key in a map. With a backslash before it, nginx takes `default`, `include`, `hostnames` and `volatile` for what
 * they are here: text. It is written twice, as "\t", "\r" and "\n" are signs of their own. Source:
 * ngx_http_map_module.c, ngx_conf_file.c.
 */
export function mapKey(text: string): string {
  assert(/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text), "a map's key is plain text");
  return `"\\\\${text}"`;
}

export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}

/** `name { … }`. */
export function block(name: string, lines: readonly string[]): string[] {
  return [`${name} {`, ...indent(lines), "}"];
}
