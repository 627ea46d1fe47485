#!/usr/bin/env bash
# Install what the tests need beside Python's packages: MariaDB and its client, Chromium, Node, Prism, libfaketime, libatomic, zsh.
# Quiet, and done in no time when everything is there. With SELLERMIND_TEST_MYSQL_URL set, MariaDB is not asked for.
set -euo pipefail
cd "$(dirname "$0")/.."

prism=var/prism

missing() { ! PATH="$PATH:/usr/sbin" command -v "$1" > /dev/null; }

fail() {
    echo "tests/install_servers.sh: $1" >&2
    exit 1
}

# The servers' own packages, not the ones that would start a system-wide service.
packages=()
if [ -z "${SELLERMIND_TEST_MYSQL_URL:-}" ] && { missing mariadbd || missing mariadb-install-db; }; then
    packages+=(mariadb-server-core mariadb-client-core)
fi
if missing mariadb-dump; then packages+=(mariadb-client); fi # what `sellermind backup` calls
if missing chromium; then packages+=(chromium fonts-dejavu-core); fi
if missing node || missing npm; then packages+=(nodejs npm); fi
if ! compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' > /dev/null; then packages+=(libfaketime); fi
if ! compgen -G '/usr/lib/*/libatomic.so.1' > /dev/null; then packages+=(libatomic1); fi # Playwright's own node links it
if missing zsh; then packages+=(zsh); fi
if missing systemd-analyze; then packages+=(systemd); fi

if [ ${#packages[@]} -gt 0 ]; then
    wanted="the tests need ${packages[*]}"
    missing apt-get && fail "$wanted; this machine has no apt-get: install them, or set SELLERMIND_TEST_MYSQL_URL for the database."
    as_root=()
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2> /dev/null || fail "$wanted; run this as root once, or install them (SELLERMIND_TEST_MYSQL_URL replaces MariaDB)."
        as_root=(sudo -n)
    fi
    echo "Installing ${packages[*]}"
    quietly=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
    log=$(mktemp)
    { "${as_root[@]}" "${quietly[@]}" update && "${as_root[@]}" "${quietly[@]}" install -y --no-install-recommends "${packages[@]}"; } \
        > "$log" 2>&1 || { tail -n 20 "$log" >&2; fail "apt-get could not install ${packages[*]}."; }
    rm -f "$log"
fi

if ! cmp -s tests/contract/package-lock.json "$prism/installed-lock.json"; then
    echo "Installing Prism"
    mkdir -p "$prism"
    cp tests/contract/package.json tests/contract/package-lock.json "$prism/"
    (cd "$prism" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error > /dev/null) \
        || fail "npm could not install Prism into $prism."
    cp tests/contract/package-lock.json "$prism/installed-lock.json" # last: it says that the installation is whole
fi

tests/docker/install_tools.sh
