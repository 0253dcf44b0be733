#!/usr/bin/env bash
# Step 2: installs llmux and puts it on the path of later steps.
#
# Inputs: INPUT_VERSION, INSTALL_TO. Outputs: program, version.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=dist/action/common.sh
. "$here/common.sh"

arguments=(--to "$INSTALL_TO")
[ -z "$INPUT_VERSION" ] || arguments+=(--version "$INPUT_VERSION")
# Building runs code of other packages, which need no key of a model.
program=$(with_bare_environment CARGO_HOME CARGO_TARGET_DIR RUSTUP_HOME RUSTUP_TOOLCHAIN CC CXX AR \
    SDKROOT DEVELOPER_DIR INSTALL_LLMUX_FROM -- sh "$here/../install.sh" "${arguments[@]}") || exit $?
version=$("$program" --version)
printf '%s\n' "$(escaped "$version")"
printf '%s\n' "$INSTALL_TO" >>"$GITHUB_PATH"
output program "$program"
output version "${version##* }"
