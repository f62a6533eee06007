#!/bin/sh
# Creates the namespace and its search attributes once the server answers. Running it again changes nothing.
set -eu
until temporal operator cluster health; do sleep 1; done
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 72h
for name in BgrWorkspace BgrCompany BgrReason BgrStep BgrOutcome; do
  temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$name" --type Keyword
done
