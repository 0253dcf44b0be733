#!/usr/bin/env bash
# The hooks of .pre-commit-hooks.yaml through the real pre-commit and prek: commits, merges and
# pushes that they let through and that they refuse. No model, no network but PyPI's.
#
#   tests/pre-commit.sh           with the llmux of LLMUX, else target/debug/llmux
#   tests/pre-commit.sh --build   only the installation by `language: rust`, which builds llmux
#
# The runners are kept in ${CONFORMANCE_DIR:-target/conformance}.
set -euo pipefail

PRE_COMMIT_VERSION=4.7.0
PREK_VERSION=0.5.11

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${CONFORMANCE_DIR:-$root/target/conformance}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
path=/usr/local/bin:/usr/bin:/bin

fail() {
    printf 'pre-commit: %s: %s\n' "${runner:-}" "$*" >&2
    [ ! -s "$work/said" ] || sed 's/^/    /' "$work/said" >&2
    exit 1
}

install_runners() {
    venv=$cache/hooks
    local stamp="$PRE_COMMIT_VERSION $PREK_VERSION"
    if [ "$(cat "$venv/versions" 2>/dev/null)" != "$stamp" ]; then
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check \
            "pre-commit==$PRE_COMMIT_VERSION" "prek==$PREK_VERSION"
        printf '%s' "$stamp" >"$venv/versions"
    fi
}

# Any program with no key, no settings and no other llmux than the one under test.
clean() {
    env -i PATH="$bin:$venv/bin:$path" HOME="$work/home" LANG=C.UTF-8 \
        PRE_COMMIT_HOME="$work/home/pre-commit" PREK_HOME="$work/home/prek" \
        GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL="$work/gitconfig" "$@"
}

git_in() {
    local folder=$1
    shift
    clean git -C "$folder" "$@"
}

# What is planted: the built-in rules find it, and it is high.
bad() { printf 'import os\n\n\ndef run(name):\n    os.system("ls " + name)\n'; }
good() { printf 'def run(name):\n    return name\n'; }

# A repository whose hooks are those of the manifest, with these arguments more for each.
new_repo() {
    repo=$work/$runner/$1
    local args=${2:-'[--backend=rules, --timeout=60s]'}
    mkdir -p "$repo"
    git_in "$repo" init --quiet --initial-branch=main
    cat >"$repo/.pre-commit-config.yaml" <<YAML
repos:
  - repo: $work/manifest
    rev: $rev
    hooks:
      - id: llmux-system
        args: $args
      - id: llmux-pre-push
        args: [--backend=rules]
YAML
    (cd "$repo" && clean "$runner" install --hook-type pre-commit --hook-type pre-merge-commit \
        --hook-type pre-push) >"$work/said" 2>&1 || fail 'no hooks installed'
}

# Commits that nobody reviews, to start from.
base() {
    good >"$repo/base.py"
    git_in "$repo" add -A
    git_in "$repo" commit --quiet --no-verify -m base
}

# `passes NAME -C… GIT ARGS`: git succeeds, and the hook did run.
passes() {
    local what=$1
    shift
    "$@" >"$work/said" 2>&1 || fail "$what: refused"
    grep -Eq 'llmux.*Passed' "$work/said" || fail "$what: the hook did not run"
    grep -Eq 'passed' "$work/said" || fail "$what: no verdict is shown"
}

# `refuses NAME PATH GIT ARGS`: git fails for llmux, which names the path.
refuses() {
    local what=$1 file=$2
    shift 2
    ! "$@" >"$work/said" 2>&1 || fail "$what: not refused"
    grep -q 'exit code: 14' "$work/said" || fail "$what: not refused with exit code 14"
    grep -q -- "--> $file:" "$work/said" || fail "$what: $file is not named"
    grep -q 'blocked: 1 high' "$work/said" || fail "$what: no verdict is shown"
}

head_of() { git_in "$repo" rev-parse --quiet --verify HEAD || echo none; }
commit() { git_in "$repo" commit -m change "$@"; }
stage() { git_in "$repo" add "$@"; }

first_commit() {
    new_repo first
    bad >"$repo/a.py"
    stage a.py .pre-commit-config.yaml
    refuses 'a bad first commit' a.py commit
    [ "$(head_of)" = none ] || fail 'a refused first commit is there'
    good >"$repo/a.py"
    stage a.py
    passes 'a first commit' commit
}

