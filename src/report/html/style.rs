//! How the page looks, light and dark, beyond the frame of every page.

/// Colours of severities and verdicts reach a contrast of 4.5 on their ground.
pub(super) const STYLE: &str = "\
:root { --critical: #a1123f; --high: #b3401a; --medium: #7d5a00; --low: #2a5fa8; --note: #55606e; \
--good: #1f6b3f; --ground: #f4f6f9; --mark: #ffe9a8; --on: #fff; }
@media (prefers-color-scheme: dark) { :root { --critical: #ff8fab; --high: #ffa27a; \
--medium: #e8c560; --low: #8fbaff; --note: #aab4c1; --good: #7fd6a2; --ground: #1c222b; \
--mark: #5a4a12; --on: #14181e; } }
h1, h2, h3, p, dd, li, td, th, summary, .text { overflow-wrap: anywhere; }
.verdict { font-size: 1.15rem; font-weight: 600; padding: .7rem 1rem; border-left: .4rem solid; \
background: var(--ground); }
.verdict.pass { border-color: var(--good); }
.verdict.blocked { border-color: var(--critical); }
.verdict.incomplete { border-color: var(--medium); }
dl.facts { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .15rem 1.2rem; \
font-size: 14px; }
dl.facts dt { color: var(--dim); overflow-wrap: anywhere; } dl.facts dd { margin: 0; }
.notice { font-size: 14px; border-left: .25rem solid var(--medium); padding-left: .8rem; }
main { display: flex; flex-direction: column; margin-top: 2rem; counter-reset: shown; }
main > * { order: 3; min-width: 0; }
.filter, .shown { display: none; }
.f { counter-increment: shown; }
@supports selector(:has(*)) {
.filter { order: 1; display: flex; flex-wrap: wrap; align-items: end; gap: .6rem 1.4rem; \
font-size: 14px; padding: .8rem 1rem; background: var(--ground); }
.shown { order: 2; display: block; font-size: 14px; color: var(--dim); margin: .6rem 0 0; }
.shown::before { content: counter(shown); }
}
.filter fieldset { display: flex; flex-wrap: wrap; gap: .2rem 1rem; border: 0; padding: 0; margin: 0; }
.filter legend { padding: 0; color: var(--dim); }
.filter > label { display: flex; flex-direction: column; color: var(--dim); max-width: 100%; }
.filter select { max-width: 24rem; }
.filter select, .filter button { font: inherit; color: var(--ink); background: var(--page); \
border: 1px solid var(--dim); border-radius: 4px; padding: .2rem .5rem; }
article { border-top: 1px solid var(--line); padding: .7rem 0; }
article > details > summary { cursor: pointer; }
h3 { display: inline; font-size: 1rem; margin: 0; }
.badge { display: inline-block; min-width: 4.2rem; text-align: center; font-size: 12px; \
font-weight: 600; color: var(--on); border-radius: 4px; padding: .05rem .4rem; margin-right: .4rem; }
.badge.critical { background: var(--critical); } .badge.high { background: var(--high); }
.badge.medium { background: var(--medium); } .badge.low { background: var(--low); }
.badge.note { background: var(--note); }
.place { display: block; font: 13px/1.5 ui-monospace, monospace; color: var(--dim); \
overflow-wrap: anywhere; margin-left: 1.1rem; }
.meta, .label { font-size: 14px; color: var(--dim); margin: .5rem 0; }
.text { white-space: pre-wrap; max-width: 48rem; margin: .6rem 0; }
pre { font: 13px/1.5 ui-monospace, monospace; background: var(--ground); padding: .6rem .8rem; \
overflow-x: auto; tab-size: 4; margin: .6rem 0; }
pre .n { color: var(--dim); user-select: none; }
mark { background: var(--mark); color: inherit; }
.suggestion { border-left: .25rem solid var(--good); }
.said { font-size: 14px; }
.said .text { margin: .2rem 0 .6rem; color: var(--dim); }
td, th { vertical-align: top; white-space: normal; }
tbody th { font-weight: 400; }
thead th { color: var(--dim); }
@media print { .filter, .shown { display: none; } }
";
