#!/bin/sh
# Writes one file for each of Temporal's databases that has a schema already. Runs in the mysql image.
set -eu

MYSQL_PWD="$(cat "$PASSWORD_FILE")"
export MYSQL_PWD
for database in temporal temporal_visibility; do
    tables=$(mysql --host "$DATABASE_HOST" --port "${DATABASE_PORT:-3306}" --user temporal --skip-column-names --batch --execute \
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '$database' AND table_name = 'schema_version'")
    if [ "$tables" = 0 ]; then
        rm -f "$STATE/$database"
    else
        : > "$STATE/$database"
    fi
done
