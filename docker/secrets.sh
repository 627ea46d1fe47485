#!/usr/bin/env bash
# Makes the files of docker/secrets/ that are not there yet; never changes one that is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
umask 077
mkdir -p secrets

made() { # a name, and a command that prints the secret
    local file=secrets/$1
    shift
    if [ ! -e "$file" ]; then
        "$@" > "$file"
        # Containers read it as their own users, so that this folder's mode is the fence.
        chmod 0444 "$file"
        echo "made docker/$file"
    fi
}
random() { head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }
fernet() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }
url() { printf 'mysql+pymysql://sellermind:%s@database/sellermind?charset=utf8mb4' "$(cat secrets/sellermind_database_password)"; }
nothing() { :; }

made mysql_root random
made temporal_database_password random
made sellermind_database_password random
made sellermind_database_url url
made sellermind_secret_keys fernet
made sellermind_model_api_key nothing
made alert_slack_url printf 'http://127.0.0.1:9/nobody-listens'
chmod 0700 secrets
