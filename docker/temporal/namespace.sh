#!/bin/sh
# The namespace of our workflows and how long it keeps finished runs; may run any number of times.
set -eu

if temporal operator namespace describe --namespace "$NAMESPACE" > /dev/null 2>&1; then
    temporal operator namespace update --namespace "$NAMESPACE" --retention "$RETENTION"
else
    temporal operator namespace create --namespace "$NAMESPACE" --retention "$RETENTION"
fi
# A new namespace is known to all parts of the server within ten seconds.
tries=0
until temporal workflow count --namespace "$NAMESPACE" > /dev/null 2>&1; do
    tries=$((tries + 1))
    test "$tries" -lt 30 || { echo "the namespace $NAMESPACE does not answer" >&2; exit 1; }
    sleep 1
done
