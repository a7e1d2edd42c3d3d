// The page's looks: the operator pages' colours (web/tokens.css), light or dark as the reader's system is, light on paper.

export const lightColours = {
  ground: "#f3f6f7",
  surface: "#ffffff",
  line: "#d3dce1",
  strong: "#7b8c98",
  ink: "#16202a",
  soft: "#475763",
  accent: "#0b6f77",
  good: "#1d7a45",
  bad: "#b1342a",
  ...{ h1: "#2c64bd", h2: "#0b7f88", h3: "#4d8a21", h4: "#a67600", h5: "#b5651d", h6: "#b84077" },
} as const;

export const darkColours = {
  ground: "#0f1418",
  surface: "#171e24",
  line: "#2e3a44",
  strong: "#657784",
  ink: "#e8eef2",
  soft: "#a9b7c1",
  accent: "#5cc3c9",
  good: "#6fcf97",
  bad: "#f2867b",
  ...{ h1: "#6fa3ef", h2: "#5cc3c9", h3: "#8cc265", h4: "#e9c46a", h5: "#e58b5c", h6: "#e58bb0" },
} as const;

function tokens(colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(";");
}

const hues = [1, 2, 3, 4, 5, 6].map((n) => `.h${n}{--hue:var(--h${n})}`).join("");

const text = `*{box-sizing:border-box}
html{background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%}
body{max-width:72rem;margin:0 auto;padding:1.5rem clamp(.8rem,3vw,2rem) 3rem}
h1{font-size:1.7rem;line-height:1.2;margin:.1rem 0 .3rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:0 0 .4rem}h3{font-size:1rem;margin:1.4rem 0 .2rem}
p{margin:.4rem 0;max-width:66ch}header,section{margin:0 0 1.2rem}
section{background:var(--surface);border:1px solid var(--line);border-radius:.6rem;padding:1.1rem clamp(.8rem,2.5vw,1.4rem)}
.kind{color:var(--accent);font-weight:600;margin:0}.soft{color:var(--soft)}.good{color:var(--good)}.bad{color:var(--bad)}
.note{border-left:3px solid var(--accent);padding-left:.7rem}.formula{font-style:italic;border-left:3px solid var(--line);padding-left:.7rem}
ul{list-style:none;margin:.6rem 0;padding:0}ul.phrases{list-style:disc;padding-left:1.2rem}figure{margin:0}code{font-size:.88em}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem}nav a{color:var(--accent)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.7rem;margin:1rem 0}
.cards li{background:var(--surface);border:1px solid var(--line);border-radius:.6rem;padding:.7rem .9rem;font-size:.9rem;line-height:1.4}
.cards strong{display:block;font-size:1.9rem;line-height:1.2;font-variant-numeric:tabular-nums;float:none}
footer{color:var(--soft);font-size:.9rem}`;

const tables = `.wide{overflow-x:auto;margin:.7rem 0}.wide:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.92rem}
caption{text-align:left;color:var(--soft);font-size:.85rem;padding-bottom:.2rem}
td,th{padding:.3rem 1.1rem .3rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:baseline}
tbody tr:last-child>td,tbody tr:last-child>th{border-bottom:0}thead th{color:var(--soft);font-weight:500;font-size:.85rem;vertical-align:bottom;border-bottom-color:var(--strong)}
tbody th{font-weight:600;white-space:nowrap;position:sticky;left:0;background:var(--surface)}.sentence{min-width:13rem}.figure{text-align:right;white-space:nowrap}thead .figure{white-space:normal}.drawing{vertical-align:middle}td svg{max-width:none}`;