plain_commits() {
    new_repo plain
    base
    local before
    before=$(head_of)
    bad >"$repo/a.py"
    stage a.py
    refuses 'a bad commit' a.py commit
    [ "$(head_of)" = "$before" ] || fail 'a refused commit is there'
    good >"$repo/a.py"
    stage a.py
    passes 'a good commit' commit
    [ "$(head_of)" != "$before" ] || fail 'a commit that passed is not there'

    # Partly staged: what is committed counts, and what is not stays.
    good >"$repo/part.py" && stage part.py && bad >"$repo/part.py"
    passes 'staged good, not staged bad' commit
    bad | cmp -s - "$repo/part.py" || fail 'what was not staged is gone'
    stage part.py && good >"$repo/part.py"
    refuses 'staged bad, not staged good' part.py commit
    good | cmp -s - "$repo/part.py" || fail 'what was not staged is gone'
    stage part.py

    git_in "$repo" mv base.py moved.py
    passes 'a rename' commit
    { cat "$repo/moved.py" && printf '\n' && bad; } >"$repo/x" && mv "$repo/x" "$repo/moved.py"
    git_in "$repo" mv moved.py again.py
    stage again.py
    refuses 'a rename with a bad edit' again.py commit
    git_in "$repo" reset --quiet --hard

    git_in "$repo" rm --quiet moved.py
    passes 'a deletion alone' commit
}

# Git makes an index of its own for these.
other_indexes() {
    new_repo index
    base
    good >"$repo/one.py" && good >"$repo/two.py"
    stage one.py two.py
    commit --quiet --no-verify
    bad >"$repo/one.py"
    refuses 'commit -a of a bad change' one.py commit -a
    refuses 'commit FILE of a bad change' one.py commit -- one.py
    stage one.py && printf '# more\n' >>"$repo/two.py"
    passes 'commit FILE beside a bad change that is staged' commit -- two.py
    [ "$(git_in "$repo" diff --cached --name-only)" = one.py ] || fail 'what was staged is gone'
    git_in "$repo" reset --quiet --hard
    printf '# more\n' >>"$repo/one.py"
    passes 'commit -a' commit -a

    bad >"$repo/two.py"
    refuses 'with --git-dir and --work-tree' two.py \
        clean git --git-dir="$repo/.git" --work-tree="$repo" -C "$repo" commit -a -m change
    git_in "$repo" reset --quiet --hard

    # A linked work tree has its index and HEAD elsewhere.
    git_in "$repo" worktree add --quiet -b linked "$repo.linked"
    local main=$repo
    repo=$repo.linked
    bad >"$repo/linked.py" && stage linked.py
    refuses 'in a linked work tree' linked.py commit
    good >"$repo/linked.py" && stage linked.py
    passes 'in a linked work tree' commit
    bad >"$repo/linked.py"
    refuses 'commit -a in a linked work tree' linked.py commit -a
    good >"$repo/linked.py" && printf '# more\n' >>"$repo/linked.py"
    bad >"$repo/other.py" && stage other.py
    passes 'commit FILE in a linked work tree' commit -- linked.py
    repo=$main
}

merges() {
    new_repo merge
    base
    git_in "$repo" checkout --quiet -b topic
    bad >"$repo/topic.py" && stage topic.py && commit --quiet --no-verify
    git_in "$repo" checkout --quiet main
    good >"$repo/main.py" && stage main.py && commit --quiet --no-verify
    refuses 'a merge' topic.py git_in "$repo" merge --no-edit topic
    git_in "$repo" merge --abort
    git_in "$repo" checkout --quiet topic
    good >"$repo/topic.py" && printf 'x = 1\n' >"$repo/base.py" && stage -A
    commit --quiet --no-verify
    git_in "$repo" checkout --quiet main
    passes 'a merge' git_in "$repo" merge --no-edit topic
    [ "$(git_in "$repo" rev-list --parents -1 HEAD | wc -w)" = 3 ] || fail 'no merge was made'

    # One with a conflict, which its author solves with something bad first.
    git_in "$repo" checkout --quiet -b other HEAD~1
    printf 'x = 2\n' >"$repo/base.py" && stage base.py && commit --quiet --no-verify
    ! git_in "$repo" merge main >/dev/null 2>&1 || fail 'there is no conflict'
    bad >"$repo/base.py" && stage base.py
    refuses 'a conflict solved badly' base.py commit
    printf 'x = 3\n' >"$repo/base.py" && stage base.py
    passes 'a conflict solved' commit
}

