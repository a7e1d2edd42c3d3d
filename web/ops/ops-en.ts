// What every page of the operator's console says.
export const opsEn = {
  pages: "Console",
  overview: "Overview",
  map: "Map",
  appliances: "Appliances",
  placement: "Placement",
  encode: "Encode",
  sessions: "Sessions",
  qoe: "Quality",
  catalogue: "Catalogue",
  money: "Money",
  settings: "Settings",
} as const;