const drawings = `svg{display:block;max-width:100%;height:auto;overflow:visible}svg svg{overflow:hidden}
svg text{font-size:11px;fill:var(--soft)}svg .grid{stroke:var(--line);fill:none}
.line{fill:none;stroke:var(--hue,var(--soft));stroke-width:1.5}.mark{fill:var(--surface);stroke:var(--hue,var(--soft));stroke-width:1.6}
.ours{--hue:var(--accent)}.ours-2{--hue:var(--h6)}.ours-3{--hue:var(--h4)}.ours-4{--hue:var(--h1)}.line.ours{stroke-width:2.5}.mark.ours{fill:var(--hue)}
.frontier{--hue:var(--strong);stroke-width:4;stroke-linecap:round}.steps{width:18rem;height:22px}.steps .line{--hue:var(--accent);vector-effect:non-scaling-stroke}.tried{width:100%;max-width:66ch;height:8px}
.fixed-ladder{--hue:var(--h1)}.fixed-crf-native{--hue:var(--h5)}.per-title-hull{--hue:var(--h3)}.netflix-2015{--hue:var(--h6)}.peertube{--hue:var(--h4)}
.line.fixed-ladder{stroke-dasharray:6 4}.line.fixed-crf-native{stroke-dasharray:2 3}.line.per-title-hull{stroke-dasharray:10 3 2 3}.line.netflix-2015{stroke-dasharray:3 3}.line.peertube{stroke-dasharray:8 5}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;font-size:.88rem;align-items:center}.legend li{display:flex;align-items:center;gap:.4rem}
.key{height:14px;width:auto;flex:none}.only-narrow{display:none}
.hulls{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:1.4rem 1.2rem;margin:1rem 0 0}
.hulls figcaption{font-size:.88rem;margin-bottom:.2rem}.hull{fill:none;stroke:var(--strong);stroke-width:1.4}
.any{--hue:var(--soft)}${hues}
.vertex{fill:var(--hue);stroke:var(--surface);stroke-width:1}.between{fill:var(--hue);opacity:.75}.rejected{fill:none;stroke:var(--hue);stroke-width:1.1}
.ring{fill:none;stroke:var(--ink);stroke-width:1.8}svg text.name{paint-order:stroke;stroke:var(--surface);stroke-width:3px;fill:var(--ink)}svg text.number{fill:var(--ink);font-weight:700;font-size:12px;paint-order:stroke;stroke:var(--surface);stroke-width:3px}
.choices{display:flex;flex-wrap:wrap;gap:0 .8rem;font-size:.8rem;color:var(--soft);margin:.1rem 0 0}.number{color:var(--ink)}
.gauge,.stage{width:7.5rem;height:1rem}.stage{width:15rem}.band{fill:var(--line)}.fits{fill:var(--good)}.misses{fill:var(--bad)}.cpu{fill:var(--accent)}.wall{fill:none;stroke:var(--ink);stroke-width:1.5}`;

const strip = `.strip{display:flex;flex-wrap:wrap;align-items:flex-end;gap:.8rem 2px}.strip li{flex:none;max-width:100%;overflow:hidden;font-size:.78rem;line-height:1.3;color:var(--soft)}
.strip svg{width:100%;margin-top:4px}.strip .names{width:56px}.film{background:var(--line);border-radius:2px}.strip span{display:block;white-space:nowrap;height:1.3em}.strip i{font-style:normal}
.picture{background-repeat:no-repeat;max-width:100%;margin:0 auto}.lane{stroke:var(--line);fill:none}.rung-1{fill:var(--accent)}.rung-2{fill:var(--h1)}.mean{stroke:var(--ink);fill:none;stroke-width:1;stroke-dasharray:3 3;vector-effect:non-scaling-stroke}`;

const paper = `@media (max-width:44rem){.only-wide{display:none}.only-narrow{display:block}h1{font-size:1.35rem}td,th{padding-right:.8rem}}
@media print{@page{margin:14mm}:root{color-scheme:light}html{background:#fff;font-size:11px}body{max-width:none;padding:0}nav{display:none}section{border:0;padding:0;margin-bottom:1.4rem}
figure,.strip li,.cards li,tr{break-inside:avoid}h2,h3{break-after:avoid}.wide{overflow:visible}.hulls{grid-template-columns:repeat(3,1fr)}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}`;

export const pageStyle = `:root{color-scheme:light dark;${tokens(lightColours)}}
@media screen and (prefers-color-scheme:dark){:root{${tokens(darkColours)}}}
${text}
${tables}
${drawings}
${strip}
${paper}`;
