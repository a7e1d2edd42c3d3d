// Which refusals an operation may answer with, by the tables of faults. What follows from its declaration is not listed by name.

import { licenceFaults as licences } from "#licence/faults.ts";
import { publishFaults as films } from "#publish/faults.ts";
import { jobFaults as jobs } from "#publish/job-faults.ts";
import { seriesFaults as series } from "#series/faults.ts";
import type { FaultRow } from "#units/fault.ts";
import { billingFaults as money } from "./billing-faults.ts";
import { controlFaults as control } from "./faults.ts";
import { accountFaults as account } from "./faults-account.ts";

export interface OperationFacts {
  readonly audience: string;
  readonly changes: boolean;
  readonly rateLimited: boolean;
  /** It has a body, parameters or a query: what it is given may not fit. */
  readonly takes: boolean;
}

/** What follows from who may ask, how often, and with what. */
function declaredRefusals({ audience, changes, rateLimited, takes }: OperationFacts): readonly FaultRow[] {
  const person = audience === "viewer" || audience === "operator" || audience === "admin";
  return [
    ...(takes ? [control.badRequest] : []),
    ...(person ? [control.signedOut] : []),
    ...(audience === "appliance" ? [control.wrongToken] : []),
    ...(audience === "worker" ? [control.wrongWorkerToken] : []),
    ...(audience === "operator" ? [control.notOperator] : []),
    ...(audience === "admin" ? [control.notAdmin] : []),
    ...(person && changes ? [control.crossSite] : []),
    ...(changes ? [control.notJson, control.bodyTooLarge] : []),
    ...(rateLimited ? [control.tooMany] : []),
    ...((audience === "operator" || audience === "admin") && changes ? [control.auditAway] : []),
    control.busy,
    control.internal,
  ];
}

const once = [money.billingOff, money.keyMissing, money.keyReused, money.keyInFlight];
const session = [control.foreignSession, control.sessionOver];
const proof = [account.notProved, account.passwordRefused];
const pins = [account.pinWanted, account.pinWrong, account.pinLocked];
const steering = [...session, control.denied, control.unknownTitle];
const manifest = [...steering, control.manifestUnfit, control.manifestUnreachable];
const mail = [account.mailsWait];
const licence = [
  ...[control.foreignSession, control.sessionOver, control.denied, control.unknownTitle, control.screenLost],
  ...[control.keysNotGranted, control.storesSlow, control.tooMany],
];
const madeKeys = [
  ...[licences.providerOff, licences.providerFailed, licences.providerSlow],
  ...[licences.keysUnfit, licences.noEncryptionKey],
];
const subtitles = [
  ...[control.unknownTitle, control.unknownTrack, control.titleChanged, control.copyAway],
  ...[control.noOriginStore, control.titleAway],
];
const mayPlay = [control.notSubscribed, control.accountSuspended, control.unknownTitle, control.denied];

