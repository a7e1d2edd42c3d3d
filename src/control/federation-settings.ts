// Settings of the OpenID provider, read as one thing, with every complaint.
import { type FederationRules, isLoopback, readIssuer, readRoles } from "#account/federation.ts";
import type { Values } from "#config/setting.ts";
import type { identitySettings } from "./settings-identity.ts";

export interface Federation {
  readonly issuer: URL;
  readonly name: string;
  readonly clientId: string;
  readonly scope: string;
  /** Ours: the provider sends the browser back to it. */
  readonly callback: URL;
  readonly rules: FederationRules;
  readonly roleClaim: string;
}

export type FederationReading =
  | { readonly kind: "off" }
  | { readonly kind: "on"; readonly federation: Federation }
  | { readonly kind: "refused"; readonly complaints: readonly string[] };

export const callbackPath = "/v1/sign-in/oidc/callback";

export function readFederation(settings: Values<typeof identitySettings>): FederationReading {
  if (settings.oidcIssuer === "") return { kind: "off" };
  const issuer = readIssuer(settings.oidcIssuer);
  const here = URL.parse(settings.oidcPublicUrl);
  const roles = readRoles(settings.oidcRoles);
  const complaints = [
    issuer === undefined && "MILLRACE_OIDC_ISSUER: wanted https://…, or http:// on this machine",
    settings.oidcClientId === "" && "MILLRACE_OIDC_CLIENT_ID: wanted a name, found none",
    (here === null || !isOrigin(here)) &&
      "MILLRACE_OIDC_PUBLIC_URL: wanted https://HOST with nothing behind it",
    roles === undefined && "MILLRACE_OIDC_ROLES: wanted GROUP=viewer|operator|admin, with commas between",
    settings.oidcClientSecret !== "" &&
      settings.oidcClientSecretFile !== "" &&
      "MILLRACE_OIDC_CLIENT_SECRET and MILLRACE_OIDC_CLIENT_SECRET_FILE: wanted one of them, found both",
  ].filter((complaint) => complaint !== false);
  if (issuer === undefined || here === null || roles === undefined || complaints.length > 0) {
    return { kind: "refused", complaints };
  }
  const rules = {
    linkByEmail: settings.oidcLinkByEmail === "verified",
    signUp: settings.oidcSignUp === "yes",
    roles,
  };
  const scope = [...new Set(["openid", ...settings.oidcScopes.split(/\s+/).filter((word) => word !== "")])];
  const federation: Federation = {
    ...{ issuer, rules, name: settings.oidcName, clientId: settings.oidcClientId, scope: scope.join(" ") },
    ...{ callback: new URL(callbackPath, here), roleClaim: settings.oidcRoleClaim },
  };
  return { kind: "on", federation };
}

/** Plain http is for this machine. */
function isOrigin(url: URL): boolean {
  const bare = url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "";
  return bare && (url.protocol === "https:" || isLoopback(url));
}
