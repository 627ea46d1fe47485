#!/usr/bin/env bash
# The seed's deploy.sh for a host with supervisor or systemd: down, drain, tables, workers, up. May be run again at any time.
# The new code is in this checkout already (`git pull && make setup`): running workers keep the old one until they are restarted.
# What fails before that leaves the workers at their work with the old code. Usage: docker/deploy.sh supervisor|systemd [DRAIN]
set -euo pipefail
checkout="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)"
manager=${1:-}
drain=${2:-1h} # how long the steps that run now may take
# Where the workers of docker/supervisor and docker/systemd find them.
export CREDENTIALS_DIRECTORY=${CREDENTIALS_DIRECTORY:-/etc/sellermind/secrets}
export TEMPORAL_CONFIG_FILE=${TEMPORAL_CONFIG_FILE:-/etc/sellermind/temporal.toml}

sellermind() { "$checkout/bin/sellermind" "$@"; }
programs() { supervisorctl "$1" 'sellermind-high:*' 'sellermind-default:*' 'sellermind-low:*' 'sellermind-serve:*'; }

managed() { # whether there are workers to restart
    case $manager in
    supervisor) programs status > /dev/null || test $? = 3 ;; # 3: not all of them run, as after a deploy that failed
    systemd) systemctl list-units --plain --no-legend 'sellermind-worker@*' | grep --quiet . ;;
    *) echo "Usage: docker/deploy.sh supervisor|systemd [DRAIN]" >&2 && exit 2 ;;
    esac
}
restarted() { # old workers drain, new ones poll or at least live
    case $manager in
    supervisor) programs restart && programs status ;;
    systemd) systemctl restart 'sellermind-worker@*' 'sellermind-serve*' ;;
    esac
}

step="looking for the workers of $manager" left="Nothing was changed." found_up=false
trap 'exit 130' INT
trap 'exit 143' TERM
trap finish EXIT
finish() {
    code=$?
    test "$code" != 0 || return 0
    if $found_up; then
        sellermind up >&2 || left="Run \`sellermind up\` when Temporal answers again: schedules or queues may still be paused."
    fi
    echo "deploy: stopped while $step. $left" >&2
}

managed
step="holding the new code to the runs that are there"
sellermind deploy check

step="pausing schedules and queues" left="What was paused already comes back with \`sellermind up\`."
down=$(sellermind down --reason "deploy" --json)
if grep --quiet '"was_down": true' <<< "$down"; then
    left="The service was down before, and still is: run this again, or \`sellermind up\`."
else
    found_up=true left="The service is up again, with the code that was running."
fi
step="waiting up to $drain for the steps that run"
sellermind down --drain "$drain"

step="upgrading the tables"
sellermind db upgrade

step="restarting the workers"
# Half of the workers may be new: nothing may start until somebody has looked.
found_up=false left="The tables are new and the service is still down: read the workers' logs, mend it, and run this again."
restarted

step="applying schedules and letting everything start again"
sellermind schedules apply
sellermind up
