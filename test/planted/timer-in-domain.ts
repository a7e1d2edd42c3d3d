// planted at src/bgp/planted.ts: lint/style/noRestrictedGlobals
export const timer = setTimeout(String, 1);
