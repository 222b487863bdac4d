#!/bin/sh
# Verifies a manifest line with nothing but OpenSSL 3 and jq: openssl_verify.sh LINE KEY.pem WASM
# Prints the signed payload and exits 0; 10: the signature is refused, 11: another payload type, 12: other bytes.
set -eu
line=$1 key=$2 wasm=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
payload=$(jq --exit-status --raw-output .payload "$line")
sig=$(jq --exit-status --raw-output '.signatures[0].sig' "$line")
type=$(jq --exit-status --raw-output .payloadType "$line")
openssl pkey -pubin -in "$key" -noout
printf %s "$payload" | openssl base64 -d -A > "$scratch/payload"
printf %s "$sig" | openssl base64 -d -A > "$scratch/sig"
{
    printf 'DSSEv1 %d %s %d ' "$(printf %s "$type" | wc -c)" "$type" "$(wc -c < "$scratch/payload")"
    cat "$scratch/payload"
} > "$scratch/pae"
openssl pkeyutl -verify -rawin -pubin -inkey "$key" -sigfile "$scratch/sig" -in "$scratch/pae" >&2 || exit 10
[ "$type" = application/vnd.in-toto+json ] || exit 11
digest=$(openssl dgst -sha256 -r "$wasm" | cut -d ' ' -f 1)
[ "$(jq --exit-status --raw-output '.subject[0].digest.sha256' "$scratch/payload")" = "$digest" ] || exit 12
cat "$scratch/payload"
