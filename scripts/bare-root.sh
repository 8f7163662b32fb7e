#!/usr/bin/env bash
# Prove that `make run` works on a bare Debian 12: in a fresh root with git, make and Python only,
# a fresh clone and an empty home. Prints the seconds of the first and of the second start.
# Needs root, mmdebstrap and curl. PORT chooses the port; KEEP=1 keeps the root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

port=${PORT:-28080}
limit=${LIMIT_SECONDS:-300}
work=$(mktemp -d /var/tmp/payagency-bare.XXXXXX)
root=$work/root
running=""

finish() {
    stop
    mountpoint --quiet "$root/proc" && umount "$root/proc"
    if [[ -z ${KEEP:-} ]]; then rm -rf "$work"; else echo "kept: $work"; fi
}

# Interrupt the process group of make, which this script started, and wait for it.
stop() {
    [[ -z $running ]] && return
    kill -INT -- "-$running" 2>/dev/null || true
    local tries=0
    while kill -0 -- "-$running" 2>/dev/null; do
        if ((++tries > 300)); then
            echo "still running 30 s after Ctrl-C; killed" >&2
            kill -KILL -- "-$running" 2>/dev/null || true
            break
        fi
        sleep 0.1
    done
    wait "$running" 2>/dev/null || true
    running=""
}
trap finish EXIT

# How this machine reaches the network is copied, never written down here.
bring_network_settings() {
    local file
    for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/xdg/pip /etc/uv \
        /etc/ssl/certs/ca-certificates.crt; do
        if [[ -e $file ]]; then
            mkdir -p "$root$(dirname "$file")"
            cp --recursive --dereference --no-target-directory "$file" "$root$file"
        fi
    done
}

network_environment() {
    env | grep -E '^(https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY|PIP_[A-Z_]+|UV_[A-Z_]+|[A-Z_]*(CA_BUNDLE|CERT|CERT_FILE|CERT_DIR|CA_CERTS|CAINFO))=' || true
}

in_root() {
    local settings
    mapfile -t settings < <(network_environment)
    chroot "$root" /usr/bin/env -i "${settings[@]}" HOME=/srv/home \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 PORT="$port" \
        /bin/bash -c "cd /srv/payagency && $1"
}

milliseconds() {
    date +%s%3N
}

answers() {
    curl --silent --fail --noproxy '*' --max-time 2 "http://127.0.0.1:$port/healthz" >/dev/null
}

# Start, wait for /healthz, say how long it took, stop.
start() {
    local name=$1 began took
    began=$(milliseconds)
    set -m
    in_root "exec make run" >"$work/$name.log" 2>&1 &
    running=$!
    set +m
    until answers; do
        if ! kill -0 "$running" 2>/dev/null || (($(milliseconds) - began > limit * 1000)); then
            echo "$name start: no answer from /healthz" >&2
            tail -n 40 "$work/$name.log" >&2
            exit 1
        fi
        sleep 0.2
    done
    took=$(($(milliseconds) - began))
    printf '%s start: /healthz answered after %d.%d s\n' "$name" $((took / 1000)) $((took % 1000 / 100))
    stop
    if answers; then
        echo "$name start: it still answers after Ctrl-C" >&2
        exit 1
    fi
}

if answers; then
    echo "port $port is taken" >&2
    exit 1
fi
echo "Building a bare Debian 12 below $work"
mmdebstrap --quiet --variant=minbase --include=make,git,python3,python3-venv,ca-certificates \
    bookworm "$root" ${APT_SOURCES:-/etc/apt/sources.list.d/*.sources} >"$work/root.log" 2>&1 ||
    { tail -n 20 "$work/root.log" >&2; exit 1; }
mkdir -p "$root/srv/home" "$root/dev/shm"
mount -t proc proc "$root/proc" 2>/dev/null || echo "without /proc"
bring_network_settings
git clone --quiet --no-hardlinks . "$root/srv/payagency"

start first
start second
