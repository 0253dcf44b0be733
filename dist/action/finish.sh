#!/usr/bin/env bash
# The last step: fails as llmux' exit code says, after everything was shown.
#
# Inputs: EXIT_CODE, VERDICT, BLOCKING, POSTED (empty where nothing was to be posted).
set -euo pipefail
# shellcheck source=dist/action/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[[ $EXIT_CODE =~ ^[0-9]{1,3}$ ]] || {
    annotate error 'the run left no exit code'
    exit 1
}
case $VERDICT in
    pass) ;;
    blocked) annotate error "blocked: $BLOCKING findings at or above the limit (exit code $EXIT_CODE)" ;;
    incomplete)
        if [ "$EXIT_CODE" = 0 ]; then
            annotate warning 'incomplete, and let pass as was wished'
        else
            annotate error "incomplete: not everything was read by enough models (exit code $EXIT_CODE)"
        fi
        ;;
    *) annotate error "llmux gave no verdict (exit code $EXIT_CODE): the log above says why" ;;
esac
if [ "$EXIT_CODE" = 0 ] && [ "$POSTED" = false ]; then
    exit 1
fi
exit "$EXIT_CODE"
