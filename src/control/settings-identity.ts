// Sign-in by an OpenID provider, tokens of programs, and the audit log.
import type { SettingsTable } from "#config/setting.ts";

export const identitySettings = {
  oidcIssuer: {
    kind: "text",
    name: "MILLRACE_OIDC_ISSUER",
    default: "",
    secret: false,
    sentence:
      "Issuer of the OpenID provider that people may sign in with (https, or http on this machine); empty: none.",
  },
  oidcName: {
    kind: "text",
    name: "MILLRACE_OIDC_NAME",
    default: "your organisation",
    secret: false,
    sentence: "What the sign-in page calls the OpenID provider.",
  },
  oidcClientId: {
    kind: "text",
    name: "MILLRACE_OIDC_CLIENT_ID",
    default: "",
    secret: false,
    sentence: "The name under which the OpenID provider knows this installation.",
  },
  oidcClientSecret: {
    kind: "text",
    name: "MILLRACE_OIDC_CLIENT_SECRET",
    default: "",
    secret: true,
    sentence:
      "The client's secret at the OpenID provider; empty for a public client, or when it is in a file.",
  },
  oidcClientSecretFile: {
    kind: "text",
    name: "MILLRACE_OIDC_CLIENT_SECRET_FILE",
    default: "",
    secret: false,
    sentence: "A file that holds the client's secret and nothing else.",
  },
  oidcScopes: {
    kind: "text",
    name: "MILLRACE_OIDC_SCOPES",
    default: "openid email profile",
    secret: false,
    sentence: "What the OpenID provider is asked for; openid is always among it.",
  },
  oidcPublicUrl: {
    kind: "text",
    name: "MILLRACE_OIDC_PUBLIC_URL",
    default: "",
    secret: false,
    sentence:
      "Where browsers reach this control plane; the provider must allow /v1/sign-in/oidc/callback below it as a redirect address.",
  },
  oidcSignUp: {
    kind: "choice",
    name: "MILLRACE_OIDC_SIGN_UP",
    choices: ["no", "yes"],
    default: "no",
    sentence: "Whether somebody without an account gets one at the first sign-in with a verified email.",
  },
  oidcLinkByEmail: {
    kind: "choice",
    name: "MILLRACE_OIDC_LINK_BY_EMAIL",
    choices: ["never", "verified"],
    default: "never",
    sentence:
      "Whether a verified email opens the viewer's account that has it; safe only where accounts of this installation own their emails, and the provider verifies its own.",
  },
  oidcRoleClaim: {
    kind: "text",
    name: "MILLRACE_OIDC_ROLE_CLAIM",
    default: "groups",
    secret: false,
    sentence: "The claim that lists someone's groups; dots lead into it (realm_access.roles).",
  },
  oidcRoles: {
    kind: "text",
    name: "MILLRACE_OIDC_ROLES",
    default: "",
    secret: false,
    sentence:
      "Roles of groups, staff=operator,root=admin: set at each sign-in by the provider, viewer for everyone else; empty leaves roles alone.",
  },
  oidcSkewSeconds: {
    kind: "number",
    name: "MILLRACE_OIDC_SKEW_SECONDS",
    unit: "s",
    min: 0,
    max: 300,
    default: 30,
    sentence: "How far the OpenID provider's clock may be off.",
  },
  oidcDeadlineSeconds: {
    kind: "number",
    name: "MILLRACE_OIDC_DEADLINE_SECONDS",
    unit: "s",
    min: 0.1,
    max: 10,
    default: 5,
    sentence: "How long each answer of the OpenID provider may take; a sign-in asks up to four times.",
  },
  tokensMost: {
    kind: "number",
    name: "MILLRACE_TOKENS_MOST",
    unit: "tokens",
    min: 1,
    max: 100_000,
    default: 10_000,
    sentence: "How many tokens of workers and appliances there may be.",
  },
  tokenMemorySeconds: {
    kind: "number",
    name: "MILLRACE_TOKEN_MEMORY_SECONDS",
    unit: "s",
    min: 0,
    max: 3600,
    default: 30,
    sentence:
      "How long a token that opened is not looked up again; one revoked through this control plane stops at once.",
  },
  auditDays: {
    kind: "number",
    name: "MILLRACE_AUDIT_DAYS",
    unit: "days",
    min: 1,
    max: 3650,
    default: 400,
    sentence: "How long rows of the audit log are kept.",
  },
  auditAnchorMinutes: {
    kind: "number",
    name: "MILLRACE_AUDIT_ANCHOR_MINUTES",
    unit: "min",
    min: 0.01,
    max: 1440,
    default: 60,
    sentence: "How often the audit log's last hash goes into the log, when it has changed.",
  },
  auditAnchorFile: {
    kind: "text",
    name: "MILLRACE_AUDIT_ANCHOR_FILE",
    default: "",
    secret: false,
    sentence:
      "A file that these hashes are appended to as well, best on another machine's disk: only they show that the whole audit log was made anew.",
  },
} as const satisfies SettingsTable;
