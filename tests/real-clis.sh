#!/usr/bin/env bash
# Reviews a change with the real agent CLIs: claude, codex and gemini from npm, with dummy
# keys, a scrubbed environment and a stub of their vendors' APIs on loopback; opencode and
# copilot briefly. Not part of `cargo test`: it installs some 1.4 GB.
#
#   tests/real-clis.sh                 every scene
#   SCENES='everyone_finds_it' tests/real-clis.sh
#
# The programs are kept in ${REAL_CLIS_DIR:-target/real-clis}; nothing is installed elsewhere.
# LLMUX names llmux' program; target/debug/llmux is built where it is absent.
# CLAUDE_VERSION and so on choose other versions than those below.
set -euo pipefail

CLAUDE_VERSION=${CLAUDE_VERSION:-2.1.329}
CODEX_VERSION=${CODEX_VERSION:-0.169.0}
GEMINI_VERSION=${GEMINI_VERSION:-0.61.0}
OPENCODE_VERSION=${OPENCODE_VERSION:-1.18.33}
COPILOT_VERSION=${COPILOT_VERSION:-1.0.102}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${REAL_CLIS_DIR:-$root/target/real-clis}

fail() {
    printf 'real-clis: %s\n' "$*" >&2
    exit 1
}

install_agents() {
    local packages stamp
    packages=(
        "@anthropic-ai/claude-code@$CLAUDE_VERSION"
        "@openai/codex@$CODEX_VERSION"
        "@google/gemini-cli@$GEMINI_VERSION"
        "opencode-ai@$OPENCODE_VERSION"
        "@github/copilot@$COPILOT_VERSION"
    )
    stamp=${packages[*]}
    [ "$(cat "$cache/versions" 2>/dev/null)" = "$stamp" ] && return
    npm install --prefix "$cache" --no-save --no-audit --no-fund --loglevel=error "${packages[@]}"
    printf '%s' "$stamp" >"$cache/versions"
}

for program in node npm python3 git; do
    command -v "$program" >/dev/null || fail "$program is missing"
done
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
install_agents
if [ -z "${LLMUX:-}" ]; then
    (cd "$root" && cargo build --quiet --bin llmux)
    LLMUX=${CARGO_TARGET_DIR:-$root/target}/debug/llmux
fi
NODE=$(command -v node)
export NODE
exec python3 -B "$root/tests/real/clis.py" "$(realpath "$LLMUX")" "$cache/node_modules/.bin"
