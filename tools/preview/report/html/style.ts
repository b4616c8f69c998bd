/** Everything that the page looks like. No font, image or sheet is fetched. */
export const style = `
:root{color-scheme:light dark;
--page:#f6f6f3;--card:#fff;--ink:#1d1f23;--soft:#62666e;--line:#e4e3de;--track:#eeede8;
--blue:#2f6bd8;--green:#1e7d4e;--amber:#a86400;--red:#c0322b;--grey:#a3a7ae;
--bad:#fdeeec;--warn:#fdf4e3;--good:#eaf6ef}
@media (prefers-color-scheme:dark){:root{
--page:#121417;--card:#1b1e22;--ink:#e9e9e6;--soft:#9ca1a9;--line:#2d3137;--track:#272b30;
--blue:#6c9ff5;--green:#4fb583;--amber:#dd9f3d;--red:#ee756c;--grey:#6d727a;
--bad:#331b1a;--warn:#302512;--good:#162a1f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:3.5rem}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;overflow-wrap:anywhere}
main,header>div,nav>div{max-width:1080px;margin:0 auto;padding:0 20px}
header{border-top:5px solid var(--tone);background:var(--card);padding:30px 0 26px}
header.refused{--tone:var(--red);background:var(--bad)}header.careful{--tone:var(--amber);background:var(--warn)}
header.changes,header.nothing{--tone:var(--green);background:var(--good)}
.over{color:var(--soft);font-size:13px;letter-spacing:.02em;margin:0 0 6px}
h1{font-size:clamp(22px,4.2vw,32px);line-height:1.2;letter-spacing:-.015em;margin:0;text-wrap:balance}
h2{font-size:19px;letter-spacing:-.01em;margin:0 0 4px}h3{font-size:15px;margin:22px 0 8px}
p{margin:0 0 10px;max-width:75ch}.soft{color:var(--soft)}small{font-size:13px}
code,.diff{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:max(12px,.875em)}
code{overflow-wrap:anywhere}
nav{position:sticky;top:0;z-index:2;background:var(--page);border-bottom:1px solid var(--line)}
nav>div{display:flex;gap:18px;overflow-x:auto;white-space:nowrap;font-size:14px;scrollbar-width:none}
nav a{color:var(--soft);text-decoration:none;padding:10px 0}nav a:hover,nav a:focus-visible{color:var(--ink);text-decoration:underline;text-underline-offset:4px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:12px;margin:24px 0 0;padding:0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;min-width:0}
.tile dt{color:var(--soft);font-size:13px}.tile dd{margin:2px 0 0;font-size:19px;font-weight:600;line-height:1.3;font-variant-numeric:tabular-nums;letter-spacing:-.01em}
.tile dd small{display:block;font-weight:400;color:var(--soft);letter-spacing:0}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:22px 24px;margin:18px 0;min-width:0}
ul.plain{list-style:none;margin:12px 0 0;padding:0}ul.plain>li{padding:10px 0 10px 14px;border-left:3px solid var(--line);margin:0 0 8px}
li.stop{border-color:var(--red)!important}li.advice{border-color:var(--amber)!important}li.settled{border-color:var(--green)!important}
.tag{display:inline-block;font-size:12px;line-height:1;padding:3px 7px 4px;border-radius:99px;background:var(--track);color:var(--soft);margin-right:6px;white-space:nowrap}
.tag.new,.tag.deleted,.tag.replaced{background:var(--bad);color:var(--red)}.tag.added{background:var(--good);color:var(--green)}.tag.may-replace{background:var(--warn);color:var(--amber)}
.tag.changed{color:var(--blue)}
.scroll{overflow-x:auto;margin:8px 0 0}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th{font-weight:500;color:var(--soft);text-align:left;font-size:13px}th,td{overflow-wrap:normal;padding:7px 14px 7px 0;border-bottom:1px solid var(--line);white-space:nowrap;vertical-align:top}
tr:last-child td{border-bottom:0}.n{text-align:right}td.bad{color:var(--red);font-weight:600}tr.sum td{font-weight:600}
details{border-top:1px solid var(--line);padding:0}details:last-of-type{border-bottom:1px solid var(--line)}
summary{cursor:pointer;padding:10px 0;font-size:14px;overflow-wrap:anywhere}summary:focus-visible,a:focus-visible{outline:2px solid var(--blue);outline-offset:2px;border-radius:3px}
details>div{padding:0 0 14px}
.change{padding:8px 0 8px 14px;border-left:2px solid var(--line);margin:0 0 6px;min-width:0}
.diff{margin:4px 0 0;overflow-x:auto;font-size:12.5px;line-height:1.5}.diff div{white-space:pre;padding-right:12px}.was{color:var(--red)}.is{color:var(--green)}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:8px 40px}
figure{margin:0;min-width:0}figcaption{font-weight:600;font-size:14px;margin:14px 0 6px}
svg{display:block;width:100%;overflow:visible;font:12.5px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
svg text{fill:var(--ink)}svg .soft{fill:var(--soft)}svg .over{fill:var(--red);font-weight:600}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:13px;color:var(--soft);margin:6px 0 4px}
.legend span::before{content:"";display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:6px;background:var(--key)}
footer{color:var(--soft);font-size:13px;padding:6px 0 40px}
@media (max-width:560px){main,header>div,nav>div{padding:0 14px}section{padding:18px 16px}header{padding:22px 0 18px}.tiles{grid-template-columns:1fr 1fr;gap:8px}.tile{padding:11px 13px}.tile.wide{grid-column:1/-1;order:1}}
@media print{nav{display:none}body{background:#fff}section{break-inside:avoid}}
`
