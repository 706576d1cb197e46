#!/bin/sh
# Sees to what the tests meet beside Python: Chromium and PostgreSQL. What cannot be had is reported, not fatal:
# its tests are then skipped with a reason (and fail in CI, where VOLTDECK_CI=1).
set -u

answers() { .venv/bin/python -c "import socket; socket.create_connection(('127.0.0.1', $1), 1)" 2>/dev/null; }
is_root() { [ "$(id -u)" = 0 ]; }

wait_for() {
    for _ in $(seq 60); do answers "$1" && return 0; sleep 1; done
    return 1
}

chromium() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || [ -n "${VOLTDECK_CHROMIUM:-}" ] && return
    if is_root && command -v apt-get >/dev/null; then
        echo "Installing Chromium from the distribution …"
        apt-get update -qq && apt-get install -y -qq chromium >/dev/null && return
    fi
    echo "Fetching Playwright's Chromium …"
    .venv/bin/playwright install chromium >/dev/null 2>&1 ||
        echo "No Chromium: browser tests are skipped. Enable them with: sudo apt-get install chromium"
}

postgresql() {
    answers 5432 && return
    if docker info >/dev/null 2>&1; then
        echo "Starting PostgreSQL with Docker Compose …"
        docker compose -f deploy/dev/compose.yaml up -d --quiet-pull && wait_for 5432 && return
    fi
    if is_root && command -v apt-get >/dev/null; then
        echo "Installing PostgreSQL from the distribution …"
        apt-get update -qq && apt-get install -y -qq postgresql >/dev/null
        service postgresql start >/dev/null 2>&1
        # The cluster is ours, made a moment ago: give its owner the password that the tests use.
        wait_for 5432 && su postgres -c "psql -qc \"alter role postgres password 'postgres'\"" && return
    fi
    echo "No PostgreSQL on 127.0.0.1:5432: its tests are skipped. Enable them with:"
    echo "    docker compose -f deploy/dev/compose.yaml up -d"
}

# A strict OCPP client that others wrote, for the certification tests.
strict_client() {
    [ tests/certification/strangers/node_modules/.package-lock.json -nt tests/certification/strangers/package-lock.json ] && return
    (cd tests/certification/strangers && "$OLDPWD/.venv/bin/npm" ci --omit=dev --ignore-scripts --no-audit --no-fund >/dev/null 2>&1) ||
        echo "No npm registry: the tests with ocpp-rpc are skipped. Enable them with: make services"
}

chromium
postgresql
strict_client
