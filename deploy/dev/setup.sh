#!/bin/sh
# Makes .venv and installs a lock into it. Usage: setup.sh PYTHON LOCK
set -eu
python=$1
lock=$2

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Voltdeck needs Python 3.11 or newer; '$python' is $("$python" --version 2>&1)." >&2
    echo "Install one and say: make PYTHON=python3.12 demo" >&2
    exit 1
}

if [ ! -x .venv/bin/python ]; then
    echo "Making .venv …"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        # Debian keeps these two modules in a package of their own.
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
        else
            echo "Python's venv module is missing. Install it with: sudo apt-get install python3-venv" >&2
            exit 1
        fi
    fi
    "$python" -m venv .venv
fi

[ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
echo "Installing $lock …"
VIRTUAL_ENV=.venv .venv/bin/uv pip install --quiet --require-hashes -r "$lock"