pushes() {
    new_repo push
    base
    clean git init --quiet --bare --initial-branch=main "$repo.git"
    git_in "$repo" remote add origin "$repo.git"
    push() { git_in "$repo" push origin "$@"; }
    at_remote() { git_in "$repo.git" rev-parse --quiet --verify "refs/heads/$1" || echo none; }

    bad >"$repo/old.py" && stage old.py && commit --quiet --no-verify
    refuses 'a first push of everything' old.py push main
    [ "$(at_remote main)" = none ] || fail 'a refused push arrived'
    git_in "$repo" push --quiet --no-verify origin main

    git_in "$repo" checkout --quiet -b topic
    good >"$repo/one.py" && stage one.py && commit --quiet --no-verify
    good >"$repo/two.py" && stage two.py && commit --quiet --no-verify
    passes 'a new branch' push topic
    [ "$(at_remote topic)" = "$(head_of)" ] || fail 'a push that passed did not arrive'
    bad >"$repo/three.py" && stage three.py && commit --quiet --no-verify
    good >"$repo/four.py" && stage four.py && commit --quiet --no-verify
    refuses 'an update' three.py push topic
    good >"$repo/three.py" && stage three.py && commit --quiet --no-verify --amend
    passes 'an update that takes it back' push topic

    git_in "$repo" reset --quiet --hard HEAD~1
    bad >"$repo/five.py" && stage five.py && commit --quiet --no-verify
    refuses 'a forced push' five.py push --force topic
    good >"$repo/five.py" && stage five.py && commit --quiet --no-verify --amend
    git_in "$repo" reset --quiet --soft HEAD~1 && good >"$repo/three.py" && stage -A
    commit --quiet --no-verify
    passes 'a forced push' push --force topic
    bad >"$repo/six.py" && git_in "$repo" checkout --quiet -b new && stage six.py
    commit --quiet --no-verify
    refuses 'a bad new branch' six.py push new
    git_in "$repo" push origin --delete topic >"$work/said" 2>&1 || fail 'a deletion: refused'
    [ "$(at_remote topic)" = none ] || fail 'the branch is not deleted'
}

# A model that does not answer in time: who and what is missing is said, and nothing passes
# unless that is wanted.
time_limit() {
    printf '#!/bin/sh\ncat >/dev/null\nexec sleep 30\n' >"$bin/slow-model"
    chmod +x "$bin/slow-model"
    local args
    for args in '[--timeout=2s]' '[--timeout=2s, --allow-incomplete]'; do
        new_repo "limit${#args}" "$args"
        base
        mkdir "$repo/.llmux"
        printf '[backends.slow]\ncommand = "slow-model"\n' >"$repo/.llmux/config.toml"
        good >"$repo/late.py" && stage -A
        local code=0 from=$SECONDS
        commit >"$work/said" 2>&1 || code=$?
        [ $((SECONDS - from)) -lt 20 ] || fail 'the time limit does not hold'
        grep -q 'slow' "$work/said" || fail 'the backend that is late is not named'
        grep -q 'late.py' "$work/said" || fail 'the file that was not read is not named'
        grep -q 'incomplete' "$work/said" || fail 'nothing says that the run is incomplete'
        case $args in
            *allow*)
                [ $code = 0 ] || fail '--allow-incomplete is not obeyed'
                grep -q 'passes because of --allow-incomplete' "$work/said" || fail 'no warning'
                ;;
            *)
                [ $code != 0 ] || fail 'an incomplete review passes'
                grep -q 'exit code: 3' "$work/said" || fail 'the exit code is not 3'
                ;;
        esac
    done
}

# What people do before they write a configuration.
try_repo() {
    repo=$work/$runner/try
    mkdir -p "$repo"
    git_in "$repo" init --quiet --initial-branch=main
    good >"$repo/a.py" && stage a.py
    in_repo() { (cd "$repo" && clean "$runner" try-repo "$root" "$@"); }
    passes 'try-repo' in_repo llmux-system --verbose
    bad >"$repo/a.py" && stage a.py
    refuses 'try-repo' a.py in_repo llmux-system --verbose
    commit --quiet
    refuses 'try-repo of a push' a.py in_repo llmux-pre-push --verbose "$stage_flag" pre-push
}

