// Every address of the control plane that the pages ask, in one place.

export const endpoints = {
  me: "/v1/me",
  signIn: "/v1/sign-in",
  signOut: "/v1/sign-out",
  home: "/v1/home",
  opsAppliances: "/v1/ops/appliances",
  opsPlacement: "/v1/ops/placement",
  opsTitles: "/v1/ops/titles",
  opsRoutes: "/v1/ops/routes",
  opsSessions: "/v1/ops/sessions",
} as const;

export function titlePath(titleId: string): string {
  return `/v1/titles/${encodeURIComponent(titleId)}`;
}

export function encodePath(titleId: string): string {
  return `/v1/ops/titles/${encodeURIComponent(titleId)}/encode`;
}

export function drainPath(applianceId: string, wish: "drain" | "undrain"): string {
  return `/v1/ops/appliances/${encodeURIComponent(applianceId)}/${wish}`;
}
