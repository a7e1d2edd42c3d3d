// What the control plane refuses or cannot do, in the words that the answer carries.
import type { FaultTable } from "#units/fault.ts";

export const controlFaults = {
  badRequest: { code: "bad-request", status: 400, sentence: "{where}: {what}." },
  experimentTooBig: {
    code: "experiment-too-big",
    status: 400,
    sentence: "{what}: at most {most} was wanted ({setting}), found {asked}.",
  },
  drillTooLong: {
    code: "drill-too-long",
    status: 400,
    sentence: "A drill of {asked} ms was wanted; at most {most} ms are allowed (MILLRACE_DRILL_SECONDS).",
  },
  drillRefused: {
    code: "drill-refused",
    status: 409,
    sentence: "No drill was started on {applianceId}: {because}.",
  },
  unknownDrill: {
    code: "unknown-drill",
    status: 404,
    sentence: "There is no drill {drillId} here.",
  },
  unknownViewpoint: {
    code: "unknown-viewpoint",
    status: 400,
    sentence: "This installation knows no viewpoint {viewpoint}; its sites file names them.",
  },
  signedOut: { code: "signed-out", status: 401, sentence: "Sign in first." },
  wrongPassword: {
    code: "wrong-password",
    status: 401,
    sentence: "There is no account with this email and this password.",
  },
  wrongToken: {
    code: "wrong-token",
    status: 401,
    sentence:
      "An appliance must send the appliance token of this installation (it stands in secrets.json of the control plane), or one that an admin made for this appliance, as a bearer token.",
  },
  notOperator: { code: "not-operator", status: 403, sentence: "Only an operator may see or do this." },
  noBackupFolder: {
    code: "no-backup-folder",
    status: 404,
    sentence: "This control plane was given no folder for backups.",
  },
  notAdmin: { code: "not-admin", status: 403, sentence: "Only an admin may see or do this." },
  wrongWorkerToken: {
    code: "wrong-worker-token",
    status: 401,
    sentence:
      "A worker must send a token that an admin made for it, and that was not revoked, as a bearer token.",
  },
  oidcRefused: {
    code: "oidc-refused",
    status: 401,
    sentence: "The sign-in was not taken: {because}. Begin it again.",
  },
  oidcNoAccount: {
    code: "oidc-no-account",
    status: 403,
    sentence: "{name} knows you, and this installation does not let you in: {because}.",
  },
  oidcOff: {
    code: "oidc-off",
    status: 404,
    sentence: "This installation has no OpenID provider; MILLRACE_OIDC_ISSUER names one.",
  },
  unknownToken: { code: "unknown-token", status: 404, sentence: "There is no token {tokenId} here." },
  tooManyTokens: {
    code: "too-many-tokens",
    status: 409,
    sentence: "There are {most} tokens already (MILLRACE_TOKENS_MOST); revoke those that nobody uses.",
  },
  oidcAway: {
    code: "oidc-away",
    status: 503,
    sentence: "{name} does not answer; sign in with a password, or try again in a moment.",
  },
  auditAway: {
    code: "audit-away",
    status: 503,
    sentence: "Nothing was done: the audit log cannot be written at present.",
  },
  oidcSettingsRefused: {
    code: "oidc-settings-refused",
    status: 500,
    sentence: "Sign-in by an OpenID provider cannot be set up: {complaints}.",
  },
  foreignSession: {
    code: "foreign-session",
    status: 403,
    sentence: "The session token does not belong to this session, or was altered.",
  },
  sessionOver: {
    code: "session-over",
    status: 403,
    sentence: "The session ended at its time limit; ask for a new play.",
  },
  notSubscribed: {
    code: "not-subscribed",
    status: 402,
    sentence: "This account has no plan that plays films. Choose one, then play.",
  },
  accountSuspended: {
    code: "account-suspended",
    status: 403,
    sentence: "This account is suspended until its bill is paid.",
  },
  screensFull: {
    code: "screens-full",
    status: 409,
    sentence: "All {screens} screens of this account are in use. Stop one of them, then play here.",
  },
  screenLost: {
    code: "screen-lost",
    status: 409,
    sentence: "This session's screen was given away, or its time ran out. Ask for a new play.",
  },
  screensPaused: {
    code: "screens-paused",
    status: 503,
    sentence: "The database was just replaced: films start again in {seconds} s; those that play go on.",
  },
  unknownScreen: {
    code: "unknown-screen",
    status: 404,
    sentence: "This account holds no screen with session {sessionId}.",
  },
  storesSlow: {
    code: "stores-slow",
    status: 503,
    sentence: "The stores did not answer within {budgetMs} ms. Try again.",
  },
  callerGone: {
    code: "caller-gone",
    status: 499,
    sentence: "Whoever asked closed the connection before the answer.",
  },
  otherPlayersOff: {
    code: "other-players-off",
    status: 403,
    sentence: "This installation, or this account's plan, plays in Millrace's own player only.",
  },
  otherPlayersFull: {
    code: "other-players-full",
    status: 503,
    sentence: "{most} sessions of players that are not ours are looked after already. Try again later.",
  },
  screenSettingsRefused: {
    code: "screen-settings-refused",
    status: 500,
    sentence: "The settings of screens do not go together: {because}.",
  },
  denied: { code: "denied", status: 403, sentence: "An operator denied the {kind} {id}." },
  denyListFull: {
    code: "deny-list-full",
    status: 409,
    sentence:
      "{most} sessions and titles are denied already, and nginx is given no more. Allow one again, or wait until one ends.",
  },
  steeringOver: {
    code: "steering-over",
    status: 410,
    sentence: "This session is not steered any more: it ended, or its title did. Ask for a new play.",
  },
  manifestUnfit: {
    code: "manifest-unfit",
    status: 501,
    sentence: "{path} of title {titleId} cannot be steered: {because}. Its packaged manifest plays without.",
  },
  manifestUnreachable: {
    code: "manifest-unreachable",
    status: 503,
    sentence: "{path} of title {titleId} could not be fetched: {because}.",
  },
  crossSite: {
    code: "cross-site",
    status: 403,
    sentence: "Requests that change something are taken from this installation's own pages only.",
  },
  noRoute: {
    code: "no-route",
    status: 404,
    sentence: "There is no {method} {path}; /docs lists what there is.",
  },
  noAddress: { code: "no-address", status: 400, sentence: "Wanted the viewer's address: {because}." },
  unknownSession: {
    code: "unknown-session",
    status: 404,
    sentence: "No session {sessionId} is known here.",
  },
  unknownTitle: { code: "unknown-title", status: 404, sentence: "There is no title {titleId} here." },
  unknownWork: { code: "unknown-work", status: 404, sentence: "The catalogue has no work {workId}." },
  unknownPicture: { code: "unknown-picture", status: 404, sentence: "There is no picture {sha256}." },
  pictureRefused: {
    code: "picture-refused",
    status: 400,
    sentence: "The picture was not taken: {because}.",
  },
  subtitlesRefused: {
    code: "subtitles-refused",
    status: 400,
    sentence: "The subtitles were not taken: {because}.",
  },
  unknownTrack: {
    code: "unknown-track",
    status: 404,
    sentence: "Title {titleId} has no subtitle track {track}.",
  },
  titleChanged: {
    code: "title-changed",
    status: 409,
    sentence: "Title {titleId} was published anew meanwhile. Look at it, and do it again.",
  },
  noOriginStore: {
    code: "no-origin-store",
    status: 404,
    sentence: "This control plane was given no origin store: published titles lie elsewhere.",
  },
  titleAway: {
    code: "title-away",
    status: 409,
    sentence:
      "{path} of title {titleId} does not lie in this machine's origin store as it was published. Nothing was changed.",
  },
  copyAway: {
    code: "copy-away",
    status: 503,
    sentence:
      "The second copy of title {titleId} cannot be kept now, so that nothing was changed. Try again.",
  },
  searchTooShort: {
    code: "search-too-short",
    status: 400,
    sentence: "Two letters are searched for at least (one, where a letter is a word).",
  },
  catalogVersionUnknown: {
    code: "catalog-version-unknown",
    status: 409,
    sentence: "Version {version} of the catalogue is not kept; the newest is {newest}.",
  },
  catalogChanged: {
    code: "catalog-changed",
    status: 409,
    sentence: "Someone else changed the same works meanwhile ({works}). Look at them, and do it again.",
  },
  territoryUnknown: {
    code: "territory-unknown",
    status: 500,
    sentence: "MILLRACE_TERRITORY: wanted a country in two letters (ISO 3166-1), such as DE, found {found}.",
  },
  indexSlow: {
    code: "index-slow",
    status: 503,
    sentence: "The search index did not answer within {ms} ms.",
  },
  unknownAppliance: {
    code: "unknown-appliance",
    status: 404,
    sentence: "The sites file of this installation names no appliance {applianceId}.",
  },
  noReport: {
    code: "no-report",
    status: 404,
    sentence: "Title {titleId} carries no encode report that can be read.",
  },
  noPlan: { code: "no-plan", status: 404, sentence: "Nothing is placed yet: no title was published." },
  unknownFile: {
    code: "unknown-file",
    status: 404,
    sentence: "The plan in force has no file {fileId}; a file's name is title/rendition.",
  },
  unknownExperiment: {
    code: "unknown-experiment",
    status: 404,
    sentence: "There is no experiment {experimentId} here.",
  },
  routesRefused: {
    code: "routes-refused",
    status: 400,
    sentence: "The routes of {applianceId} were not taken: {because}.",
  },
  keptRoutesUnreadable: {
    code: "kept-routes-unreadable",
    status: 500,
    sentence:
      "The routes that {applianceId} told before, in {path}, cannot be used: {because}. They are left out until it tells them anew.",
  },
  experimentRefused: {
    code: "experiment-refused",
    status: 409,
    sentence: "Experiment {experimentId} was not started: {because}.",
  },
  twoAgents: {
    code: "two-agents",
    status: 409,
    sentence:
      "Another agent has reported as {applianceId} since, from {baseUrl}. Stop one of the two, or give it an id of its own.",
  },
  keysNotGranted: {
    code: "keys-not-granted",
    status: 403,
    sentence: "None of these keys is one of {titleId} that this account's plan covers.",
  },
  clearKeyOff: {
    code: "clearkey-off",
    status: 403,
    sentence: "This installation issues no ClearKey licences.",
  },
  kidTaken: {
    code: "kid-taken",
    status: 409,
    sentence:
      "{titleId} has another key, or another label, under the kid {kid}. It stays; make the new key with a kid of its own.",
  },
  keysMissing: {
    code: "keys-missing",
    status: 409,
    sentence:
      "{titleId} is not published: its rendition {rendition} is encrypted with {kid}, and no such key is kept here. Import the keys first.",
  },
  keysUnfit: { code: "keys-unfit", status: 400, sentence: "These keys are not taken: {because}." },
  bodyTooLarge: { code: "body-too-large", status: 413, sentence: "The body is larger than this path takes." },
  notJson: {
    code: "not-json",
    status: 415,
    sentence: "This path takes a body of type application/json only.",
  },
  accountLocked: {
    code: "account-locked",
    status: 429,
    sentence: "Too many failed sign-ins for this account; try again in {seconds} s.",
  },
  logCrowded: {
    code: "log-crowded",
    status: 429,
    sentence:
      "The event log has hardly any room; keep the events and send them again in {seconds} s, half as often as before.",
  },
  tooMany: {
    code: "too-many-requests",
    status: 429,
    sentence: "Too many requests; try again in {seconds} s.",
  },
  busy: {
    code: "busy",
    status: 503,
    sentence: "Too many sign-ins wait for their password check; try again in a moment.",
  },
  internal: {
    code: "internal",
    status: 500,
    sentence: "The control plane failed; its log says why under request {requestId}.",
  },
  secretsUnreadable: {
    code: "secrets-unreadable",
    status: 500,
    sentence:
      "{path} is not a secrets file ({reason}). Restore it from a backup, or move it away: then new keys are made and everyone is signed out.",
  },
  accountRefused: { code: "account-refused", status: 500, sentence: "No account {email}: {because}." },
  topologyRefused: {
    code: "topology-refused",
    status: 500,
    sentence: "{path} cannot be used: {complaints}.",
  },
} as const satisfies FaultTable;
