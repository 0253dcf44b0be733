#!/usr/bin/env bash
# Opens the page of `llmux stats` in a real Chromium, light and dark, wide and narrow, and
# holds the counters against promtool.
#
#   tests/stats-html.sh        a made store
#   tests/stats-html.sh DIR    the same; the store, page, pictures and counters are kept in DIR
#
# promtool is kept in ${CONFORMANCE_DIR:-target/conformance}; Chromium is installed where it is
# missing. LLMUX names the program; target/debug/llmux is built where it is absent.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${CONFORMANCE_DIR:-$root/target/conformance}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
keep=${1:-$work}
mkdir -p "$keep"
keep=$(cd "$keep" && pwd)

fail() {
    printf 'stats-html: %s\n' "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_tools() {
    chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
    if [ -z "$chromium" ]; then
        as_root apt-get update -qq
        as_root apt-get install -y -qq --no-install-recommends chromium >/dev/null
        chromium=$(command -v chromium)
    fi
    promtool=$(command -v promtool || true)
    [ -n "$promtool" ] || promtool=$cache/prometheus/usr/bin/promtool
    if [ ! -x "$promtool" ]; then
        # Unpacked and not installed: the package would start a server and bring libraries for it.
        as_root apt-get update -qq
        (cd "$work" && apt-get -o APT::Sandbox::User=root download -qq prometheus)
        dpkg-deb -x "$work"/prometheus_*.deb "$cache/prometheus"
        rm -f "$cache/prometheus/usr/bin/prometheus"
    fi
}

# Runs llmux with no key, no network and no settings.
stats() {
    (
        cd "$work/project"
        env -i PATH=/usr/bin:/bin HOME="$work" LLMUX_CACHE_DIR="$keep" LC_ALL=C.UTF-8 \
            GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null \
            "$llmux" stats --project p --since 2026-11-01 --until 2026-11-24 "$@"
    )
}

