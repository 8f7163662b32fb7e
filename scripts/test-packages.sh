#!/usr/bin/env bash
# Install the Debian packages that the tests start by themselves. No service is started.
set -euo pipefail

packages=(
    mariadb-server-core mariadb-client-core redis-server chromium fonts-dejavu-core curl nodejs openssl
)

installed() {
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

if ! command -v dpkg-query >/dev/null; then
    for program in mariadbd mariadb-install-db redis-server chromium curl node openssl; do
        command -v "$program" >/dev/null ||
            { echo "The tests need $program: run them on Debian 12, or install it." >&2; exit 1; }
    done
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    installed "$package" || missing+=("$package")
done
[[ ${#missing[@]} == 0 ]] && exit 0

if [[ $(id -u) != 0 ]]; then
    echo "The tests need: ${missing[*]}" >&2
    echo "As root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
fi

policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi

export DEBIAN_FRONTEND=noninteractive
install() { apt-get install --yes --quiet --no-install-recommends "${missing[@]}"; }
echo "Installing ${missing[*]}"
install >/dev/null 2>&1 || { apt-get update --quiet >/dev/null && install >/dev/null; }
