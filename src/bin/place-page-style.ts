// The report's looks. Colours come from web/tokens.css, which stands before this.
export const pageStyle = `*{box-sizing:border-box}
html{background:var(--ground);color:var(--ink);font:15px/1.5 var(--font);-webkit-text-size-adjust:100%}
body{max-width:66rem;margin:0 auto;padding:1.5rem clamp(.7rem,3vw,2rem) 3rem}
h1{font-size:1.6rem;line-height:1.2;margin:.1rem 0 .3rem;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:0 0 .4rem}
h3{font-size:.95rem;margin:0 0 .3rem}p{margin:.4rem 0;max-width:70ch}
section{background:var(--surface);border:1px solid var(--line);border-radius:.6rem;padding:1.1rem clamp(.7rem,2.5vw,1.4rem);margin:0 0 1.2rem}
.kind{color:var(--accent);font-weight:600;margin:0}.soft{color:var(--ink-soft);font-size:.92rem}code{font:.88em var(--font-mono)}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;list-style:none;padding:0;margin:.6rem 0}nav a{color:var(--accent)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.7rem;margin:1rem 0;padding:0;list-style:none}
.cards li{background:var(--surface);border:1px solid var(--line);border-radius:.6rem;padding:.6rem .9rem;font-size:.88rem;line-height:1.35;color:var(--ink-soft)}
.cards strong{display:block;font-size:1.55rem;line-height:1.2;font-variant-numeric:tabular-nums;color:var(--ink)}
.wide{overflow-x:auto;margin:.7rem 0}.wide:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}caption{text-align:start;color:var(--ink-soft);font-size:.85rem;padding-bottom:.2rem}
td,th{padding:.28rem 1.1rem .28rem 0;border-bottom:1px solid var(--line);text-align:start;vertical-align:baseline}
tbody tr:last-child>*{border-bottom:0}thead th{color:var(--ink-soft);font-weight:500;font-size:.83rem}tbody th{font-weight:600;white-space:nowrap}
.figure{text-align:end;white-space:nowrap}.sentence{min-width:17rem}
figure{margin:.6rem 0}.plot{display:block;max-width:100%;height:auto;color:var(--ink-soft);font:12px var(--font);--plot-background:var(--surface)}
.plot text{white-space:pre}.only-narrow{display:none}.rings{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1.2rem}
.rings .plot{margin:0 auto}.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;padding:0;margin:.5rem 0;font-size:.88rem;color:var(--ink-soft)}
.legend li::before{content:"";display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-inline-end:.4em;background:var(--key)}
.storage{--key:var(--buffer)}.traffic{--key:var(--throughput)}.throughput{--key:var(--line-strong)}.feasible{--key:var(--accent)}.gain{--key:var(--rung)}
.fast{--key:var(--appliance-2)}.even{--key:var(--appliance-3)}.large{--key:var(--appliance-1)}
footer{color:var(--ink-soft);font-size:.88rem}
@media (max-width:44rem){.only-wide{display:none}.only-narrow{display:block}h1{font-size:1.3rem}td,th{padding-right:.8rem}}
@media print{body{max-width:none}nav{display:none}section{border:0;padding:0}figure,tr{break-inside:avoid}*{print-color-adjust:exact}}`;
