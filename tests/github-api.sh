#!/usr/bin/env bash
# Holds what `llmux review` asks of GitHub against GitHub's own descriptions: the REST requests
# against its OpenAPI description, which prism serves, the GraphQL requests against its schema.
# A pull request is reviewed three times by the real program, with comments on single lines and
# on several, suggestions, a fixed finding and a folded review; see github-api.mjs.
#
#   tests/github-api.sh
#
# The packages are kept in ${CONFORMANCE_DIR:-target/conformance}/github-api (470 MB).
# LLMUX names the program; target/debug/llmux is built where it is absent.
set -euo pipefail

PRISM_VERSION=5.16.0
OPENAPI_VERSION=23.0.2
SCHEMA_VERSION=15.26.1
GRAPHQL_VERSION=16.15.0

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${CONFORMANCE_DIR:-$root/target/conformance}/github-api
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
work=$(mktemp -d)
servers=()
end() {
    local pid
    for pid in "${servers[@]}"; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap end EXIT

fail() {
    printf 'github-api: %s\n' "$*" >&2
    exit 1
}

install_packages() {
    local stamp="$PRISM_VERSION $OPENAPI_VERSION $SCHEMA_VERSION $GRAPHQL_VERSION"
    if [ "$(cat "$cache/versions" 2>/dev/null)" != "$stamp" ]; then
        npm install --prefix "$cache" --no-save --no-audit --no-fund --ignore-scripts --silent \
            "@stoplight/prism-cli@$PRISM_VERSION" "@octokit/openapi@$OPENAPI_VERSION" \
            "@octokit/graphql-schema@$SCHEMA_VERSION" "graphql@$GRAPHQL_VERSION"
        printf '%s' "$stamp" >"$cache/versions"
    fi
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Waits until something listens at port $1.
await_port() {
    local _
    for _ in $(seq 1 600); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
        sleep 0.2
    done
    fail "nothing listens at port $1"
}

start_servers() {
    local modules=$cache/node_modules prism_port
    prism_port=$(free_port)
    # Reading a description of 13 MB takes about 20 seconds.
    node "$modules/.bin/prism" mock "$modules/@octokit/openapi/generated/api.github.com.json" \
        -p "$prism_port" --errors >"$work/prism.log" 2>&1 &
    servers+=($!)
    prism=http://127.0.0.1:$prism_port
    port=$(free_port)
    hub=http://127.0.0.1:$port
    node "$root/tests/github-api.mjs" "$port" "$prism" \
        "$modules/@octokit/graphql-schema/schema.graphql" "$work/requests" "$work/pull.json" &
    servers+=($!)
    await_port "$prism_port"
    await_port "$port"
}

# That the descriptions are asked at all: what GitHub would refuse must be found.
check_the_check() {
    local reviews=$hub/api/v3/repos/octo/shop/pulls/7/reviews
    curl -sS -o /dev/null "$reviews" -H 'content-type: application/json' -d \
        '{"commit_id":"a","body":"x","event":"COMMENT","comments":[{"path":"a","line":"3","body":"x"}]}'
    curl -sS -o /dev/null "$reviews" -H 'content-type: application/json' -d \
        '{"commit_id":"a","body":"x","event":"PRAISE","comments":[]}'
    curl -sS -o /dev/null "$hub/api/graphql" -H 'content-type: application/json' -d \
        '{"operationName":"A","query":"mutation A { resolveReviewThread(input: {thread: \"x\"}) { thread { id } } }"}'
    [ "$(grep -c '"wrong":\["' "$work/requests")" = 3 ] || {
        cat "$work/requests"
        fail 'requests that GitHub would refuse were let through'
    }
}

git_here() {
    env -i PATH="$PATH" HOME="$work" GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null \
        git -C "$work/repo" -c user.name=t -c user.email=t@example.invalid "$@"
}

commit() {
    git_here add -A
    git_here commit --quiet -m "$1"
    git_here rev-parse HEAD
}

make_repository() {
    mkdir -p "$work/repo" "$work/.config/llmux"
    git_here init --quiet -b main
    printf '# shop\n' >"$work/repo/README.md"
    base=$(commit base)
    cat >"$work/.config/llmux/config.toml" <<EOF
[backends.script]
command = "sh"
args = ["$work/model.sh"]
EOF
    cat >"$work/model.sh" <<EOF
cat >/dev/null
cat "$work/findings.json"
EOF
}

# claim LINE END QUOTE TITLE SUGGESTION
claim() {
    python3 - "$@" <<'PY'
import json, sys
line, end, quote, title, suggestion = sys.argv[1:]
print(json.dumps({"file": "src/a @b#1.py", "line": int(line), "end_line": int(end),
                  "quote": quote.replace("\\n", "\n"), "severity": "high", "category": "bug",
                  "rule": "off-by-one", "title": title, "message": title + ", @everyone.",
                  "suggestion": suggestion or None, "confidence": 0.9}))
PY
}

findings() {
    local IFS=,
    printf '{"findings": [%s]}' "$*" >"$work/findings.json"
}

# review CODE ARGUMENT…
review() {
    local expected=$1 code=0
    shift
    (
        cd "$work/repo"
        env -i PATH="$PATH" HOME="$work" GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null \
            LLMUX_CACHE_DIR="$work/cache" LLMUX_FORGE_PAUSE_MS=1 \
            GITHUB_SERVER_URL="$hub" GITHUB_API_URL="$hub/api/v3" \
            GITHUB_GRAPHQL_URL="$hub/api/graphql" GITHUB_REPOSITORY=octo/shop GITHUB_RUN_ID=1 \
            GITHUB_TOKEN=ghs_000000000000000000000000000000000000 "${environment[@]}" \
            "$llmux" review --backend script --report "json=$work/report.json" "$@" 2>"$work/err"
    ) || code=$?
    [ "$code" = "$expected" ] || {
        cat "$work/err"
        fail "exit code $code, not $expected"
    }
    if grep -q 'not posted\|no comments on lines' "$work/err"; then
        cat "$work/err"
        fail 'the review was not posted'
    fi
}

push() {
    head=$(commit "$1")
    printf '{"base": "%s", "head": "%s"}' "$base" "$head" >"$work/pull.json"
}

llmux=${LLMUX:-$root/target/debug/llmux}
[ -x "$llmux" ] || (cd "$root" && cargo build --quiet)
llmux=$(cd "$(dirname "$llmux")" && pwd)/$(basename "$llmux")
environment=()
install_packages
make_repository
file="$work/repo/src/a @b#1.py"
mkdir -p "$work/repo/src"
printf 'def f(items):\n    if items:\n        return items[1]\n    return None\n\n\ndef g(items):\n    return items[len(items)]\n' >"$file"
push first
start_servers
check_the_check
: >"$work/requests"

block=$(claim 2 3 '    if items:\n        return items[1]' 'Wrong element' $'    if items:\n        return items[0]')
last=$(claim 8 8 '    return items[len(items)]' 'Index past the end' '    return items[-1]')
findings "$block" "$last"
review 14 7

# The second push: one is fixed. The event is that of a workflow run.
printf 'def f(items):\n    return None\n\n\ndef g(items):\n    return items[len(items)]\n' >"$file"
push second
findings "$last"
printf '{"workflow_run": {"event": "pull_request", "head_sha": "%s", "head_branch": "a/b&c", "head_repository": {"full_name": "them/shop"}}}' \
    "$head" >"$work/event.json"
environment=(GITHUB_EVENT_NAME=workflow_run GITHUB_EVENT_PATH="$work/event.json")
review 14

# The third: nothing is left, and the review is folded.
printf 'def g(items):\n    return items[-1]\n' >"$file"
push third
findings
environment=()
review 0 7

curl -sS "$hub/state" >"$work/state.json"
python3 - "$work/state.json" "$work/requests" <<'PY'
import json, sys
state = json.load(open(sys.argv[1]))
requests = [json.loads(line) for line in open(sys.argv[2])]
bad = [request for request in requests if request["wrong"]]
for request in bad:
    print("FAILED ", request["what"], *request["wrong"], sep="\n  ")
assert len(state["notes"]) == 1, state["notes"]
assert len(state["threads"]) == 2, state["threads"]
assert all(thread["isResolved"] for thread in state["threads"]), state["threads"]
assert all(review["isMinimized"] for review in state["reviews"]), state["reviews"]
assert {thread.get("start_line") for thread in state["threads"]} == {2, None}, state["threads"]
assert all("```suggestion" in thread["body"] for thread in state["threads"]), state["threads"]
kinds = sorted({request["what"].split("?")[0] for request in requests})
wanted = {"Comments", "Threads", "Reviews", "EditComment", "EditReviewComment", "Resolve", "Minimize"}
seen = {kind.split(" ")[2] for kind in kinds if "graphql" in kind}
assert seen == wanted, wanted - seen
for kind in kinds:
    print("ok     ", kind)
print(len(requests), "requests,", len(bad), "of them not as described")
sys.exit(bool(bad))
PY
