#!/bin/sh
# Makes the secrets of compose.yaml once, in the folder secrets beside it. What is there already stays.
set -eu
cd "$(dirname "$0")"
# Containers read these files as another user; the folder keeps users of this machine out.
mkdir -p secrets
chmod 700 secrets
write() { [ -s "secrets/$1" ] || printf '%s\n' "$2" > "secrets/$1"; chmod 644 "secrets/$1"; }
random() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }
hex() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
write admin-token "$(hex)"
write encryption-key "$(random)"
write database-password "$(hex)"
write database-url "postgres://latchkey:$(cat secrets/database-password)@postgres:5432/latchkey"
write grafana-password "$(hex)"
