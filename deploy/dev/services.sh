#!/bin/sh
# Sees to what the tests meet beside Python: Chromium, Caddy, clients of npm, PostgreSQL, Redis and RabbitMQ. Programs
# are used where they are found, services where they answer; else they are started by Docker Compose, else installed
# from the distribution. What cannot be had is reported, not fatal: its tests are then skipped with a reason (and fail
# in CI, where VOLTDECK_CI=1).
set -u

compose=deploy/dev/compose.yaml
strangers=tests/certification/strangers

# Usage: answers VARIABLE URL. Whether somebody listens where $VARIABLE says, or else at URL.
answers() {
    .venv/bin/python - "$1" "$2" 2>/dev/null <<'PYTHON'
import os, socket, sys
from urllib.parse import urlsplit
at = urlsplit(os.environ.get(sys.argv[1]) or sys.argv[2])
socket.create_connection((at.hostname, at.port or urlsplit(sys.argv[2]).port), 2).close()
PYTHON
}

wait_for() {
    for _ in $(seq 60); do answers "$@" && return 0; sleep 1; done
    return 1
}

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
can_compose() { docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1; }

install() {
    echo "Installing $1 from the distribution …"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$1" >/dev/null
}

# The headless shell is Chromium without the windows that nobody sees: pages cost half of the processor's time.
# A function of the name would be found by `command -v`: hence …_for_tests.
has_chromium() {
    for name in "${VOLTDECK_CHROMIUM:-}" chromium-headless-shell "$@"; do
        [ -n "$name" ] && command -v "$name" >/dev/null && return
    done
    return 1
}

chromium_for_tests() {
    has_chromium && return
    can_install && grep -qx 'ID=debian' /etc/os-release && install chromium-headless-shell && return
    has_chromium chromium chromium-browser && return
    can_install && install chromium && return
    echo "Fetching Playwright's Chromium …"
    .venv/bin/playwright install chromium >/dev/null 2>&1 ||
        echo "No Chromium: browser tests are skipped. Enable them with: sudo apt-get install chromium"
}

# Caddy stands before the platform where tests need TLS for a domain. Only the program is wanted: tests start their own.
caddy_for_tests() {
    command -v caddy >/dev/null && return
    if can_install && install caddy; then
        systemctl disable --now caddy >/dev/null 2>&1
        return 0
    fi
    echo "No Caddy: tests of custom domains behind it are skipped. Enable them with: sudo apt-get install caddy"
}

# Strict stations that others wrote, from npm by their lock. They run on the Node.js that comes with Playwright.
strangers_for_tests() {
    [ "$strangers/node_modules/.package-lock.json" -nt "$strangers/package-lock.json" ] && return
    command -v npm >/dev/null || { can_install && install npm; }
    if command -v npm >/dev/null; then
        echo "Installing $strangers …"
        npm ci --prefix "$strangers" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && return
        echo "npm could not install: tests with stations of others are skipped. Enable them with:"
    else
        echo "No npm: tests with stations of others are skipped. Enable them with:"
    fi
    if command -v npm >/dev/null; then echo "    npm ci --prefix $strangers"
    else echo "    sudo apt-get install npm && npm ci --prefix $strangers"; fi
}

# Usage: service_for_tests NAME VARIABLE URL DAEMON. NAME is its service in the Compose file; DAEMON its package and
# init script.
service_for_tests() {
    name=$1 variable=$2 url=$3 daemon=$4 fresh=no
    answers "$variable" "$url" && return
    if eval "[ -n \"\${$variable:-}\" ]"; then
        echo "Nobody answers at \$$variable: tests of $name are skipped. Without the setting one is looked for here."
        return
    fi
    if can_compose; then
        echo "Starting $name with Docker Compose …"
        docker compose -f "$compose" up -d --quiet-pull "$name" && wait_for "$variable" "$url" && return
    fi
    if can_install; then
        [ -e "/etc/init.d/$daemon" ] || { install "$daemon" && fresh=yes; }
        echo "Starting $name …"
        service "$daemon" start >/dev/null 2>&1 && wait_for "$variable" "$url" &&
            { [ $fresh = no ] || "prepare_$name"; } && return
    fi
    echo "No $name at $url: its tests are skipped. Enable them with:"
    if command -v apt-get >/dev/null && ! can_compose; then echo "    sudo $0"
    else echo "    docker compose -f $compose up -d $name"; fi
}

# The cluster is ours, made a moment ago: give its owner the password that the tests use.
prepare_postgresql() { su postgres -c "psql -qc \"alter role postgres password 'postgres'\""; }
prepare_redis() { :; }
prepare_rabbitmq() { :; }

chromium_for_tests
caddy_for_tests
strangers_for_tests
service_for_tests postgresql VOLTDECK_TEST_POSTGRES_URL postgresql://127.0.0.1:5432 postgresql
service_for_tests redis VOLTDECK_TEST_REDIS_URL redis://127.0.0.1:6379 redis-server
service_for_tests rabbitmq VOLTDECK_TEST_BROKER_URL amqp://127.0.0.1:5672 rabbitmq-server
