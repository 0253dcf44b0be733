#!/usr/bin/env bash
# Packs a built llmux as a release: the archive that dist/install.sh unpacks, and its line for
# dist/checksums.txt. Equal input gives equal bytes.
#
#   dist/package.sh TARGET FOLDER-OF-THE-BINARY OUTPUT
#
# Writes OUTPUT/llmux-VERSION-TARGET.tar.gz and OUTPUT/TARGET.checksum. Completions, man pages and
# the schema are what the binary itself prints, so it must run on this machine.
set -euo pipefail

target=$1
built=$2
output=$3
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
case $target in
    *windows*) program=llmux.exe ;;
    *) program=llmux ;;
esac
version=$("$built/$program" --version)
version=${version##* }
name=llmux-$version-$target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

packed=$work/$name
mkdir -p "$packed/completions" "$packed/man" "$output"
cp "$built/$program" "$packed/"
cp "$root/README.md" "$root/CHANGELOG.md" "$root/LICENSE-APACHE" "$root/LICENSE-MIT" "$packed/"
for pair in bash:llmux.bash zsh:_llmux fish:llmux.fish powershell:llmux.ps1 elvish:llmux.elv; do
    "$built/$program" completions "${pair%%:*}" >"$packed/completions/${pair#*:}"
done
"$built/$program" man --out "$packed/man"
"$built/$program" config schema >"$packed/llmux.schema.json"

archive=$output/$name.tar.gz
# In the order of names, with one time and no owners, by GNU's tar and by macOS' alike.
(cd "$work" && find "$name" -type f | LC_ALL=C sort >names)
find "$packed" -exec touch -t 202001010000.00 {} +
case $(tar --version) in
    *bsdtar*) owners=(--uid 0 --gid 0 --uname '' --gname '') ;;
    *) owners=(--owner=0 --group=0 --numeric-owner) ;;
esac
(cd "$work" && tar "${owners[@]}" -cf - -T names) | gzip -9n >"$archive"
if command -v sha256sum >/dev/null; then
    sum=$(sha256sum <"$archive")
else
    sum=$(shasum -a 256 <"$archive")
fi
printf '%s %s %s\n' "$version" "$target" "${sum%% *}" >"$output/$target.checksum"
