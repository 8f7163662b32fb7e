#!/usr/bin/env bash
# Make .venv hold exactly the pinned requirements: `venv.sh run` or `venv.sh dev`.
# A stamp with the hash of the requirements makes the second call cost nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

kind=${1:?run or dev}
files=(requirements.txt)
[[ $kind == dev ]] && files+=(requirements-dev.txt)
stamp=.venv/.payagency-$kind
python=.venv/bin/python

digest() {
    if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# The folder is part of the stamp: programs in .venv/bin name it.
wanted="$PWD $(digest "${files[@]}" scripts/uv-requirements.txt)"
if [[ -x $python && -f $stamp && $(<"$stamp") == "$wanted" ]] && "$python" -c ''; then
    exit 0
fi

if ! { [[ -x $python ]] && "$python" -c '' 2>/dev/null; }; then
    base=$(scripts/python.sh)
    echo "Making .venv with $("$base" --version)"
    "$base" -m venv --clear .venv
fi
"$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null

echo "Installing ${files[*]}"
"$python" -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes \
    --requirement scripts/uv-requirements.txt
arguments=()
for file in "${files[@]}"; do arguments+=(--requirement "$file"); done
if ! .venv/bin/uv pip install --quiet --python "$python" --require-hashes "${arguments[@]}"; then
    # uv does not read pip's configuration: where only pip knows the way, pip does it, more slowly.
    echo "uv could not install them; trying pip" >&2
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes "${arguments[@]}"
fi
printf '%s\n' "$wanted" >"$stamp"
