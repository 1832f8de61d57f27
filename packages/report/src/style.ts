/** The report's style: system fonts, no outside assets, light and dark by the reader's setting. */
export const STYLE = `
:root{--paper:#faf9f6;--card:#fff;--ink:#1d1c1a;--soft:#5f5b54;--rule:#e3dfd6;--faint:#efece5;
--other:#6f6a60;--baseline:#45669a;--subject:#0f6e66;--pass:#17703c;--fail:#b3261e;
--t1:#0f6e66;--t2:#5a7cab;--t3:#b0762a;--t4:#8a4f8f;--t5:#6b7a2f;--t6:#b04a4a;
--sans:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;
--serif:Charter,"Bitstream Charter","Iowan Old Style","Palatino Linotype",Georgia,"Liberation Serif",serif;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
@media (prefers-color-scheme:dark){:root{--paper:#151513;--card:#1d1d1a;--ink:#ebe8e1;--soft:#aaa59a;--rule:#37352f;--faint:#282723;
--other:#8f897e;--baseline:#7fa3d8;--subject:#45b5a8;--pass:#63c78b;--fail:#f0897d;
--t1:#45b5a8;--t2:#7fa3d8;--t3:#d9a457;--t4:#c48fca;--t5:#a7b763;--t6:#dd8080}}
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 var(--sans);font-variant-numeric:tabular-nums}
main{max-width:1120px;margin:0 auto;padding:56px 28px 96px}
h1,h2{font-family:var(--serif);font-weight:600;letter-spacing:-.01em;line-height:1.15;text-wrap:balance}
h1{font-size:clamp(2rem,5vw,3rem);margin:.2em 0 .35em}
h2{font-size:1.65rem;margin:0 0 .3em}
h3{font-size:.95rem;font-weight:600;margin:1.6em 0 .5em}
section{margin-top:64px}
.eyebrow{margin:0;color:var(--soft);font-size:.8rem;letter-spacing:.08em;text-transform:uppercase}
.lede{max-width:68ch;margin:.2em 0 1.4em;color:var(--soft);text-wrap:pretty}
.top .lede{font-family:var(--serif);font-size:1.2rem;line-height:1.5;color:var(--ink)}
.meta{color:var(--soft);font-size:.875rem;margin:0}
small{color:var(--soft);font-size:.8125rem;font-weight:400}
code,pre{font-family:var(--mono);font-size:.86em}
nav{display:flex;flex-wrap:wrap;gap:4px 20px;margin-top:28px;padding-top:14px;border-top:1px solid var(--rule);font-size:.9rem}
a{color:var(--subject);text-underline-offset:3px}
.arm-other{--tone:var(--other)}.arm-baseline{--tone:var(--baseline)}.arm-subject{--tone:var(--subject)}
.ticks{display:flex;justify-content:space-between;color:var(--soft);font-size:.75rem}.ticks i{font-style:normal;width:0;display:flex;justify-content:center;white-space:nowrap}.ticks i:last-child{justify-content:flex-end}.ticks i:first-child{justify-content:flex-start}
.scale{margin-top:6px}.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:16px;margin-top:32px}#by-category{margin-top:44px}
.figure{background:var(--card);border:1px solid var(--rule);border-top:4px solid var(--tone);border-radius:6px;padding:18px 20px}
.figure .name{display:block;font-weight:600}
.figure b{display:block;font:600 3rem/1.15 var(--serif);letter-spacing:-.02em;color:var(--ink)}
.figure.arm-subject b{color:var(--subject)}
.figure .detail{color:var(--soft);font-size:.875rem}
.bars h3{margin:1.1em 0 .25em}.bars h3::first-letter,.chip::first-letter,.filters button::first-letter{text-transform:uppercase}
.row{display:grid;grid-template-columns:minmax(90px,160px) 1fr 148px;gap:14px;align-items:center;padding:1px 0}
.row .name{font-size:.9rem;color:var(--soft);overflow-wrap:anywhere;line-height:1.3}
.row .number{text-align:right;white-space:nowrap}
.row .number b{display:inline-block;min-width:3.2em}
.row .number small{display:inline-block;min-width:5.2em}
.bar{display:block;width:100%;height:18px;overflow:visible}
.bar path{fill:none;vector-effect:non-scaling-stroke}
.bar .grid{stroke:var(--rule);stroke-width:1}.bar .axis{stroke:var(--rule);stroke-width:1}.bar .zero{stroke:var(--soft);stroke-width:1}
.bar .fill{fill:var(--tone,var(--subject));opacity:.82}
.bar.up .fill{fill:var(--subject)}.bar.down .fill{fill:var(--fail)}.bar.even .fill{fill:var(--other)}
.bar .whisker{stroke:var(--ink);stroke-width:1.4}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(320px,100%),1fr));gap:20px}
.chart{margin:0;background:var(--card);border:1px solid var(--rule);border-radius:6px;padding:14px 16px 10px;display:flex;flex-direction:column}
.chart figcaption b{display:block}.chart figcaption span{color:var(--soft);font-size:.8125rem;line-height:1.4;display:block;min-height:2.8em}
.chart svg{display:block;width:100%;height:auto;margin-top:6px;touch-action:pan-y}
.chart .grid{stroke:var(--rule);fill:none}.chart .tick{fill:var(--soft);font:11px var(--sans)}
.line{fill:none;stroke:var(--tone);stroke-width:2;stroke-linejoin:round}.line.raw{stroke-width:1;opacity:.35}
.cursor{stroke:var(--soft);stroke-dasharray:3 3;visibility:hidden}.cursor.on{visibility:visible}
.tone-1{--tone:var(--t1)}.tone-2{--tone:var(--t2)}.tone-3{--tone:var(--t3)}.tone-4{--tone:var(--t4)}.tone-5{--tone:var(--t5)}.tone-6{--tone:var(--t6)}
.legend{margin:4px 0 0;font-size:.8125rem;color:var(--soft);display:flex;flex-wrap:wrap;gap:2px 14px}
.legend i{display:inline-block;width:14px;height:3px;border-radius:2px;background:var(--tone);vertical-align:middle;margin-right:6px}
.readout{margin:2px 0 0;min-height:1.4em;font-size:.8125rem;color:var(--ink)}
.filters{display:flex;flex-wrap:wrap;gap:8px;margin-bottom:18px}.filters[hidden]{display:none}
.filters button{font:inherit;font-size:.875rem;color:var(--ink);background:var(--card);border:1px solid var(--rule);border-radius:99px;padding:6px 14px;cursor:pointer}
.filters button[aria-pressed=true]{background:var(--ink);color:var(--paper);border-color:var(--ink)}
:focus-visible{outline:2px solid var(--subject);outline-offset:2px}
.cards{display:grid;gap:24px}
.card{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:18px 22px 12px;min-width:0;--columns:3}
.card.columns-1{--columns:2}.card[hidden]{display:none}
.card header{display:flex;justify-content:space-between;gap:12px;align-items:baseline;flex-wrap:wrap;margin-bottom:8px}
.card header code{color:var(--soft);font-size:.75rem;overflow-wrap:anywhere}
.chip{display:inline-block;font-size:.875rem;font-weight:600;color:var(--subject)}
.strip{display:grid;grid-template-columns:repeat(var(--columns),minmax(0,1fr));gap:20px}
.cell{min-width:0}.caption{margin:0 0 6px;font-size:.875rem;color:var(--soft);display:flex;justify-content:space-between;gap:8px}.caption b{color:var(--tone);font-weight:600}
.cell img{display:block;width:100%;height:auto;border:1px solid var(--rule);border-radius:5px;background:var(--faint)}
.picture{display:block;width:100%;height:auto;border:1px solid var(--rule);border-radius:5px;background:var(--faint)}.drawings{position:absolute}.original{display:block}
.highlights{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(300px,100%),1fr));gap:20px;margin-top:28px}
.highlight{margin:0;min-width:0}.highlight .pair{display:grid;grid-template-columns:1fr 1fr;gap:6px}.highlight figcaption{margin-top:8px;font-size:.9rem;line-height:1.4}
.checklist{margin-top:14px}.checklist summary{color:var(--soft);font-size:.875rem}.plan details{border:0;padding:0 0 4px;font-size:.8125rem}
.missing{display:grid;place-items:center;aspect-ratio:16/9;border:1px dashed var(--rule);border-radius:5px;color:var(--soft);font-size:.8125rem;text-align:center;padding:8px}
blockquote{margin:.7em 0 0;font:1.125rem/1.4 var(--serif);text-wrap:pretty}
blockquote::before{content:"“"}blockquote::after{content:"”"}
.plan{margin-top:10px;border-left:3px solid var(--tone);padding-left:12px}
.plan p{margin:0 0 .3em}.reasoning{color:var(--soft);font-style:italic;font-size:.875rem;line-height:1.45}
.steps{font:0.8438rem/1.5 var(--mono);white-space:pre-wrap;overflow-wrap:anywhere}
.problem{color:var(--fail);font-size:.8125rem}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th{text-align:left;font-weight:400}thead th{color:var(--soft);font-size:.8125rem;border-bottom:1px solid var(--rule);padding:4px 0}
tbody th,tbody td{border-bottom:1px solid var(--faint);padding:6px 0;vertical-align:top}
tbody tr:last-child>*{border-bottom:0}
td+td,th+td,th+th,td+th{padding-left:12px}
.num{text-align:right;white-space:nowrap}
.items{margin-top:16px;line-height:1.4;table-layout:fixed}.items td,.items thead th+th{padding-left:20px}.items td .mark{white-space:normal}
.scope{font-size:.6875rem;letter-spacing:.04em;text-transform:uppercase;color:var(--soft);margin-right:4px}
.mark{white-space:nowrap}.mark svg{width:13px;height:13px;vertical-align:-2px;margin-right:3px}
.mark path{fill:none;stroke:currentColor;stroke-width:2.2;stroke-linecap:round;stroke-linejoin:round}
.pass{color:var(--pass)}.fail{color:var(--fail)}
.word{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.scroll{overflow-x:auto}.wide .plot{width:30%;min-width:160px}.wide thead .plot{text-align:center}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(400px,100%),1fr));gap:16px 48px}
.failures th{overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(320px,100%),1fr));gap:14px 32px;margin:0 0 20px}
.facts div{min-width:0}.facts dt{font-size:.8125rem;color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
details{border-top:1px solid var(--rule);padding:10px 0}summary{cursor:pointer}
pre{background:var(--faint);padding:14px 16px;border-radius:6px;overflow-x:auto;line-height:1.5}
#notes ul{max-width:76ch;padding-left:1.2em}#notes li{margin:.35em 0}
footer{margin-top:64px;padding-top:14px;border-top:1px solid var(--rule);color:var(--soft);font-size:.8125rem}
@media (max-width:640px){main{padding:32px 16px 64px}section{margin-top:48px}.row{grid-template-columns:1fr auto;gap:0 12px}.row .name{grid-column:1}.row .number{grid-column:2;grid-row:1}.row .bar,.row .ticks{grid-column:1/-1;grid-row:2}
.row .number small{min-width:0}.card{padding:14px}.strip{grid-template-columns:1fr}.items{table-layout:auto}.items td,.items thead th+th{padding-left:10px}.figure b{font-size:2.4rem}}
@media print{body{background:#fff}.filters{display:none}.card,.chart{break-inside:avoid}}
`