/** By operation, every one of them: one that is missing here fails a test. */
const ownRefusals: Readonly<Record<string, readonly FaultRow[]>> = {
  postSignIn: [control.wrongPassword, control.accountLocked, account.accountClosed],
  postRefresh: [control.signedOut],
  postSignOut: [],
  getMe: [],
  deleteMe: proof,
  postSignUp: [account.signUpClosed, account.notInvited, account.passwordRefused, ...mail],
  postSignUpConfirm: [account.linkOver, account.emailTaken],
  postPasswordReset: mail,
  postPasswordResetConfirm: [account.linkOver, account.passwordRefused],
  postEmailConfirm: [account.linkOver, account.emailTaken],
  postMePassword: proof,
  postMeEmail: [...proof, ...mail],
  getDevices: [],
  deleteDevicesById: [account.unknownDevice],
  postDevicesSignOut: [],
  getProfiles: [],
  postProfiles: [account.profileRefused, account.profilesFull, ...pins],
  patchProfilesById: [account.unknownProfile, account.profileRefused, ...pins],
  deleteProfilesById: [account.unknownProfile, account.profileRefused, ...pins],
  postProfilesByIdUse: [account.unknownProfile, account.profileRefused, ...pins],
  getAdminAccounts: [],
  postAdminAccountsByIdRole: [account.unknownAccount, account.lastAdmin],
  postAdminAccountsByIdLock: [account.unknownAccount, account.lastAdmin],
  postAdminAccountsByIdUnlock: [account.unknownAccount],
  getAdminInvitations: [],
  postAdminInvitations: mail,
  deleteAdminInvitationsById: [account.unknownInvitation],
  getSignInMethods: [],
  getSignInOidc: [control.oidcOff, control.oidcAway],
  getSignInOidcCallback: [
    ...[control.oidcOff, control.oidcAway, control.oidcRefused, control.oidcNoAccount],
    account.accountClosed,
  ],
  postOpsTokens: [control.tooManyTokens, control.unknownAppliance],
  getOpsTokens: [],
  postOpsTokensByIdRevoke: [control.unknownToken],
  getOpsAudit: [],
  getPlans: [money.billingOff],
  postPaymentMethod: [...once, money.methodRefused, money.providerAway],
  getSubscription: [money.billingOff],
  postSubscription: [...once, money.noSuchPlan, money.changeRefused, money.providerAway],
  postSubscriptionChange: [...once, money.noSuchPlan, money.changeRefused],
  postSubscriptionCancel: [...once, money.changeRefused],
  postSubscriptionResume: [...once, money.changeRefused],
  getInvoices: [money.billingOff],
  getInvoicesById: [money.billingOff, money.noSuchInvoice],
  getInvoicesByIdReceipt: [money.billingOff, money.noSuchInvoice],
  getAdminPlans: [money.billingOff],
  postAdminPlans: [...once, money.noSuchCurrency],
  postAdminPlansByIdWithdraw: [...once, money.noSuchPlan],
  postAdminPlansByIdTell: [...once, money.noSuchPlan],
  getAdminAccountsByIdInvoices: [money.billingOff],
  postAdminRefunds: [...once, money.noSuchAccount, money.noSuchInvoice, money.tooMuch, money.changeRefused],
  postAdminCredits: [...once, money.noSuchAccount, money.changeRefused],
  getAdminLedgerCsv: [money.billingOff],
  getAdminTrialBalance: [money.billingOff],
  postPaymentsWebhookByProvider: [money.billingOff, money.noSuchProvider, money.webhookForged],
  getPaymentsOfflineConfirmByRef: [money.billingOff, money.noSuchProvider],
  postPaymentsOfflineConfirmByRefByChoice: [
    ...[money.billingOff, money.noSuchProvider, money.noSuchConfirmation],
  ],
  getHome: [],
  getTitlesById: [control.unknownTitle],
  getResumeByTitleId: [],
  getSteering: [control.unknownTitle, control.unknownViewpoint],
  postPlay: [
    ...[...mayPlay, ...session, control.unknownViewpoint, control.screensFull, control.screenLost],
    ...[control.screensPaused, control.storesSlow],
    ...[control.otherPlayersOff, control.otherPlayersFull],
  ],
  postPrefetch: [...mayPlay, control.unknownViewpoint, control.storesSlow],
  getScreens: [control.storesSlow],
  deleteScreensBySessionId: [control.unknownScreen, control.storesSlow],
  getCatalog: [control.catalogVersionUnknown],
  getSearch: [control.searchTooShort, control.indexSlow],
  getArtworkBySha256: [control.unknownPicture],
  getOpsCatalogExport: [],
  getOpsCatalogVersions: [],
  getOpsDeadLetters: [],
  postOpsCatalogRollback: [control.catalogVersionUnknown],
  postOpsCatalogImport: [control.catalogChanged],
  putOpsCatalogWorksByIdPicturesByKind: [control.unknownWork, control.pictureRefused, control.catalogChanged],
  getSteerBySessionManifestM3u8: [
    ...manifest,
    control.otherPlayersOff,
    control.otherPlayersFull,
    control.screenLost,
  ],
  getSteerBySessionManifestMpd: [
    ...manifest,
    control.otherPlayersOff,
    control.otherPlayersFull,
    control.screenLost,
  ],
  getSteerBySessionHls: [...steering, control.steeringOver],
  getSteerBySessionDash: [...steering, control.steeringOver],
  getOpsAppliances: [],
  getOpsAppliancesById: [control.unknownAppliance],
  getOpsAppliancesByIdWithout: [control.unknownAppliance],
  getOpsChanges: [],
  getOpsMap: [],
  getOpsTitles: [],
  getOpsCatalogTitles: [],
  getOpsCatalogTitlesById: [control.unknownTitle],
  getOpsMoney: [],
  getOpsSettings: [],
  getOpsTitlesByIdEncode: [control.unknownTitle, control.noReport],
  getOpsSessions: [],
  getOpsSessionsByIdTimeline: [control.unknownSession],
  getOpsTitlesByIdStoryboard: [control.unknownTitle],
  postOpsAppliancesByIdDrain: [control.unknownAppliance],
  postOpsAppliancesByIdUndrain: [control.unknownAppliance],
  getOpsPlacement: [control.noPlan],
  getOpsPlacementChurn: [],
  getOpsPlacementExplain: [control.noPlan, control.unknownFile],
  getOpsLints: [],
  getOpsSeries: [series.unread, series.span, series.tooMuch],
  getOpsSeriesTags: [series.unread],
  getOpsMisses: [],
  getOpsQoe: [],
  getOpsQoeBreakdown: [],
  getOpsQoeDefinitions: [],
  getOpsSteerExplain: [control.noAddress, control.unknownTitle],
  postOpsSessionsByIdDeny: [control.denyListFull],
  postOpsSessionsByIdAllow: [],
  postOpsTitlesByIdDeny: [control.unknownTitle, control.denyListFull],
  postOpsTitlesByIdAllow: [control.unknownTitle],
  postAppliancesByIdRoutes: [control.unknownAppliance, control.routesRefused],
  getOpsRoutes: [],
  postOpsAppliancesByIdDrillsByKind: [control.unknownAppliance, control.drillTooLong, control.drillRefused],
  getOpsDrills: [],
  getOpsDrillsById: [control.unknownDrill],
  postOpsDrillsByIdAbort: [control.unknownDrill],
  getOpsExperiments: [],
  postOpsExperiments: [control.experimentTooBig, control.unknownAppliance],
  getOpsExperimentsById: [control.unknownExperiment],
  getOpsExperimentsByIdReport: [control.unknownExperiment],
  postOpsExperimentsByIdStart: [control.unknownExperiment, control.experimentRefused],
  postOpsExperimentsByIdAbort: [control.unknownExperiment, control.experimentRefused],
  postAppliancesByIdReport: [control.unknownAppliance, control.twoAgents],
  postLicenceClearkey: [...licence, control.clearKeyOff],
  postLicenceBySystem: [...licence, licences.providerOff, licences.providerFailed, licences.providerSlow],
  getOpsKeys: [],
  postOpsKeysRewrap: [licences.noEncryptionKey],
  getOpsTitlesByIdSubtitles: [control.unknownTitle, control.noOriginStore, control.titleAway],
  postOpsTitlesByIdSubtitles: [...subtitles, control.subtitlesRefused],
  deleteOpsTitlesByIdSubtitlesByTrack: subtitles,
  getOpsTitlesByIdKeys: [],
  postOpsTitlesByIdKeys: [control.kidTaken, control.keysUnfit, control.keysMissing],
  getHealthz: [],
  getReadyz: [],
  getMetrics: [],
  postOpsBackup: [control.noBackupFolder],
  postPlayByIdBeat: [
    ...session,
    control.denied,
    control.unknownTitle,
    control.screenLost,
    control.storesSlow,
  ],
  postPlayByIdRelease: [...session, control.storesSlow],
  postTelemetry: [...session, control.logCrowded],
  postCmcd: [...session, control.logCrowded],
};

