// Addresses as they are shown: what stands behind the question mark may open doors (a signature, a token).

export function shownUrl(href: string): string {
  const [bare = "", query] = href.split("?", 2);
  return query === undefined ? bare : `${bare}?…`;
}
