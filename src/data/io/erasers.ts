// What goes when a profile or an account goes: the one place that every subject with personal data adds itself to.
// Run inside the transaction that erases, in this order, before the profile's and the account's own rows go.
import type { Kysely } from "kysely";
import { anonymise } from "./eraser-billing.ts";
import { eraseHistory, noteErasure } from "./eraser-history.ts";
import type { Schema } from "./schema.ts";

export interface Eraser {
  /** The migration's subject. */
  readonly subject: string;
  /** Of one profile. An account that is erased has each of its profiles erased first. */
  profile?(db: Kysely<Schema>, profileId: string): Promise<void>;
  /** Of the account. Rows that the law on money wants kept lose every name; they may keep the account's id. */
  account?(db: Kysely<Schema>, accountId: string): Promise<void>;
}

/** Before the play sessions go, which say whose a record is. Windows are sums of many and stay. */
const qoeEraser: Eraser = {
  subject: "qoe",
  async profile(db, profileId) {
    const own = db.selectFrom("play_session").select("id").where("profile_id", "=", profileId);
    await db.deleteFrom("qoe_session").where("session_id", "in", own).execute();
    await db.deleteFrom("qoe_correction").where("session_id", "in", own).execute();
  },
  async account(db, accountId) {
    const own = db.selectFrom("play_session").select("id").where("account_id", "=", accountId);
    await db.deleteFrom("qoe_session").where("session_id", "in", own).execute();
    await db.deleteFrom("qoe_correction").where("session_id", "in", own).execute();
  },
};

const playbackEraser: Eraser = {
  subject: "playback",
  async profile(db, profileId) {
    const own = db.selectFrom("play_session").select("id").where("profile_id", "=", profileId);
    await db.deleteFrom("session_summary").where("session_id", "in", own).execute();
    await db.deleteFrom("play_session").where("profile_id", "=", profileId).execute();
  },
  async account(db, accountId) {
    const own = db.selectFrom("play_session").select("id").where("account_id", "=", accountId);
    await db.deleteFrom("session_summary").where("session_id", "in", own).execute();
    await db.deleteFrom("play_session").where("account_id", "=", accountId).execute();
  },
};

/** What of it lies in this database goes now; wherever else it is kept, it goes by the row that is left here. */
const historyEraser: Eraser = {
  subject: "history",
  async profile(db, profileId) {
    await eraseHistory(db, profileId);
    await noteErasure(db, profileId);
  },
};

const signInEraser: Eraser = {
  subject: "account",
  async account(db, accountId) {
    await db.deleteFrom("device").where("account_id", "=", accountId).execute();
    await db.deleteFrom("identity").where("account_id", "=", accountId).execute();
    await db.deleteFrom("slip").where("account_id", "=", accountId).execute();
  },
};

const leaseEraser: Eraser = {
  subject: "lease",
  async account(db, accountId) {
    await db.deleteFrom("lease").where("account_id", "=", accountId).execute();
  },
};

/** The books stay, and lead to nobody. */
const billingEraser: Eraser = {
  subject: "billing",
  async account(db, accountId) {
    await anonymise(db, accountId);
    await db.deleteFrom("idempotency_key").where("account_id", "=", accountId).execute();
  },
};

/** Films that were taken in stay the installation's; who brought them is forgotten. */
const uploadEraser: Eraser = {
  subject: "upload",
  async account(db, accountId) {
    await db.deleteFrom("arrival").where("account_id", "=", accountId).execute();
    for (const table of ["master", "publication"] as const) {
      await db.updateTable(table).set({ account_id: "" }).where("account_id", "=", accountId).execute();
    }
  },
};

export const erasers: readonly Eraser[] = [
  ...[qoeEraser, playbackEraser, historyEraser, signInEraser, leaseEraser, billingEraser, uploadEraser],
];

export async function eraseProfile(db: Kysely<Schema>, profileId: string): Promise<void> {
  for (const eraser of erasers) await eraser.profile?.(db, profileId);
}

/** All but the account's row itself. */
export async function eraseBelongings(db: Kysely<Schema>, accountId: string): Promise<void> {
  const profiles = await db.selectFrom("profile").select("id").where("account_id", "=", accountId).execute();
  for (const { id } of profiles) await eraseProfile(db, id);
  for (const eraser of erasers) await eraser.account?.(db, accountId);
  await db.deleteFrom("profile").where("account_id", "=", accountId).execute();
}
