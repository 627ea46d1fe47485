#!/bin/sh
# Brings Temporal's two databases to the schema of this release; may run any number of times. Runs in the admin-tools image.
set -eu

SQL_PASSWORD="$(cat "$PASSWORD_FILE")"
export SQL_PASSWORD
schemas=/etc/temporal/schema/mysql/v8

tool() {
    database=$1
    shift
    temporal-sql-tool --plugin mysql8 --ep "$DATABASE_HOST" --port "${DATABASE_PORT:-3306}" --user temporal --db "$database" "$@"
}

for pair in temporal:temporal temporal_visibility:visibility; do
    database=${pair%:*}
    # A second setup-schema would set the version back to 0.0, and the next update would fail on tables that exist.
    test -e "$STATE/$database" || tool "$database" setup-schema --version 0.0
    tool "$database" update-schema --schema-dir "$schemas/${pair#*:}/versioned"
done
