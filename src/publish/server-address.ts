// Which control plane a film is sent to.

export type ServerReading =
  | { readonly kind: "server"; readonly origin: string }
  | { readonly kind: "refused"; readonly because: "no-address" | "unsafe" };

/** A password goes over TLS, or stays on this machine. */
export function readServer(text: string): ServerReading {
  if (!URL.canParse(text)) return { kind: "refused", because: "no-address" };
  const { protocol, origin, pathname, search, hash, username, hostname } = new URL(text);
  const isBare = pathname === "/" && `${search}${hash}${username}` === "";
  const isWeb = protocol === "https:" || protocol === "http:";
  if (!isBare || !isWeb) return { kind: "refused", because: "no-address" };
  const isHere = hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  if (protocol === "http:" && !isHere) return { kind: "refused", because: "unsafe" };
  return { kind: "server", origin };
}
