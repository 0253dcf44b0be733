#!/usr/bin/env bash
# Step 1: checks the inputs, so that a wrong one is told before anything is installed or paid, and
# makes the folder of this use of the action.
#
# Inputs: all of action.yml as INPUT_…; EVENT_NAME, PULL_REQUEST, HEAD_REPOSITORY, HEAD_SHA.
# Outputs: command, folder, post, cache-folder, cache-key, cache-prefix, sarif-ref, sarif-sha.
set -euo pipefail
# shellcheck source=dist/action/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The name stands in the message, the value never: it may be a stranger's.
one_line() {
    case $2 in
        *$'\n'* | *$'\r'*) refuse "the input \`$1\` must be one line" ;;
    esac
}

one_of() {
    local name=$1 value=$2 word
    shift 2
    for word in "$@"; do
        [ "$value" != "$word" ] || return 0
    done
    refuse "the input \`$name\` must be one of: $*"
}

one_line version "$INPUT_VERSION"
one_line command "$INPUT_COMMAND"
one_line range "$INPUT_RANGE"
one_line config "$INPUT_CONFIG"
one_line fail-on "$INPUT_FAIL_ON"
one_line threshold "$INPUT_THRESHOLD"
one_line budget "$INPUT_BUDGET"
one_line working-directory "$INPUT_WORKING_DIRECTORY"
one_line part "$INPUT_PART"
one_line shard "$INPUT_SHARD"
one_of comment "$INPUT_COMMENT" none summary review
one_of upload-sarif "$INPUT_UPLOAD_SARIF" true false
one_of cache "$INPUT_CACHE" true false

command=$INPUT_COMMAND
if [ -z "$command" ]; then
    if [ -n "$INPUT_FROM" ]; then
        command=merge
    elif [ -n "$INPUT_RANGE" ]; then
        command='diff'
    else
        case $EVENT_NAME in
            pull_request | pull_request_target) command=review ;;
            *) command='diff' ;;
        esac
    fi
fi
one_of command "$command" review diff hunt audit merge
if [ "$command" = merge ] && [ -z "$INPUT_FROM" ]; then
    refuse 'the command merge needs the input from: the part files of other jobs'
fi
if [ "$command" != merge ] && [ -n "$INPUT_FROM" ]; then
    refuse 'the input from goes with the command merge alone: no model is asked'
fi
if [ "$command" != diff ] && [ -n "$INPUT_RANGE" ]; then
    refuse 'the input range goes with the command diff alone'
fi
case $command:$EVENT_NAME in
    review:pull_request | review:pull_request_target) ;;
    review:*) refuse 'the command review is for the events pull_request and pull_request_target' ;;
esac
case $command in
    hunt | audit) ;;
    *) [ -z "$INPUT_PATHS" ] || refuse 'the input paths goes with the commands hunt and audit alone' ;;
esac
if [ -n "$INPUT_SHARD" ]; then
    [[ $INPUT_SHARD =~ ^[1-9][0-9]*/[1-9][0-9]*$ ]] || refuse 'the input shard must look like 2/4'
    [ -n "$INPUT_PART" ] || refuse 'the input shard needs part: the file that the job which merges reads'
    [ "$INPUT_COMMENT" = none ] || refuse 'a shard is no whole review: post from the job that merges'
fi

post=$INPUT_COMMENT
if [ "$post" != none ] && [ -z "$PULL_REQUEST" ]; then
    annotate notice "nothing is posted: the event $EVENT_NAME is about no pull request"
    post=none
fi

temp=$(absolute / "$RUNNER_TEMP")
folder=$(mktemp -d "$temp/llmux.XXXXXX")

# Answers are known by what was asked, so any earlier store is of use; the newest one that was made
# by the same settings fits best. Each job writes one of its own: caches are never overwritten.
kind=$(printf '%s\0' "$command" "$INPUT_WORKING_DIRECTORY" "$INPUT_CONFIG" "$INPUT_BACKENDS" "$INPUT_SHARD" |
    cksum | tr -d -c 0-9)
prefix=llmux-1-$RUNNER_OS-$RUNNER_ARCH-
output command "$command"
output folder "$folder"
output post "$post"
output cache-folder "${LLMUX_CACHE_DIR:-$temp/llmux-store}"
output cache-key "$prefix$kind-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT-${folder##*.}"
output cache-prefix "$prefix"
output cache-kind "$prefix$kind-"

# Code scanning shows a finding where the reported line is the line of the commit: the head of the
# pull request, not GitHub's trial merge. Only a run with a fork's token may not name it.
case $EVENT_NAME in
    pull_request) [ "$HEAD_REPOSITORY" = "$GITHUB_REPOSITORY" ] && names_head=true || names_head=false ;;
    pull_request_target) names_head=true ;;
    *) names_head=false ;;
esac
if $names_head && [ -n "$PULL_REQUEST" ] && [ -n "$HEAD_SHA" ]; then
    output sarif-ref "refs/pull/$PULL_REQUEST/head"
    output sarif-sha "$HEAD_SHA"
fi
