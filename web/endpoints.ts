// Every address of the control plane that the pages ask, in one place.

export const endpoints = {
  me: "/v1/me",
  signIn: "/v1/sign-in",
  signOut: "/v1/sign-out",
  signInMethods: "/v1/sign-in/methods",
  home: "/v1/home",
  opsAppliances: "/v1/ops/appliances",
  opsPlacement: "/v1/ops/placement",
  opsPlacementChurn: "/v1/ops/placement/churn",
  opsTitles: "/v1/ops/titles",
  opsLints: "/v1/ops/lints",
  opsRoutes: "/v1/ops/routes",
  opsSessions: "/v1/ops/sessions",
} as const;

export function titlePath(titleId: string): string {
  return `/v1/titles/${encodeURIComponent(titleId)}`;
}

export function encodePath(titleId: string): string {
  return `/v1/ops/titles/${encodeURIComponent(titleId)}/encode`;
}

export function explainFilePath(fileId: string): string {
  return `/v1/ops/placement/explain?${new URLSearchParams({ file: fileId })}`;
}

/** An empty title asks about none. */
export function explainPath(question: {
  readonly client: string;
  readonly title: string;
  readonly session: string;
}): string {
  const { title, ...rest } = question;
  return `/v1/ops/steer/explain?${new URLSearchParams(title === "" ? rest : { ...rest, title })}`;
}

export function drainPath(applianceId: string, wish: "drain" | "undrain"): string {
  return `/v1/ops/appliances/${encodeURIComponent(applianceId)}/${wish}`;
}
