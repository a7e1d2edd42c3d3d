// planted at src/control/planted.ts: lint/style/noRestrictedGlobals
export const answer = fetch("http://localhost");
