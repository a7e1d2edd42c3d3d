// What every page of the operator's console says.
export const opsEn = {
  overviewAbout: "How the installation is, now and over the last hour.",
  mapAbout: "Where viewers and appliances are, who serves whom, and why.",
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
