#!/usr/bin/env bash
# Step 3: brings the commits that the event names, where the checkout does not have them. Nothing of
# the change is checked out: llmux reads it from git's objects, and its settings from the commit that
# the change starts from.
#
# No model runs in this step, which is why it may have a token: it is used where commits are missing.
#
# Inputs: COMMAND, EVENT_NAME, BASE_SHA, HEAD_SHA, FETCH_TOKEN, INPUT_RANGE, INPUT_WORKING_DIRECTORY.
# Outputs: folder (where to run), range (for `diff`; empty where llmux is to choose).
set -euo pipefail
# shellcheck source=dist/action/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

start=$(absolute "$GITHUB_WORKSPACE" "${INPUT_WORKING_DIRECTORY:-.}")
finish() {
    output folder "$1"
    output range "$2"
    exit 0
}

if [ "$COMMAND" = merge ]; then
    [ -d "$start" ] || start=$(absolute / "$GITHUB_WORKSPACE")
    finish "$start" ''
fi
[ -d "$start" ] || refuse 'there is no folder as working-directory says: is the repository checked out?'

# In a container the checkout belongs to somebody else. Hooks and the like are not needed.
export GIT_TERMINAL_PROMPT=0
run_git() {
    git -C "$start" -c safe.directory='*' -c core.hooksPath=/dev/null -c core.fsmonitor=false "$@"
}
run_git rev-parse --git-dir >/dev/null 2>&1 ||
    refuse 'this is no git repository: use actions/checkout before this action'

# Of a request to merge every command needs the base, for its settings.
case $EVENT_NAME:$COMMAND in
    pull_request:* | pull_request_target:* | merge_group:*) dots=... is_request=true ;;
    push:diff) dots=.. is_request=false ;;
    *) finish "$start" "$INPUT_RANGE" ;;
esac
[ "$is_request" = true ] || [ -z "$INPUT_RANGE" ] || finish "$start" "$INPUT_RANGE"

is_commit() {
    [[ $1 =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]]
}
# `before` of a branch that is new is all zeros.
if ! is_commit "$BASE_SHA" || ! is_commit "$HEAD_SHA" || [[ $BASE_SHA =~ ^0+$ ]]; then
    [ "$is_request" = false ] || refuse 'the event names no base and head commit'
    finish "$start" ''
fi

# On `pull_request_target` the settings come from the commit that the job runs on.
wanted=("$BASE_SHA" "$HEAD_SHA")
[ "$EVENT_NAME" != pull_request_target ] || wanted+=("$GITHUB_SHA")
is_there() {
    local commit
    for commit in "${wanted[@]}"; do
        run_git cat-file -e "$commit^{commit}" 2>/dev/null || return 1
    done
    [ $dots = .. ] || run_git merge-base "$BASE_SHA" "$HEAD_SHA" >/dev/null 2>&1
}

# The credential goes in through the environment, not as an argument that others see. The empty
# value first takes away one that a checkout left behind: two are refused.
authorize() {
    local header
    [ -n "$FETCH_TOKEN" ] || return 0
    header=$(printf 'x-access-token:%s' "$FETCH_TOKEN" | base64 | tr -d '\n')
    printf '::add-mask::%s\n' "$header"
    export GIT_CONFIG_COUNT=2
    export GIT_CONFIG_KEY_0="http.$GITHUB_SERVER_URL/.extraheader" GIT_CONFIG_VALUE_0=
    export GIT_CONFIG_KEY_1="http.$GITHUB_SERVER_URL/.extraheader"
    export GIT_CONFIG_VALUE_1="AUTHORIZATION: basic $header"
}

fetch() {
    run_git fetch --quiet --no-tags --no-recurse-submodules --no-write-fetch-head --no-auto-maintenance \
        "$@" "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY" "${wanted[@]}"
}

if ! is_there; then
    authorize
    if [ "$(run_git rev-parse --is-shallow-repository)" = true ]; then
        # As little of the history as holds the commit where both part.
        for depth in --depth=100 --depth=1000 --unshallow; do
            fetch "$depth" || break
            ! is_there || break
        done
    else
        fetch || true
    fi
    unset GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0 GIT_CONFIG_KEY_1 GIT_CONFIG_VALUE_1
fi
if ! is_there; then
    if [ "$is_request" = false ]; then
        # After a forced push the old commit may be gone.
        annotate notice 'the commit before this push is not to be had: llmux chooses what to compare with'
        finish "$start" ''
    fi
    refuse 'the commits of this change are not in the checkout and cannot be fetched: give actions/checkout fetch-depth: 0'
fi
finish "$start" "${INPUT_RANGE:-$BASE_SHA$dots$HEAD_SHA}"
