// What is refused about accounts, devices, profiles and mailed links.
import type { FaultTable } from "#units/fault.ts";

export const accountFaults = {
  signUpClosed: {
    code: "sign-up-closed",
    status: 403,
    sentence: "Nobody can sign up here (MILLRACE_SIGN_UP).",
  },
  notInvited: {
    code: "not-invited",
    status: 403,
    sentence: "Signing up needs an invitation's code; this one was used, has ended, or never was.",
  },
  passwordRefused: {
    code: "password-refused",
    status: 400,
    sentence: "This password cannot be used: {because}.",
  },
  linkOver: {
    code: "link-over",
    status: 400,
    sentence: "This link was used, has ended, or never was. Ask for another one.",
  },
  emailTaken: { code: "email-taken", status: 409, sentence: "Another account has this email by now." },
  accountClosed: { code: "account-closed", status: 403, sentence: "An admin locked this account." },
  notProved: {
    code: "not-proved",
    status: 403,
    sentence: "The password that was sent is not this account's; nothing was changed.",
  },
  unknownDevice: {
    code: "unknown-device",
    status: 404,
    sentence: "No device {deviceId} is signed in to this account.",
  },
  unknownProfile: {
    code: "unknown-profile",
    status: 404,
    sentence: "This account has no profile {profileId}.",
  },
  profileRefused: { code: "profile-refused", status: 400, sentence: "Nothing was changed: {because}." },
  profilesFull: {
    code: "profiles-full",
    status: 409,
    sentence: "An account has {most} profiles at most (MILLRACE_PROFILES_PER_ACCOUNT).",
  },
  pinWanted: {
    code: "pin-wanted",
    status: 403,
    sentence: "The profile in use is a child's: send its PIN.",
  },
  pinWrong: { code: "pin-wrong", status: 403, sentence: "This is not the PIN of the profile in use." },
  pinLocked: {
    code: "pin-locked",
    status: 429,
    sentence: "Too many wrong PINs for this profile; try again in {seconds} s.",
  },
  unknownAccount: { code: "unknown-account", status: 404, sentence: "There is no account {accountId} here." },
  lastAdmin: {
    code: "last-admin",
    status: 409,
    sentence: "This is the last admin: make another account one first.",
  },
  unknownInvitation: {
    code: "unknown-invitation",
    status: 404,
    sentence: "There is no invitation {invitationId} here.",
  },
  mailsWait: {
    code: "mails-wait",
    status: 503,
    sentence: "Too many mails wait to be sent (MILLRACE_MAIL_QUEUE); try again in a moment.",
  },
  noMail: {
    code: "no-mail",
    status: 503,
    sentence: "A mail could not be sent: this control plane was started without a way to send any.",
  },
  mailSetting: { code: "mail-setting", status: 500, sentence: "{setting} cannot be used: {because}." },
  mailFailed: { code: "mail-failed", status: 503, sentence: "Mail could not be handed over: {because}." },
} as const satisfies FaultTable;
