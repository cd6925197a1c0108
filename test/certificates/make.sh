#!/usr/bin/env bash
# Makes the certificates of test/faults/network.spec.ts: one that the gateway of the test is told to trust, one that nobody trusts.
# They open nothing: both are for `localhost`, and their keys are here for everybody to read.
set -euo pipefail
cd "$(dirname "$0")"
for name in trusted stranger; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 \
    -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" \
    -keyout "$name.key.pem" -out "$name.pem"
done
