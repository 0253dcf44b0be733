#!/usr/bin/env bash
# Starts a PostgreSQL of its own on a free loopback port, runs the command with
# LLMUX_TEST_POSTGRES naming it, and ends it. As root the server runs as `nobody`.
#   tests/with-postgres.sh cargo test --locked store
set -euo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [ -z "$bin" ] || [ ! -x "$bin/initdb" ]; then
    [ "$(id -u)" = 0 ] || { echo "no PostgreSQL: apt-get install postgresql" >&2; exit 1; }
    apt-get update -q >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends postgresql >/dev/null
    bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
fi

folder=$(mktemp -d)
# The server refuses to be root.
as=()
if [ "$(id -u)" = 0 ]; then
    chown nobody "$folder"
    as=(setpriv --reuid nobody --clear-groups --reset-env)
fi
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

stop() {
    "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT

"${as[@]}" "$bin/initdb" -D "$folder/data" -U llmux --auth=trust --no-sync -E UTF8 --locale=C >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
    -o "-h 127.0.0.1 -p $port -k '$folder' -c fsync=off -c max_connections=100" start >/dev/null
export LLMUX_TEST_POSTGRES="postgres://llmux@127.0.0.1:$port/postgres"
"$@"