# The hooks that docs/pre-commit.md shows for git alone, as they stand there.
plain_hooks() {
    repo=$work/plain-hooks
    mkdir -p "$repo"
    git_in "$repo" init --quiet --initial-branch=main
    local hook number=0
    for hook in pre-commit pre-push; do
        number=$((number + 1))
        awk -v number=$number '/^```sh$/ { block += 1; next } /^```$/ { inside = 0 }
            block == number && !done { if (/^#!/) inside = 1; if (inside) print }' \
            "$root/docs/pre-commit.md" >"$repo/.git/hooks/$hook"
        sh -n "$repo/.git/hooks/$hook" && [ -s "$repo/.git/hooks/$hook" ] || fail "no $hook in the document"
        chmod +x "$repo/.git/hooks/$hook"
    done
    refused() {
        local file=$1
        shift
        ! "$@" >"$work/said" 2>&1 || fail "$* is not refused"
        grep -q -- "--> $file:" "$work/said" || fail "$* is not refused for $file"
    }
    bad >"$repo/a.py" && stage a.py
    refused a.py commit
    good >"$repo/a.py" && stage a.py
    commit >"$work/said" 2>&1 || fail 'a good commit is refused'
    clean git init --quiet --bare "$repo.git"
    git_in "$repo" remote add origin "$repo.git"
    git_in "$repo" push origin main >"$work/said" 2>&1 || fail 'a good push is refused'
    # The first branch is good and the second is not, both are new; then an update and a deletion.
    git_in "$repo" checkout --quiet -b one
    good >"$repo/one.py" && stage one.py && commit --quiet --no-verify
    git_in "$repo" checkout --quiet -b two
    bad >"$repo/two.py" && stage two.py && commit --quiet --no-verify
    refused two.py git_in "$repo" push origin one two
    git_in "$repo" push origin one >"$work/said" 2>&1 || fail 'a good branch is refused'
    refused two.py git_in "$repo" push origin two:one
    git_in "$repo" push origin --delete one >"$work/said" 2>&1 || fail 'a deletion is refused'
}

# `language: rust`, which runs `cargo install` on this repository.
build() {
    repo=$work/$runner/build
    mkdir -p "$repo"
    git_in "$repo" init --quiet --initial-branch=main
    bad >"$repo/a.py" && stage a.py
    local from=$SECONDS
    # Cheap: what is tried is the way, not the program. Once for each runner, since each keeps
    # sources at a place of its own and so compiles all of them.
    installed() {
        (cd "$repo" && clean env PATH="$(dirname "$(command -v cargo)"):$venv/bin:$path" \
            CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}" RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}" \
            CARGO_TARGET_DIR="$work/hook-target" CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
            CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_DEBUG=0 \
            "$runner" try-repo "$root" llmux --verbose)
    }
    refuses 'language: rust' a.py installed
    rm -rf "$work/hook-target"
    printf 'ok      %s: language: rust (%d s)\n' "$runner" $((SECONDS - from))
}

install_runners
mkdir -p "$work/home" "$work/bin" "$work/manifest"
bin=$work/bin
printf '[user]\nname = t\nemail = t@example.invalid\n[advice]\ndetachedHead = false\n' >"$work/gitconfig"

if [ "${1:-}" = --build ]; then
    for runner in pre-commit prek; do
        build
    done
    exit
fi

llmux=${LLMUX:-$root/target/debug/llmux}
[ -x "$llmux" ] || (cd "$root" && cargo build --quiet --locked)
ln -s "$(cd "$(dirname "$llmux")" && pwd)/$(basename "$llmux")" "$bin/llmux"
# The manifest in a repository of its own, which is quicker to clone than this one.
cp "$root/.pre-commit-hooks.yaml" "$work/manifest/"
git_in "$work/manifest" init --quiet --initial-branch=main
git_in "$work/manifest" add -A
git_in "$work/manifest" commit --quiet -m manifest
rev=$(git_in "$work/manifest" rev-parse HEAD)
clean pre-commit validate-manifest "$root/.pre-commit-hooks.yaml"
clean prek validate-manifest "$root/.pre-commit-hooks.yaml" >/dev/null

for runner in pre-commit prek; do
    stage_flag=--hook-stage
    for scene in first_commit plain_commits other_indexes merges pushes time_limit try_repo; do
        $scene
        printf 'ok      %s: %s\n' "$runner" "${scene//_/ }"
    done
done
runner=git
plain_hooks
printf 'ok      git alone\n'
