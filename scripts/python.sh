#!/usr/bin/env bash
# Print a Python 3.11–3.13 that can make virtual environments, or say what to install.
# PYTHON=/path/to/python chooses one.
set -euo pipefail

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

found=""
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if command -v "$candidate" >/dev/null && fits "$candidate"; then
        found=$(command -v "$candidate")
        break
    fi
done

if [[ -z $found ]]; then
    echo "PayAgency needs Python 3.11, 3.12 or 3.13; found: $(python3 --version 2>/dev/null || echo none)." >&2
    echo "Debian, Ubuntu: apt-get install python3 python3-venv. macOS: brew install python@3.13." >&2
    echo "Another one: make run PYTHON=/path/to/python3.12" >&2
    exit 1
fi

if ! "$found" -c 'import ensurepip, venv' 2>/dev/null; then
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        echo "Installing python3-venv" >&2
        apt-get install --yes --no-install-recommends python3-venv >&2 ||
            { apt-get update >&2 && apt-get install --yes --no-install-recommends python3-venv >&2; }
    fi
    if ! "$found" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$found cannot make virtual environments." >&2
        echo "Debian, Ubuntu: apt-get install python3-venv (as root), then again." >&2
        exit 1
    fi
fi
echo "$found"
