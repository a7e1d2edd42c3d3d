// planted at src/abr/planted.ts: lint/style/noRestrictedGlobals
export const ratio = (): number => devicePixelRatio;
