// What the map of the console says.
export const mapEn = {
  network: "Network",
  drawing:
    "Map of sites and viewers: drag it or use the arrow keys to move it, the wheel or plus and minus to zoom, 0 shows all",
  zoomIn: "Closer",
  zoomOut: "Further",
  showAll: "Show all",
  legend:
    "A disc is a site: its size is what it can send, its colour how much of that it sends now. A number in it counts sites that lie close together. Solid lines are plays under way, dashed ones where a new play would go; numbered ones are what steering answers for the address asked about below.",
  playsSince: "Only plays that began since {time} are counted: more than a thousand began.",
  noPlaces:
    "{n, plural, one {# site has} other {# sites have}} no place in the sites file and {n, plural, one {is} other {are}} in the table only.",
  source: "Coasts: Natural Earth, public domain.",
  sites: "Sites",
  site: "Site",
  appliances: "Appliances",
  canSend: "Can send",
  sends: "Sends",
  load: "Load",
  plays: "Plays now",
  viewers: "Viewers",
  viewpoint: "Viewpoint",
  first: "A new play goes to",
  explain: "Why?",
  explainFor: "Why {name}?",
  whatIf: "Without an appliance",
  choose: "Appliance",
  compute: "What would be?",
  pick: "Choose one",
  without: "What would be without {id}?",
  withoutPlays:
    "{sessions, plural, =0 {No play is served by {id} now.} one {One play is served by {id} now.} other {# plays are served by {id} now.}}",
  withoutNone: "A new play goes to it first from none of the {all, number} viewpoints.",
  withoutMoved: "From {name}, new plays would go to {to} instead.",
  lastCopies:
    "{n, plural, =0 {Another appliance has each of its files.} one {One of its files is held by no other appliance: the origin would serve it.} other {# of its files are held by no other appliance: the origin would serve them.}}",
  drainAsk: "Drain {id}…",
  drainTitle: "Drain {id}?",
  drainWords:
    "New plays are no longer sent there; plays under way go on. It stays so, also over a restart, until somebody puts it back to work. Nothing ends this by itself: watch the overview.",
  drained: "{id} takes no new plays from now on; plays under way go on.",
  confirm: "Drain it",
  cancel: "Leave it",
  orForAWhile: "Or lose it for a while, to see what happens",
} as const;
