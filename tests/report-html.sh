#!/usr/bin/env bash
# Opens the page of `llmux diff --format html` in a real Chromium: chooses severities, files and
# backends there and looks at what is still visible, with scripts allowed and forbidden; and
# sees that words of a model run nothing.
#
#   tests/report-html.sh        a made review
#   tests/report-html.sh DIR    the same; the page and its pictures are kept in DIR
#
# Chromium is installed where it is missing. LLMUX names the program; target/debug/llmux is
# built where it is absent.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
keep=${1:-$work}
mkdir -p "$keep"
keep=$(cd "$keep" && pwd)

fail() {
    printf 'report-html: %s\n' "$*" >&2
    exit 1
}

install_chromium() {
    chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
    [ -z "$chromium" ] || return 0
    local sudo=()
    [ "$(id -u)" = 0 ] || sudo=(sudo)
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" apt-get install -y -qq --no-install-recommends chromium >/dev/null
    chromium=$(command -v chromium)
}

# A repository of two files, and two backends that say prepared things of them, one in words
# that would act if a page took them for its own.
make_review() {
    local repo=$work/repo code=0
    mkdir -p "$repo/src" "$repo/.llmux"
    git_here() {
        env -i PATH="$PATH" HOME="$work" GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null \
            git -C "$repo" -c user.name=t -c user.email=t@example.invalid "$@"
    }
    git_here init --quiet
    printf 'fn main() {}\n' >"$repo/src/a.rs"
    git_here add . && git_here commit --quiet -m base
    printf 'fn one() { eval(input) }\nfn two() { 1 / 0 }\nfn three() {}\n' >"$repo/src/a.rs"
    printf 'fn b() { loop {} }\n' >"$repo/src/<b onclick=alert(1)>.rs"
    git_here add . && git_here commit --quiet -m change
    python3 - "$work" <<'PY'
import json, sys
ACTS = ("<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
        "<style>*{display:none}</style>\"'><svg onload=document.title='owned'></details></main>")
def claim(file, line, quote, severity, rule, title, message="It is wrong."):
    return dict(file=file, line=line, end_line=line, quote=quote, severity=severity,
                category="bug", rule=rule, title=title, message=message,
                suggestion=ACTS if message == ACTS else None, confidence=0.9)
B = "src/<b onclick=alert(1)>.rs"
said = {
    "alpha": [claim("src/a.rs", 1, "eval(input)", "critical", "code-injection", ACTS, ACTS),
              claim("src/a.rs", 2, "1 / 0", "high", "division-by-zero", "Divides by zero")],
    "beta": [claim("src/a.rs", 2, "1 / 0", "high", "division-by-zero", "Divides by zero"),
             claim(B, 1, "loop {}", "low", "infinite-loop", "Never ends")],
}
for name, findings in said.items():
    with open(f"{sys.argv[1]}/{name}", "w") as out:
        out.write("#!/bin/sh\ncat >/dev/null\ncat <<'LLMUX_END'\n"
                  + json.dumps({"findings": findings}) + "\nLLMUX_END\n")
PY
    chmod +x "$work/alpha" "$work/beta"
    cat >"$work/config.toml" <<EOF
[backends.alpha]
command = "$work/alpha"
[backends.beta]
command = "$work/beta"
EOF
    (
        cd "$repo"
        env -i PATH=/usr/bin:/bin HOME="$work" LLMUX_CACHE_DIR="$work/cache" LC_ALL=C.UTF-8 \
            GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null \
            "$llmux" diff HEAD~1 --config "$work/config.toml" --backend alpha --backend beta \
            --threshold 1 --quiet --report "html=$keep/report.html"
    ) || code=$?
    [ "$code" = 15 ] || fail "the planted findings gave exit code $code, not 15"
}

