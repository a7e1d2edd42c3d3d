// Branded ids: a TitleId is not a SiteId, though both are text on the wire.

declare const kind: unique symbol;
type Id<K extends string> = string & { readonly [kind]: K };

export type TitleId = Id<"title">;
export type RenditionId = Id<"rendition">;
export type ApplianceId = Id<"appliance">;
export type SiteId = Id<"site">;
export type SessionId = Id<"session">;
export type AccountId = Id<"account">;
export type ProfileId = Id<"profile">;

export const titleId = (text: string): TitleId => text as TitleId;
export const renditionId = (text: string): RenditionId => text as RenditionId;
export const applianceId = (text: string): ApplianceId => text as ApplianceId;
export const siteId = (text: string): SiteId => text as SiteId;
export const sessionId = (text: string): SessionId => text as SessionId;
export const accountId = (text: string): AccountId => text as AccountId;
export const profileId = (text: string): ProfileId => text as ProfileId;

/** What may stand in a path segment, a manifest id and a steering pathway id alike. */
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
