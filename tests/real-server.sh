#!/usr/bin/env bash
# Reviews a change with llama.cpp's server over a model of random weights, made on the spot,
# in each dialect that the server speaks. Not part of `cargo test`: it installs the server.
#
#   tests/real-server.sh
#   DIALECTS='openai anthropic' tests/real-server.sh
#
# The server is kept in ${REAL_SERVER_DIR:-target/real-server}; nothing is installed elsewhere.
# LLMUX names llmux' program; target/debug/llmux is built where it is absent.
set -euo pipefail

XLLAMACPP_VERSION=${XLLAMACPP_VERSION:-2026.10.11549}
GGUF_VERSION=${GGUF_VERSION:-0.19.0}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${REAL_SERVER_DIR:-$root/target/real-server}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

stamp="$XLLAMACPP_VERSION $GGUF_VERSION"
if [ "$(cat "$cache/versions" 2>/dev/null)" != "$stamp" ]; then
    python3 -m venv "$cache/venv"
    "$cache/venv/bin/pip" install --quiet --disable-pip-version-check \
        "xllamacpp==$XLLAMACPP_VERSION" "gguf==$GGUF_VERSION"
    printf '%s' "$stamp" >"$cache/versions"
fi
if [ -z "${LLMUX:-}" ]; then
    (cd "$root" && cargo build --quiet --bin llmux)
    LLMUX=${CARGO_TARGET_DIR:-$root/target}/debug/llmux
fi
exec python3 -B "$root/tests/real/server.py" "$(realpath "$LLMUX")" "$cache/venv/bin/python"
