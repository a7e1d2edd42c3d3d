/** The id of the title that an encode makes: its name made path safe, and a mark of film and wish, so that none is used twice. */
export function titleIdFor(name: string, mark: string): string {
  const slug = name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 40);
  return `${slug === "" ? "film" : slug}-${mark.slice(0, 8)}`;
}
