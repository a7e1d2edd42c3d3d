// planted at src/qoe/planted.ts: lint/style/noRestrictedGlobals
export const now = Date.now();