# Drives Chromium by its own protocol over a pipe: no port, no package.
drive() {
    node - "$chromium" "$keep" "$work" <<'JS'
const { spawn } = require('child_process');
const assert = require('assert');
const fs = require('fs');
const [chromium, keep, work] = process.argv.slice(2);
const browser = spawn(chromium, ['--headless=new', '--no-sandbox', '--disable-gpu',
  '--disable-dev-shm-usage', '--no-first-run', '--hide-scrollbars', `--user-data-dir=${work}/chromium`,
  '--remote-debugging-pipe'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
let buffer = '', last = 0;
const waiting = new Map(), events = [];
browser.stdio[4].on('data', (data) => {
  buffer += data;
  for (let at; (at = buffer.indexOf('\0')) >= 0; buffer = buffer.slice(at + 1)) {
    const message = JSON.parse(buffer.slice(0, at));
    if (waiting.has(message.id)) waiting.get(message.id)(message);
    else events.push(message);
  }
});
const send = (method, params = {}, sessionId) => new Promise((done, failed) => {
  const id = ++last;
  waiting.set(id, (answer) => answer.error ? failed(new Error(`${method}: ${answer.error.message}`)) : done(answer.result));
  browser.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + '\0');
});
const limit = setTimeout(() => { console.error('Chromium did not answer'); browser.kill(); process.exit(1); }, 60_000);

async function main() {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const page = (method, params) => send(method, params, sessionId);
  const evaluate = async (expression) => {
    const answer = await page('Runtime.evaluate', { expression, returnByValue: true });
    assert(!answer.exceptionDetails, JSON.stringify(answer.exceptionDetails));
    return answer.result.value;
  };
  await page('Page.enable');
  await page('Runtime.enable');
  await page('Log.enable');
  await page('Network.enable');
  await page('Emulation.setDeviceMetricsOverride', { width: 1000, height: 1200, deviceScaleFactor: 1, mobile: false });
  const picture = async (name) => fs.writeFileSync(`${keep}/${name}.png`,
    Buffer.from((await page('Page.captureScreenshot', { captureBeyondViewport: true })).data, 'base64'));
  const open = async () => {
    events.length = 0;
    await page('Page.navigate', { url: `file://${keep}/report.html` });
    for (let i = 0; !events.some((event) => event.method === 'Page.loadEventFired'); i++) {
      assert(i < 200, 'the page does not load');
      await new Promise((done) => setTimeout(done, 50));
    }
  };
  const visible = () => evaluate(`[...document.querySelectorAll('article')].filter((it) => it.checkVisibility())
    .map((it) => it.querySelector('.badge').textContent + ' ' + it.querySelector('.place').textContent)`);
  const shown = () => evaluate(`(() => { const it = document.querySelector('.shown');
    const y = (node) => node.getBoundingClientRect().top;
    return [it.textContent, y(it) < y(document.querySelector('.list')), it.checkVisibility()]; })()`);
  const press = async (selector) => {
    const [x, y] = await evaluate(`(() => { const it = document.querySelector('${selector}');
      it.scrollIntoView({ block: 'center' }); const box = it.getBoundingClientRect();
      return [box.x + box.width / 2, box.y + box.height / 2]; })()`);
    for (const type of ['mousePressed', 'mouseReleased'])
      await page('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
  };
  // As a keyboard chooses: the first letters of an option.
  const choose = async (number, text) => {
    await evaluate(`document.querySelectorAll('select')[${number}].focus()`);
    for (const key of text) await page('Input.dispatchKeyEvent', { type: 'char', text: key });
  };

  const evil = 'src/<b onclick=alert(1)>.rs:1:10';
  const [one, two, low] = ['critical src/a.rs:1:12', 'high src/a.rs:2:12', `low ${evil}`];
  for (const scripts of [true, false]) {
    await page('Emulation.setScriptExecutionDisabled', { value: !scripts });
    await open();
    assert.deepStrictEqual(await visible(), [one, two, low]);
    assert.deepStrictEqual(await shown(), [' of 3 findings shown', true, true]);
    if (scripts) await picture('light');

    await press('#s-critical');
    assert.deepStrictEqual(await visible(), [two, low]);
    if (scripts) await picture('filtered');
    await press('#s-low');
    assert.deepStrictEqual(await visible(), [two]);
    await press('.filter button');
    assert.deepStrictEqual(await visible(), [one, two, low]);

    await choose(0, 'src/a');
    assert.deepStrictEqual(await visible(), [one, two]);
    await choose(1, 'beta');
    assert.deepStrictEqual(await visible(), [two]);
    await press('.filter button');
    await choose(1, 'alpha');
    assert.deepStrictEqual(await visible(), [one, two]);
    await press('.filter button');
    assert.deepStrictEqual(await visible(), [one, two, low]);
  }
  await page('Emulation.setScriptExecutionDisabled', { value: false });
  await page('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: 'dark' }] });
  await open();
  await picture('dark');
  const ground = await evaluate("getComputedStyle(document.body).backgroundColor");
  assert.strictEqual(ground, 'rgb(20, 24, 30)');

  // What a model wrote is text, and its words ran nothing.
  assert.strictEqual(await evaluate('document.title'), 'llmux review');
  assert.strictEqual(await evaluate("document.querySelectorAll('script, img, svg, [onclick], [onload]').length"), 0);
  assert.match(await evaluate("document.querySelector('h3').textContent"), /<script>document\.title='owned'/);
  // And if a tag came through, the page's policy would stop it.
  await evaluate(`document.body.insertAdjacentHTML('beforeend',
    '<img src=x onerror="document.title=1"><style>body{display:none}</style>');
    const script = document.createElement('script'); script.textContent = 'document.title = 2';
    document.body.append(script)`);
  await new Promise((done) => setTimeout(done, 300));
  assert.strictEqual(await evaluate('document.title'), 'llmux review');
  assert.notStrictEqual(await evaluate("getComputedStyle(document.body).display"), 'none');
  const loaded = events.filter((event) => event.method === 'Network.responseReceived');
  assert.strictEqual(loaded.length, 1, 'the page loads something');
}
main().then(() => { clearTimeout(limit); browser.kill(); },
  (error) => { console.error(error); browser.kill(); process.exit(1); });
JS
}

llmux=${LLMUX:-$root/target/debug/llmux}
[ -x "$llmux" ] || (cd "$root" && cargo build --quiet)
llmux=$(cd "$(dirname "$llmux")" && pwd)/$(basename "$llmux")
install_chromium
make_review
drive || fail 'the page does not do what it should'
for name in light dark filtered; do
    [ -s "$keep/$name.png" ] || fail "Chromium made no picture $name"
done
echo 'ok      report.html in Chromium: filters with and without scripts, hostile words are text'
