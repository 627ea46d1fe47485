#!/usr/bin/env bash
# Install what tests/docker needs into var/docker-tools: linters, Docker Compose, supervisor, promtool, amtool, Prometheus.
# Quiet, and done in no time when everything is there. Nothing is installed system-wide: Debian's packages of supervisor
# and Prometheus would start services.
set -euo pipefail
cd "$(dirname "$0")/../.."

tools=var/docker-tools
done_for=$tools/installed
wanted=$(cat tests/docker/requirements.txt tests/docker/install_tools.sh | cksum)

fail() {
    echo "tests/docker/install_tools.sh: $1" >&2
    exit 1
}

[ "$(cat "$done_for" 2> /dev/null)" = "$wanted" ] && exit 0
echo "Installing the tools that check docker/"
mkdir -p "$tools"
test -x "$tools/bin/python" || python3 -m venv --without-pip "$tools"
.venv/bin/uv pip sync --quiet --require-hashes --python "$tools/bin/python" tests/docker/requirements.txt

# A package's programs without its services: unpacked, not installed.
for package in prometheus prometheus-alertmanager; do
    if ! ls "$tools/$package"_*.deb > /dev/null 2>&1; then
        command -v apt-get > /dev/null || fail "promtool and amtool come from Debian's packages; this machine has no apt-get."
        (cd "$tools" && apt-get -qq download "$package" 2> /dev/null) || {
            sudo -n apt-get -qq update 2> /dev/null || apt-get -qq update > /dev/null || true # lists may never have been read
            (cd "$tools" && apt-get -qq download "$package") || fail "apt-get could not download $package."
        }
    fi
    dpkg-deb --extract "$tools/$package"_*.deb "$tools/unpacked"
done
for program in promtool amtool prometheus; do
    ln -sfn "../unpacked/usr/bin/$program" "$tools/bin/$program"
done
printf '%s' "$wanted" > "$done_for" # last: it says that the installation is whole
