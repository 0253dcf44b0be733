#!/usr/bin/env bash
# Steps 7 and 8: the step's summary, then the annotations, which the runner reads from standard
# output. llmux has cleaned and counted both.
#
# Inputs: SUMMARY, ANNOTATIONS: files; nothing where there is none.
set -euo pipefail
[ -z "$SUMMARY" ] || cat "$SUMMARY" >>"$GITHUB_STEP_SUMMARY"
[ -z "$ANNOTATIONS" ] || cat "$ANNOTATIONS"