# A store with 24 days of four backends, one of whose names is hostile.
fill_store() {
    python3 - "$keep/llmux.db" <<'PY'
import random, sqlite3, sys
random.seed(5)
db = sqlite3.connect(sys.argv[1])
DAY = 86_400_000
START = 1_793_491_200_000  # 2026-11-01
backends = {"claude": 4200, "codex": 2600, "gemini <b>&\"'": 1900, "local": 900}
for day in range(24):
    if day % 7 == 6:
        continue
    run, at = f"r{day}", START + day * DAY + 3_600_000
    status = "partial" if day % 9 == 4 else "success"
    db.execute("INSERT INTO runs VALUES (?,?,'p','diff',?,'t','a','b',?,?,?,'o',?,'pass',NULL)",
               (run, run, ["core", "", "web"][day % 3], at, at + 60_000, at, status))
    for backend, pace in backends.items():
        for call in range(12):
            outcome = random.choices(["answered", "abstained", "refused", "failed"], [90, 4, 2, 4])[0]
            taped = 1 if random.random() < 0.2 else 0
            tokens = random.randint(2_000, 40_000)
            cost = None if backend == "local" else tokens * pace // 2
            db.execute("INSERT INTO calls VALUES (?,?,NULL,?,'m',?,?,?,?,?,?,?,?,?,?,?,'')",
                       (run, f"{backend}{call}", backend, ["bugs", "security", "bugs+security"][call % 3],
                        ["core", "", "web"][day % 3], f"2026-11-{day + 1:02}", at, outcome, taped, tokens,
                        tokens // 3, tokens // 20, cost, int(random.lognormvariate(0, 0.6) * pace)))
    for finding in range(5):
        # Some are seen by two runs.
        name = f"f{day * 4 + finding}"
        standing = random.choices(["confirmed", "unconfirmed", "refuted", "suppressed"], [5, 3, 2, 1])[0]
        db.execute("INSERT INTO findings VALUES (?,?,?,'a.rs',1,'high','bug','r','t','[]')", (run, name, standing))
        for backend in random.sample(sorted(backends), random.randint(1, 3)):
            db.execute("INSERT INTO claims VALUES (?,?,?,?,'bugs','high')", (run, name, backend, backend))
        if random.random() < 0.4:
            db.execute("INSERT OR REPLACE INTO feedback VALUES ('p',?,?,'','user','a',?)",
                       (name, int(random.random() < 0.7), at))
db.execute("INSERT INTO ledger SELECT 'backend/p/' || backend, day, sum(nano_usd), 0 FROM calls"
           " WHERE nano_usd IS NOT NULL AND taped = 0 GROUP BY backend, day")
db.execute("INSERT INTO reservations VALUES ('x','r3','claude',250000000,'[]',?)", (START + 3 * DAY,))
db.commit()
PY
}

# A picture of the page: $1.png, $2 by $3 pixels, with further options. What the page says to the
# console is an error.
photograph() {
    local name=$1 width=$2 height=$3
    shift 3
    rm -f "$keep/$name.png"
    timeout 60 "$chromium" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --no-first-run --hide-scrollbars --user-data-dir="$work/chromium" \
        --enable-logging=stderr --window-size="$width,$height" --screenshot="$keep/$name.png" \
        "$@" "file://$keep/stats.html" >"$work/$name.log" 2>&1 ||
        fail "Chromium failed: $(tail -n 5 "$work/$name.log")"
    ! grep ':CONSOLE' "$work/$name.log" || fail "the page says so to the console"
    [ -s "$keep/$name.png" ] || fail "Chromium made no picture"
}

# Each colour of a series fills some of the picture: no chart is empty.
check_colours() {
    python3 - "$keep/$1.png" "${@:2}" <<'PY' || fail "the picture $1 lacks what should be drawn"
import struct, sys, zlib

data = open(sys.argv[1], "rb").read()
at, body, head = 8, b"", None
while at < len(data):
    (size,), kind = struct.unpack(">I", data[at:at + 4]), data[at + 4:at + 8]
    chunk = data[at + 8:at + 8 + size]
    if kind == b"IHDR":
        head = struct.unpack(">IIBBBBB", chunk)
    elif kind == b"IDAT":
        body += chunk
    at += size + 12
width, height, depth, colour = head[:4]
assert depth == 8 and colour in (2, 6), head
pixel = 3 if colour == 2 else 4
raw, stride = zlib.decompress(body), width * pixel
counts, before = {}, bytearray(stride)
for y in range(height):
    filter_ = raw[y * (stride + 1)]
    line = bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
    for x in range(stride):
        a = line[x - pixel] if x >= pixel else 0
        b, c = before[x], before[x - pixel] if x >= pixel else 0
        if filter_ == 1:
            line[x] = (line[x] + a) & 255
        elif filter_ == 2:
            line[x] = (line[x] + b) & 255
        elif filter_ == 3:
            line[x] = (line[x] + (a + b) // 2) & 255
        elif filter_ == 4:
            p = a + b - c
            near = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line[x] = (line[x] + near) & 255
    before = line
    for x in range(0, stride, pixel):
        rgb = bytes(line[x:x + 3])
        counts[rgb] = counts.get(rgb, 0) + 1
bad = 0
for wanted in sys.argv[2:]:
    found = counts.get(bytes.fromhex(wanted), 0)
    # Its mark in the legend alone has about 130.
    if found < 400:
        print(f"  {wanted}: {found} pixels")
        bad = 1
sys.exit(bad)
PY
}

# Three charts with bars of some size, and every row of the tables.
check_dom() {
    timeout 60 "$chromium" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --no-first-run --user-data-dir="$work/chromium" --dump-dom "file://$keep/stats.html" \
        >"$work/dom.html" 2>/dev/null || fail "Chromium cannot read the page"
    python3 - "$work/dom.html" <<'PY' || fail "the page as Chromium reads it is not what was meant"
import re, sys
dom = open(sys.argv[1]).read()
charts = dict(re.findall(r'<svg id="(\w+)"(.*?)</svg>', dom, re.S))
assert set(charts) == {"cost", "latency", "findings"}, charts.keys()
for name, chart in charts.items():
    bars = re.findall(r'<rect class="c\d" [^>]*width="([\d.]+)" height="([\d.]+)"', chart)
    assert len(bars) >= 8, (name, bars)
    assert all(float(w) > 0 and float(h) > 0 for w, h in bars), (name, bars)
    assert f'id="{name}-title"' in chart and f'id="{name}-desc"' in chart, name
assert dom.count("<table>") == 8, dom.count("<table>")
assert "gemini &lt;b&gt;&amp;\"'" in dom and "<b>" not in dom
assert not re.search(r"<script|https?://|NaN|inf\b", dom)
PY
}

llmux=${LLMUX:-$root/target/debug/llmux}
[ -x "$llmux" ] || (cd "$root" && cargo build --quiet)
llmux=$(cd "$(dirname "$llmux")" && pwd)/$(basename "$llmux")
mkdir -p "$work/project"
rm -f "$keep"/llmux.db*

install_tools
stats >"$work/empty" # makes the store
grep -q 'holds no' "$work/empty" || fail "an empty store does not say so"
fill_store
stats --format html --output "$keep/stats.html"
stats --prometheus "$keep/llmux.prom"

check_dom
light=(1f5fbf c2571a 2a7d4f b0366a)
dark=(7fb0ff f0a06a 74cf9b f08fb8)
photograph light 900 1400
check_colours light "${light[@]}"
photograph dark 900 1400 --force-dark-mode --blink-settings=preferredColorScheme=0
check_colours dark "${dark[@]}" 14181e
photograph narrow 400 1200
check_colours narrow "${light[@]}"
echo 'ok      stats.html in Chromium: light, dark, narrow'

"$promtool" check metrics <"$keep/llmux.prom" || fail "promtool refuses the counters"
echo 'ok      llmux.prom by promtool'
