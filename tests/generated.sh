#!/usr/bin/env bash
# Holds what llmux writes about itself against those who read it: manual pages against mandoc and
# groff, completions against their shells, the configuration's schema against its metaschema and
# against taplo, which editors run. What of mandoc, zsh and fish is missing is installed.
#
#   tests/generated.sh
#
# CONFORMANCE_DIR (target/conformance) keeps taplo and check-jsonschema; LLMUX names the program.
set -euo pipefail

TAPLO_VERSION=0.7.0
JSONSCHEMA_VERSION=0.39.0

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${CONFORMANCE_DIR:-$root/target/conformance}
llmux=${LLMUX:-$root/target/debug/llmux}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    printf 'generated: %s\n' "$*" >&2
    exit 1
}

install_readers() {
    local missing=() program
    for program in mandoc zsh fish groff; do
        command -v "$program" >/dev/null || missing+=("$program")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        local sudo=()
        [ "$(id -u)" = 0 ] || sudo=(sudo)
        "${sudo[@]}" apt-get update -qq
        "${sudo[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null
    fi
    check_jsonschema=$cache/venv/bin/check-jsonschema
    if [ ! -x "$check_jsonschema" ]; then
        python3 -m venv "$cache/venv"
        "$cache/venv/bin/pip" install --quiet --disable-pip-version-check \
            "check-jsonschema==$JSONSCHEMA_VERSION"
    fi
    taplo=$cache/taplo/node_modules/.bin/taplo
    if [ "$(cat "$cache/taplo/version" 2>/dev/null)" != "$TAPLO_VERSION" ]; then
        npm install --prefix "$cache/taplo" --no-save --no-audit --no-fund --ignore-scripts --silent \
            "@taplo/cli@$TAPLO_VERSION"
        printf '%s' "$TAPLO_VERSION" >"$cache/taplo/version"
    fi
}

check_pages() {
    local page pages=0 said
    "$llmux" man --out "$work/man"
    for page in "$work"/man/*.1; do
        pages=$((pages + 1))
        mandoc -Tlint -Werror "$page" || fail "mandoc refuses ${page##*/}"
        said=$(groff -man -Tutf8 -Kutf8 -ww "$page" 2>&1 >/dev/null)
        [ -z "$said" ] || fail "groff about ${page##*/}: $said"
    done
    [ $pages -gt 20 ] || fail "only $pages manual pages"
    # What a reader sees: the table of exit codes keeps its lines.
    mandoc -Tutf8 "$work/man/llmux.1" | grep -Eq '^ +2 +usage or configuration$' \
        || fail 'llmux.1 has no table of exit codes'
    printf 'ok      %d manual pages\n' $pages
}

check_completions() {
    local shell
    for shell in bash zsh fish; do
        "$llmux" completions $shell >"$work/llmux.$shell"
        $shell -n "$work/llmux.$shell" || fail "$shell cannot read its completions"
    done
    # A real completion: what bash offers after `llmux diff --all`.
    local offered
    offered=$(bash -c '
        source "$1"
        COMP_WORDS=(llmux diff --all) COMP_CWORD=2
        _llmux llmux --all diff
        printf "%s" "${COMPREPLY[*]}"' bash "$work/llmux.bash")
    [ "$offered" = --allow-incomplete ] || fail "bash offers '$offered' for --all"
    offered=$(fish -c "source $work/llmux.fish; complete -C 'llmux diff --all'" | cut -f1)
    [ "$offered" = --allow-incomplete ] || fail "fish offers '$offered' for --all"
    printf 'ok      completions\n'
}

check_schema() {
    "$llmux" config schema >"$work/llmux.schema.json"
    "$check_jsonschema" --check-metaschema "$work/llmux.schema.json" >"$work/log" \
        || { cat "$work/log"; fail 'the schema is none'; }
    cp "$root/src/config/default.toml" "$work/default.toml"
    "$check_jsonschema" --schemafile "$work/llmux.schema.json" "$work/default.toml" >"$work/log" \
        || { cat "$work/log"; fail 'the schema refuses the defaults'; }
    cat >"$work/good.toml" <<'TOML'
[gate]
fail_on = "medium"
[run]
timeout = "1h 30m"
[backends.mine]
base_url = "http://localhost:8080/v1"
api_key = "${MY_KEY}"
TOML
    printf '[gate]\nfail_onn = "high"\n' >"$work/unknown.toml"
    printf '[run]\ntimeout = true\n' >"$work/kind.toml"
    local file
    lint() { "$taplo" lint --schema "file://$work/llmux.schema.json" "$work/$1.toml" >"$work/log" 2>&1; }
    for file in default good; do
        lint $file || { cat "$work/log"; fail "taplo refuses $file.toml"; }
    done
    for file in unknown kind; do
        ! lint $file || fail "taplo takes $file.toml"
        grep -q 'schema validation failed' "$work/log" || { cat "$work/log"; fail "$file.toml"; }
    done
    printf 'ok      schema\n'
}

[ -x "$llmux" ] || (cd "$root" && cargo build --quiet --locked)
install_readers
check_pages
check_completions
check_schema
