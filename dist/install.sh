#!/bin/sh
# Installs llmux: the release binary where its SHA-256 stands in the table beside this script,
# else by `cargo install --locked`.
#
#   sh install.sh [--version VERSION] [--to FOLDER] [--checksums FILE] [--no-cargo]
#
#   --version    as 1.2.3 or v1.2.3; without: the newest that the table has for this machine,
#                else the one of the sources that this script lies in
#   --to         where the binary goes; without: ~/.local/bin
#   --checksums  the table; without: checksums.txt beside this script
#   --no-cargo   no building from source: fail where there is no binary
#
# INSTALL_LLMUX_FROM  where the releases lie, as https://host/path; under it
#                 vVERSION/llmux-VERSION-TARGET.tar.gz. For mirrors and tests.
#
# Prints the path of the binary on standard output, all else on standard error.
# Exit 0 installed, 1 not installed, 2 wrong arguments.
set -eu

releases=${INSTALL_LLMUX_FROM:-https://github.com/llmux/action/releases/download}
version=
to=${HOME:-.}/.local/bin
cargo_allowed=true
here=$(cd "$(dirname "$0")" 2>/dev/null && pwd) || here=
table=$here/checksums.txt
work=
staged=

# Leaves neither the downloads nor a half-written binary behind.
clean_up() {
    [ -z "$work" ] || rm -rf "$work"
    [ -z "$staged" ] || rm -f "$staged"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# In a workflow's log these are annotations; everywhere else plain words.
say() {
    if [ "${GITHUB_ACTIONS:-}" = true ]; then
        printf '::%s title=llmux::%s\n' "$1" "$2" >&2
    else
        printf 'install.sh: %s: %s\n' "$1" "$2" >&2
    fi
}

fail() {
    say error "$1"
    exit "${2:-1}"
}

while [ $# -gt 0 ]; do
    case $1 in
        --no-cargo)
            cargo_allowed=false
            shift
            ;;
        --version | --to | --checksums)
            [ $# -ge 2 ] || fail "$1 needs a value" 2
            case $1 in
                --version) version=$2 ;;
                --to) to=$2 ;;
                --checksums) table=$2 ;;
            esac
            shift 2
            ;;
        # The words of the user do not go into the message: a log obeys some of them.
        *) fail 'an argument is unknown; known are --version, --to, --checksums, --no-cargo' 2 ;;
    esac
done

# The version becomes part of an address and of a file's name.
version=${version#v}
case $version in
    *[!0-9A-Za-z.+-]* | [!0-9]*) fail 'the version must look like 1.2.3 or v1.2.3' 2 ;;
esac
[ -f "$table" ] || fail "no table of checksums at $table: keep checksums.txt beside this script, or name it with --checksums"

# The machine as Rust calls it; nothing where no binary is built for it.
target_of_machine() {
    case $(uname -s) in
        Linux) system=unknown-linux-musl ;;
        Darwin) system=apple-darwin ;;
        MINGW* | MSYS* | CYGWIN*) system=pc-windows-msvc ;;
        *) return 0 ;;
    esac
    machine=$(uname -m)
    # An emulated shell tells what it is itself, the runner what the machine is.
    [ "${RUNNER_ARCH:-}" != ARM64 ] || machine=aarch64
    case $machine in
        x86_64 | amd64) machine=x86_64 ;;
        aarch64 | arm64) machine=aarch64 ;;
        *) return 0 ;;
    esac
    # Windows on ARM runs binaries for x86-64.
    [ "$system" != pc-windows-msvc ] || machine=x86_64
    printf '%s-%s' "$machine" "$system"
}

# The version of the sources around this script; nothing where there are none.
version_of_sources() {
    manifest=$here/../Cargo.toml
    if [ -n "$here" ] && [ -f "$manifest" ] && grep -q '^name = "llmux"$' "$manifest"; then
        sed -n 's/^version = "\([0-9A-Za-z.+-]*\)"$/\1/p' "$manifest" | head -n 1
    fi
}

# The newest version that the table has for a target: its last line of it.
newest() {
    awk -v target="$1" '$1 !~ /^#/ && $2 == target { version = $1 } END { print version }' "$table"
}

