#!/usr/bin/env bash
# Step 5: runs llmux and notes how it ended. Never fails by the verdict: later steps show and post
# first, the last one fails. It is given no token.
#
# Inputs: PROGRAM, COMMAND, FOLDER (of this use), RUN_IN, RANGE, LLMUX_CACHE_DIR, INPUT_….
# Outputs: exit-code, verdict, findings, blocking, cost, calls, and the files written: sarif-file,
# report-file, part-file, summary-file, annotations-file; each only where it is there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=dist/action/common.sh
. "$here/common.sh"

# Where relative paths of the inputs begin.
start=$(absolute "$GITHUB_WORKSPACE" "${INPUT_WORKING_DIRECTORY:-.}")
sarif=$FOLDER/llmux.sarif
report=$FOLDER/llmux.json
summary=$FOLDER/summary.md
annotations=$FOLDER/annotations.txt
part=$FOLDER/llmux.part
[ -z "$INPUT_PART" ] || part=$(absolute "$start" "$INPUT_PART")

# A review is what `diff` makes of the pull request's range, and is posted by a later step.
command=${COMMAND:?}
[ "$command" != review ] || command='diff'
# Each value in one argument with its option: one that begins with a dash is no option of its own.
arguments=("$command")
option() {
    [ -z "$2" ] || arguments+=("$1=$2")
}
option --fail-on "$INPUT_FAIL_ON"
option --threshold "$INPUT_THRESHOLD"
arguments+=("--report=json=$report" "--report=sarif=$sarif" "--report=markdown=$summary"
    "--report=github=$annotations")
split_lines "$INPUT_REPORTS"
for line in ${lines[@]+"${lines[@]}"}; do
    case $line in
        *=*)
            path=$(absolute "$start" "${line#*=}")
            mkdir -p -- "$(dirname "$path")"
            arguments+=("--report=${line%%=*}=$path")
            ;;
        *) refuse 'each line of the input reports must look like FORMAT=PATH' ;;
    esac
done
option --budget "$INPUT_BUDGET"
option --config "$INPUT_CONFIG"
arguments+=("--part=$part")
if [ "$command" != merge ]; then
    option --shard "$INPUT_SHARD"
    split_lines "${INPUT_BACKENDS//,/$'\n'}"
    for line in ${lines[@]+"${lines[@]}"}; do
        arguments+=("--backend=$line")
    done
fi
split_lines "$INPUT_ARGS"
arguments+=(${lines[@]+"${lines[@]}"})

case $command in
    diff) [ -z "$RANGE" ] || arguments+=(-- "$RANGE") ;;
    hunt | audit)
        split_lines "$INPUT_PATHS"
        [ ${#lines[@]} = 0 ] || arguments+=(-- "${lines[@]}")
        ;;
    merge)
        split_lines "$INPUT_FROM"
        parts=()
        shopt -s nullglob
        for line in "${lines[@]}"; do
            pattern=$(absolute "$start" "$line")
            # Globs are expanded, spaces divide nothing.
            IFS=''
            # shellcheck disable=SC2206
            parts+=($pattern)
            unset IFS
        done
        [ ${#parts[@]} -gt 0 ] || refuse 'no file is there as the input from says'
        arguments+=(-- "${parts[@]}")
        ;;
esac

# A token in the job's environment is nobody's business here, nor are the files by which a step
# steers the job.
unset GITHUB_TOKEN GH_TOKEN GITLAB_TOKEN
steer=$GITHUB_OUTPUT
code=0
(
    unset GITHUB_OUTPUT GITHUB_ENV GITHUB_PATH GITHUB_STATE GITHUB_STEP_SUMMARY
    cd "$RUN_IN"
    exec "$PROGRAM" "${arguments[@]}" </dev/null
) || code=$?
GITHUB_OUTPUT=$steer

verdict='' findings='' blocking='' cost='' calls='' allowed=''
if [ -s "$report" ]; then
    while IFS='=' read -r name value; do
        case $name in
            verdict | findings | blocking | cost | calls | allowed) printf -v "$name" %s "$value" ;;
        esac
    done < <(awk -f "$here/report.awk" "$report")
fi
# A verdict that is not there, or says otherwise than the exit code, is no pass.
case $code:$verdict:$allowed in
    0:pass:* | 0:incomplete:true | 3:incomplete:* | 1[1-5]:blocked:*) ;;
    130:* | 143:*) : "${verdict:=incomplete}" ;;
    *)
        verdict=error
        [ "$code" != 0 ] || code=1
        ;;
esac

note_file() {
    [ ! -s "$2" ] || output "$1" "$2"
}
output exit-code "$code"
output verdict "$verdict"
output findings "$findings"
output blocking "$blocking"
output cost "$cost"
output calls "$calls"
note_file report-file "$report"
note_file sarif-file "$sarif"
note_file summary-file "$summary"
note_file annotations-file "$annotations"
note_file part-file "$part"
