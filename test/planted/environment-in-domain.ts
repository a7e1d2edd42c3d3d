// planted at src/catalog/planted.ts: lint/style/noRestrictedGlobals
export const home = process.env.HOME;
