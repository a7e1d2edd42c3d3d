// Names that senders give their files. They are shown to people, and never name anything on our disk.

const mostCharacters = 120;
/** Controls, marks that turn the direction of writing, joiners and private use: what makes a name look like another. */
const harmful = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** The last part of a path, without what could harm whoever reads it. "film" when nothing is left. */
export function shownName(given: string): string {
  const last = given.slice(-4096).split(/[/\\]/).at(-1) ?? "";
  const plain = last.normalize("NFC").replaceAll(harmful, "").replaceAll(/\s+/g, " ").trim();
  const name = Array.from(plain).slice(0, mostCharacters).join("").trim();
  return /^\.*$/.test(name) ? "film" : name;
}

/** "Big Film.final.mov" is shown as the title "Big Film.final". */
export function titleNameOf(fileName: string): string {
  return fileName.replace(/(?<=.)\.[A-Za-z0-9]{1,5}$/, "");
}
