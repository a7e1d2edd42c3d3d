// What both kinds of manifest take and give when pathways are put into them.

export interface SteeredOrder {
  /** The manifest as it was packaged: addresses in it are relative to the title's folder. */
  readonly text: string;
  /** Best first; each with the title's folder there, ending in "/". */
  readonly pathways: readonly { readonly id: string; readonly folder: string }[];
  /** Absolute: dash.js takes a relative one as the page's, not the manifest's. */
  readonly steeringUrl: string;
}

export type Steered =
  | { readonly kind: "steered"; readonly text: string }
  | { readonly kind: "unfit"; readonly because: string };
