#!/usr/bin/env bash
# Step 10: posts to the pull request from the part file. This step has the token and no model: what
# else the job's environment holds is taken away.
#
# Inputs: PROGRAM, PART, POST, POST_TOKEN, RUN_IN, INPUT_FAIL_ON, INPUT_THRESHOLD, and what GitHub
# sets. Outputs: posted (true, false).
set -euo pipefail
# shellcheck source=dist/action/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

if [ -z "$PART" ]; then
    annotate error 'nothing is posted: the run left no part file to post from'
    output posted false
    exit 0
fi
arguments=(review "--from=$PART" "--post=$POST" --format=json)
[ -z "$INPUT_FAIL_ON" ] || arguments+=("--fail-on=$INPUT_FAIL_ON")
[ -z "$INPUT_THRESHOLD" ] || arguments+=("--threshold=$INPUT_THRESHOLD")
export GITHUB_TOKEN=$POST_TOKEN
code=0
cd "$RUN_IN"
with_bare_environment GITHUB_TOKEN GITHUB_EVENT_NAME GITHUB_EVENT_PATH GITHUB_REPOSITORY \
    GITHUB_API_URL GITHUB_SERVER_URL GITHUB_GRAPHQL_URL GITHUB_RUN_ID GITHUB_RUN_ATTEMPT \
    GITHUB_SHA GITHUB_REF GITHUB_WORKFLOW LLMUX_CACHE_DIR -- \
    "$PROGRAM" "${arguments[@]}" </dev/null >/dev/null || code=$?
case $code in
    # It was posted; the code is the verdict.
    0 | 3 | 1[1-5]) output posted true ;;
    *)
        annotate error "posting to the pull request failed (exit code $code)"
        output posted false
        ;;
esac
