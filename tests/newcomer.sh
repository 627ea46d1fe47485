#!/usr/bin/env bash
# The newcomer: clones HEAD into an empty directory of a minimal Debian 12, which has what README.md asks for and nothing else,
# and types the README's two commands as they stand there. Fails at the first surprise: an exit code, a traceback, a process left
# behind, a file changed. `make newcomer`; needs root, mmdebstrap and a network; half an hour. With ARGS=demo only that command.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$PWD/var/newcomer
root=$folder/root
base=$folder/base.tar
demo_seconds=60

fail() {
    echo "tests/newcomer.sh: $1" >&2
    exit 1
}

# One line in the new root, with the clean environment of somebody who has just logged in, and processes of its own to count.
# Networks that look into TLS have an authority of their own: the programs are told of it as this machine tells its own.
typed() {
    local trusted=()
    for name in SSL_CERT_FILE PIP_CERT NODE_EXTRA_CA_CERTS; do
        [ -z "${!name:-}" ] || trusted+=("$name=/etc/ssl/certs/ca-certificates.crt")
    done
    unshare --mount --pid --fork --kill-child env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "${trusted[@]}" \
        sh -c 'mount -t proc proc "$1/proc" && mount -t tmpfs shm "$1/dev/shm" && mount -t devpts -o newinstance,ptmxmode=0666 pts "$1/dev/pts" \
            && exec chroot "$1" bash -c "$2"' - "$root" "$1"
}

# What README.md says to type: the indented block under "Two commands", without its remarks.
commands() {
    sed -n '/^## Two commands$/,/^## /{/^```$/,/^```$/{/^```$/d; s/ *#.*//; p}}' README.md
}

[ "$(id -u)" = 0 ] || fail "it makes a Debian of its own: run it as root."
command -v mmdebstrap > /dev/null || fail "mmdebstrap is missing: apt-get install mmdebstrap."
[ -z "$(git status --porcelain --untracked-files=no)" ] || echo "Not everything is committed: the newcomer gets HEAD."
[ "$(commands)" = $'make demo\nmake test' ] || fail "README.md does not name the two commands any more: $(commands)"

mkdir -p "$folder"
if [ ! -s "$base" ]; then
    echo "Making a minimal Debian"
    mmdebstrap --quiet --format=tar --variant=minbase --include=git,ca-certificates,python3,python3-pip,make bookworm "$base.new"
    mv "$base.new" "$base"
fi
rm -rf --one-file-system "$root"
mkdir -p "$root"
tar --extract --file "$base" --directory "$root"
cp --dereference /etc/resolv.conf "$root/etc/resolv.conf"
cp --dereference /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
printf '127.0.0.1 localhost %s\n' "$(hostname)" > "$root/etc/hosts" # as Debian's installer does
ln -sfn pts/ptmx "$root/dev/ptmx"
git clone --quiet --no-hardlinks . "$root/root/sellermind-workflows"

try() {
    local command=$1 line=$2 expected=$3 code=0
    echo "\$ $command"
    typed "cd /root/sellermind-workflows && { $line; }; code=\$?
        left=\$(readlink /proc/[1-9]*/exe | grep -vxE '/usr/bin/(bash|readlink|grep)')
        [ -z \"\$left\" ] || { echo \"left behind: \$left\"; exit 97; }
        [ -z \"\$(git status --porcelain)\" ] || { git status --short; exit 98; }
        exit \$code" 2>&1 | tee "$folder/${command#make }.log" || code=${PIPESTATUS[0]}
    [ "$code" = "$expected" ] || fail "\`$command\` ended with $code instead of $expected; all it said is in $folder."
    ! grep -q "Traceback (most recent call last)" "$folder/${command#make }.log" || fail "\`$command\` showed a traceback."
}

for command in $(commands | grep -oE "${1:-\w+}$"); do
    case $command in
        # Until Ctrl-C, which a terminal sends to the whole group; make itself then ends as interrupted programs do.
        demo) try "make demo" "timeout --preserve-status --signal=INT $demo_seconds make demo" 130
            grep -qE "  [1-9][0-9]* +[1-9][0-9]*  " "$folder/demo.log" || fail "no order arrived in a minute of demo." ;;
        test) try "make test" "make test" 0 ;;
        *) fail "no expectation for make $command." ;;
    esac
done
rm -rf --one-file-system "$root"
echo "No surprise."
