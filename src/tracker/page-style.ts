/** The page's one style sheet; its hash is what the page's rules allow. */
export const CSS = `
:root{color-scheme:light dark;--ground:#fdf8ec;--raised:#fffdf7;--ink:#2c2318;--quiet:#6f6250;--line:#e6dcc6;--a:#b8720a;--b:#2f7d6b;--warn:#9c2f1c}
@media(prefers-color-scheme:dark){:root{--ground:#1b1611;--raised:#241d16;--ink:#f1e8d8;--quiet:#b0a28c;--line:#3a3126;--a:#f0a63a;--b:#5cc0a7;--warn:#ff9a80}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:68rem;padding:1.5rem 1rem 3rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2.5rem 0 .75rem}p,footer{color:var(--quiet)}header p{margin:.25rem 0 1.25rem}footer{margin-top:2.5rem;font-size:.9rem}
a{color:var(--a)}code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}b{color:var(--ink)}.quiet{color:var(--quiet)}.good{color:var(--b)}.warn{color:var(--warn);border-left:3px solid;padding-left:.75rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:0}.cards div{background:var(--raised);border:1px solid var(--line);border-radius:.6rem;padding:.75rem 1rem}
dt{color:var(--quiet);font-size:.9rem}dd{margin:0;font-size:1.7rem;line-height:1.2;font-variant-numeric:tabular-nums}dd.more{font-size:.85rem;color:var(--quiet)}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:.75rem;margin-bottom:.75rem}
.one{max-width:34rem}figure{margin:0;background:var(--raised);border:1px solid var(--line);border-radius:.6rem;padding:.75rem 1rem;min-width:0}figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.25rem 1rem;font-weight:600}
.legend{font-weight:400;color:var(--quiet);font-size:.9rem;display:flex;gap:1rem}.mark{display:inline-block;width:.8em;height:.8em;border-radius:.2em;margin-right:.4em;background:var(--a)}.mark.b{background:var(--b)}
svg{display:block;width:100%;height:auto;margin-top:.5rem}svg text{fill:var(--quiet);font-size:12px}.grid{stroke:var(--line)}.line{fill:none;stroke:var(--a);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}.line.b{stroke:var(--b)}.fill{fill:var(--a);opacity:.14}
table{width:100%;border-collapse:collapse}th,td{text-align:left;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}thead th,.bars th{color:var(--quiet);font-weight:500}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}th:last-child,td:last-child{padding-right:0}.list td:nth-child(4){white-space:nowrap}
.bars{margin-top:.4rem}.bars th,.bars td{border:0;padding:.15rem .6rem .15rem 0}.bars th{width:40%}.bar svg{height:.5rem;margin:0}.bar rect{fill:var(--a)}.list{margin-top:1rem}.list td:first-child{min-width:7rem}.list thead th{overflow-wrap:normal}
@media(max-width:44rem){.wide{display:none}svg text{font-size:17px}.list{font-size:.9rem}th,td{padding-right:.5rem}}
`
