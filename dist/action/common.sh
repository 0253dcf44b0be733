# shellcheck shell=bash
# What the action's steps share. They run in bash 3.2 (macOS) and in Git's bash (Windows).
#
# Every value from outside comes in an environment variable that action.yml fills, never as a part
# of a script's text. What is printed here is cleaned first: the log obeys lines that begin with `::`.

# Text that a workflow command may carry.
escaped() {
    local text=$1
    text=${text//'%'/%25}
    text=${text//$'\r'/%0D}
    text=${text//$'\n'/%0A}
    printf '%s' "$text"
}

# An annotation: error, warning or notice, and what it says.
annotate() {
    printf '::%s title=llmux::%s\n' "$1" "$(escaped "$2")"
}

# Ends the step: what is wrong with the workflow that uses the action.
refuse() {
    annotate error "$1"
    exit 2
}

# Sets an output of the step. A line break would set another one.
output() {
    case $2 in
        *$'\n'* | *$'\r'*) refuse "the value of $1 holds a line break" ;;
    esac
    printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

# Splits a text into its lines, without the empty ones and without space around them, into `lines`.
lines=()
split_lines() {
    local line
    lines=()
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line%$'\r'}
        line=${line#"${line%%[![:space:]]*}"}
        line=${line%"${line##*[![:space:]]}"}
        [ -z "$line" ] || lines+=("$line")
    done <<<"$1"
}

# A path as this bash and programs read it: absolute, on Windows with slashes.
absolute() {
    local start=$1 path=$2
    if [ "$RUNNER_OS" = Windows ]; then
        start=${start//\\//} path=${path//\\//}
    fi
    case $path in
        /* | [A-Za-z]:/*) printf '%s' "$path" ;;
        *) printf '%s/%s' "$start" "$path" ;;
    esac
}

# Runs a command with the few variables that it needs: a step's environment may hold the models'
# keys, which concern neither a build nor a step that posts. Further names come before `--`.
with_bare_environment() {
    local name keep=' PATH HOME USER SHELL LANG LC_ALL TZ TMPDIR TMP TEMP SYSTEMROOT SystemRoot'
    keep+=' SYSTEMDRIVE COMSPEC PATHEXT WINDIR USERPROFILE APPDATA LOCALAPPDATA ProgramData'
    keep+=' PROGRAMDATA PROGRAMFILES ProgramFiles MSYSTEM CI GITHUB_ACTIONS RUNNER_OS RUNNER_ARCH'
    keep+=' RUNNER_TEMP RUNNER_TOOL_CACHE HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy'
    keep+=' https_proxy no_proxy all_proxy SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE '
    while [ "$1" != -- ]; do
        keep+="$1 "
        shift
    done
    shift
    (
        while IFS= read -r name; do
            case $keep in
                *" $name "*) ;;
                # Some cannot be unset, as bash's own.
                *) unset "$name" 2>/dev/null || true ;;
            esac
        done < <(compgen -e)
        exec "$@"
    )
}