# The SHA-256 that the table has for version and target. Two lines that differ count as none.
expected() {
    awk -v version="$1" -v target="$2" '
        # As texts: as numbers 1.0 and 1.00 are one.
        ($1 "") == (version "") && $2 == target && NF == 3 { sum = tolower($3); seen[sum] = 1 }
        END {
            for (one in seen) count += 1
            if (count == 1 && sum ~ /^[0-9a-f]+$/ && length(sum) == 64) print sum
        }' "$table"
}

sha256_of() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum <"$1"
    elif command -v shasum >/dev/null 2>&1; then
        shasum -a 256 <"$1"
    elif command -v openssl >/dev/null 2>&1; then
        openssl dgst -sha256 -r <"$1"
    else
        fail 'no program reckons SHA-256 here: install sha256sum, shasum or openssl'
    fi | cut -d ' ' -f 1
}

# Only HTTPS, also where an address sends on to another; plain HTTP for a server on this machine.
download() {
    case $1 in
        https://*) protocol='=https' ;;
        http://127.0.0.1[:/]* | http://localhost[:/]*) protocol='=http,https' ;;
        *) fail 'INSTALL_LLMUX_FROM must be an https:// address' 2 ;;
    esac
    curl --fail --silent --show-error --location --proto "$protocol" --proto-redir "$protocol" \
        --retry 4 --retry-connrefused --connect-timeout 20 --max-time 300 --max-redirs 5 \
        --output "$2" "$1" >&2
}

# Puts a file in place in one step: who runs llmux meanwhile keeps the old one.
put_in_place() {
    mkdir -p "$to" || fail 'the folder of --to cannot be made'
    staged=$to/.$$-$program
    cp "$1" "$staged" || fail 'the folder of --to cannot be written'
    chmod 755 "$staged" || fail 'the folder of --to cannot be written'
    "$staged" --version >/dev/null || fail 'the binary does not run on this machine'
    mv -f "$staged" "$to/$program" || fail 'the folder of --to cannot be written'
    staged=
    printf '%s\n' "$to/$program"
}

# Fails softly (1) where there is no binary to be had; a binary that is not the listed one ends all.
install_binary() {
    sum=$(expected "$version" "$target")
    if [ -z "$sum" ]; then
        reason="checksums.txt lists no binary of $version for ${target:-this machine}"
        return 1
    fi
    archive=$work/llmux.tar.gz
    if ! download "$releases/v$version/llmux-$version-$target.tar.gz" "$archive"; then
        reason="the binary of $version for $target could not be downloaded"
        return 1
    fi
    actual=$(sha256_of "$archive")
    [ "$actual" = "$sum" ] || fail "the archive of $version for $target has SHA-256 $actual, the table says $sum: nothing was installed"
    mkdir "$work/unpacked"
    # By standard input: tar takes the colon of a Windows path for a host's name.
    (cd "$work/unpacked" && tar -xzf -) <"$archive"
    unpacked=$(find "$work/unpacked" -type f -name "$program" | head -n 1)
    [ -n "$unpacked" ] || fail "the archive of $version for $target holds no $program"
    put_in_place "$unpacked"
}

install_by_cargo() {
    $cargo_allowed || fail "$reason, and --no-cargo forbids to build it"
    command -v cargo >/dev/null 2>&1 || fail "$reason, and there is no cargo to build it: install Rust, or choose a version that checksums.txt lists"
    say notice "$reason: building $version with cargo install --locked, which takes minutes"
    if [ "$version" = "$(version_of_sources)" ]; then
        cargo install --locked --root "$work/root" --path "$here/.." >&2
    else
        cargo install --locked --root "$work/root" llmux --version "=$version" >&2
    fi || fail "cargo could not build llmux $version"
    put_in_place "$work/root/bin/$program"
}

target=$(target_of_machine)
case $target in
    *windows*) program=llmux.exe ;;
    *) program=llmux ;;
esac
[ -n "$version" ] || version=$(newest "$target")
[ -n "$version" ] || version=$(version_of_sources)
[ -n "$version" ] || fail "checksums.txt lists no binary for ${target:-this machine}: name a version with --version, which cargo then builds" 2
work=$(mktemp -d "${TMPDIR:-/tmp}/llmux-install.XXXXXX")
install_binary || install_by_cargo
