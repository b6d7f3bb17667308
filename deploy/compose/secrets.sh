#!/bin/sh
# Makes the secrets of compose.scale.yaml, once: what is there stays as it is.
set -eu
umask 077
folder="$(dirname "$0")/secrets"
mkdir -p "$folder"
for name in beckon_secret database_password metrics_token; do
  [ -s "$folder/$name" ] || head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$folder/$name"
done
# The containers run as somebody else.
chmod 755 "$folder"
chmod 644 "$folder"/*
echo "The secrets are in $folder: keep a copy of beckon_secret, without it the data cannot be read."
