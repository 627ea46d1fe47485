#!/usr/bin/env bash
# Install what `make containers` needs: Podman, Buildah, runc, and a stand-in for the base image made of Debian's packages, for
# machines that reach no container registry. Quiet, and done in no time when everything is there.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=var/containers
base=$folder/base.tar

fail() {
    echo "tests/docker/install_containers.sh: $1" >&2
    exit 1
}

[ "$(id -u)" = 0 ] || fail "containers are built and run as root here; run make containers as root."
packages=()
for program in podman buildah runc mmdebstrap catatonit; do
    PATH="$PATH:/usr/sbin" command -v "$program" > /dev/null || packages+=("$program")
done
if [ ${#packages[@]} -gt 0 ]; then
    command -v apt-get > /dev/null || fail "${packages[*]} are needed; this machine has no apt-get."
    echo "Installing ${packages[*]}"
    quietly=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
    { "${quietly[@]}" update && "${quietly[@]}" install -y --no-install-recommends "${packages[@]}" containernetworking-plugins \
        golang-github-containernetworking-plugin-dnsname dnsmasq-base; } > "/tmp/containers.$$" 2>&1 \
        || { tail -n 20 "/tmp/containers.$$" >&2; fail "apt-get could not install ${packages[*]}."; }
    rm -f "/tmp/containers.$$"
fi

mkdir -p "$folder"
if [ ! -s "$base" ]; then
    echo "Making the stand-in base image"
    # With systemd, so that one image serves both halves of the test.
    mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates,systemd,systemd-sysv,dbus bookworm "$base.new" \
        2> "$folder/base.log" || { tail -n 20 "$folder/base.log" >&2; fail "mmdebstrap could not make the base image."; }
    mv "$base.new" "$base"
fi