const arrival = [films.off, films.unknownArrival];
const tus = [films.version, films.words, films.checking, films.gone];
const room = [films.tooLarge, films.tooManyOpen, films.openFull, films.accountFull, films.diskFull];
const run = [jobs.off, jobs.unknownRun, jobs.over];

/** Of films on their way in, and of encode jobs. */
const filmRefusals: Readonly<Record<string, readonly FaultRow[]>> = {
  optionsUploads: [films.off, ...tus],
  postUploads: [films.off, ...tus, ...room, films.empty, films.lengthUnknown],
  headUploadsById: [...arrival, ...tus],
  patchUploadsById: [...arrival, ...tus, ...room, films.over, films.busy],
  deleteUploadsById: [...arrival, films.checking],
  getUploads: [films.off],
  getUploadsById: arrival,
  postImports: [films.off, films.importRefused, films.words, ...room],
  getImports: [films.off],
  getImportsById: arrival,
  deleteImportsById: [...arrival, films.checking],
  getMasters: [],
  getMastersById: [films.unknownMaster],
  deleteMastersById: [films.off, films.unknownMaster, films.masterOrdered],
  postMastersByIdPublish: [films.off, films.unknownMaster, ...madeKeys],
  postJobsTake: [jobs.off],
  postJobsByIdBeat: [jobs.off, jobs.leaseLost],
  postJobsByIdDone: [jobs.off, jobs.leaseLost, jobs.manifestUnfit],
  postJobsByIdFailed: [jobs.off, jobs.leaseLost],
  postJobsByIdKeys: [
    ...[jobs.off, jobs.unknownJob, jobs.keysNone, jobs.keysGone],
    ...[licences.encryptionKeyMissing, licences.keyDamaged],
  ],
  getMastersByIdContent: [jobs.off, jobs.unknownJob, jobs.unknownMaster],
  getResultsByKey: [jobs.off, jobs.unknownJob, jobs.unknownResult],
  putResultsByKey: [
    ...[jobs.off, jobs.unknownJob, jobs.resultOffset],
    ...[jobs.resultMismatch, jobs.resultTooLarge],
  ],
  getOpsJobs: [jobs.off],
  getOpsJobsLanes: [jobs.off],
  getOpsEncodes: [jobs.off],
  postOpsJobs: [jobs.off, jobs.unknownMaster, jobs.underWay, ...madeKeys],
  getOpsJobsByIdEvents: [jobs.off, jobs.unknownJob],
  postOpsJobsByIdRetry: [jobs.off, jobs.unknownJob, jobs.notDead],
  postOpsEncodesByIdCancel: run,
  postOpsEncodesByIdPause: run,
  postOpsEncodesByIdResume: run,
  postOpsEncodesByIdPriority: run,
};

/** Every operation. */
export const knownRefusals: Readonly<Record<string, readonly FaultRow[]>> = {
  ...ownRefusals,
  ...filmRefusals,
};

export function refusalsOf(operationId: string, facts: OperationFacts): readonly FaultRow[] {
  const rows = [...declaredRefusals(facts), ...(knownRefusals[operationId] ?? [])];
  return [...new Map(rows.map((row) => [row.code, row])).values()].toSorted((a, b) => a.status - b.status);
}
