#!/usr/bin/env bash
# Builds the image without a Docker engine, runs it as a foreign user with a read-only root, and says its size and start time.
# Needs root, and ../shared/tools/dockerfile-check (buildah).
#   npm run test:image [-- --built]        --built takes the image that is there
set -euo pipefail
cd "$(dirname "$0")/../.."
TOOL=$PWD/../shared/tools/dockerfile-check
STORE=${DOCKERFILE_CHECK_STORE:-${TMPDIR:-/tmp}/dockerfile-check}
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
b() { buildah --root "$STORE/root" --runroot "$STORE/run" --storage-driver vfs "$@"; }
say() { printf '%s\n' "$*"; }
fail() { say "FAILED: $*"; exit 1; }

if [ "${1:-}" != --built ]; then
  "$TOOL" base >/dev/null
  "$TOOL" build "$PWD" beckon:test
fi

WORK=$(mktemp -d)
CONTAINER=$(b from --pull-never beckon:test)
ROOT=$(b mount "$CONTAINER")
PORT=$((20000 + RANDOM % 10000))
PID=
# Kept mail is shown on loopback only: what the quick start needs.
HOST=127.0.0.1
ending() {
  [ -z "$PID" ] || kill -9 "$PID" 2>/dev/null || true
  b umount "$CONTAINER" >/dev/null; b rm "$CONTAINER" >/dev/null
  rm -rf "$WORK"
}
trap ending EXIT

# How large is what we add: the layers that the base has not, compressed as they are pushed.
b push -q beckon:test "oci:$WORK/ours:x" >/dev/null
b push -q docker.io/library/node:26-slim "oci:$WORK/base:x" >/dev/null
bytes=0
for blob in "$WORK"/ours/blobs/sha256/*; do
  [ -e "$WORK/base/blobs/sha256/${blob##*/}" ] || bytes=$((bytes + $(stat -c %s "$blob")))
done
say "our layers: $((bytes / 1024)) KiB compressed"
[ "$bytes" -le $((15 * 1024 * 1024)) ] || fail 'they are larger than 15 MiB'
b inspect --type image beckon:test | grep -q '"org.opencontainers.image.title"' || fail 'it has no label'

# The image as a container has it: its own root read-only, /data and /tmp to write in, whoever runs it.
mkdir "$WORK/data" && chmod 1777 "$WORK/data"
as_foreigner() { # COMMAND…
  ${EXEC:-} unshare --mount --propagation private sh -ec '
    root=$1 data=$2 port=$3 host=$4; shift 4
    mount --bind "$root" "$root"
    mount --bind "$data" "$root/data"
    mount -t tmpfs tmpfs "$root/tmp"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -o remount,ro,bind "$root"
    exec chroot --userspec=54321:54321 "$root" env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/nonexistent NODE_ENV=production \
      BECKON_HOST="$host" BECKON_DATA_DIR=/data PORT="$port" "$@"' sh "$ROOT" "$WORK/data" "$PORT" "$HOST" "$@"
}
ready() {
  for _ in $(seq 1 500); do
    if curl -sf -o /dev/null "http://127.0.0.1:$PORT/readyz"; then return 0; fi
    sleep 0.02
  done
  cat "$WORK/log"; fail 'it does not get ready'
}
start() {
  local from; from=$(date +%s%N)
  EXEC=exec as_foreigner beckon serve >"$WORK/log" 2>&1 &
  PID=$!
  ready
  say "ready after $((($(date +%s%N) - from) / 1000000)) ms ($1)"
}
stop() {
  kill -TERM "$PID"
  local code=0; wait "$PID" || code=$?
  PID=
  [ "$code" = 0 ] || { cat "$WORK/log"; fail "told to stop, it exited with $code"; }
}

as_foreigner sh -c 'touch /app/x 2>/dev/null' && fail 'its root can be written'
start 'a new database'
as_foreigner beckon health >/dev/null || fail 'it does not call itself healthy'
node -e '
  const { quickStartOn } = await import("./test/quick-start.ts")
  await quickStartOn({ port: Number(process.argv[1]), folder: process.argv[2] })' --input-type=module "$PORT" "$WORK/data" 2>"$WORK/err" \
  || { cat "$WORK/err"; fail 'the quick start does not run'; }
say 'the quick start runs on it'
stop
HOST=0.0.0.0
start 'a database that is there'
kill -9 "$PID"; wait "$PID" 2>/dev/null || true; PID=
start 'after a kill'
curl -sf "http://127.0.0.1:$PORT/v1/auth/login" -H 'Content-Type: application/json' \
  -d '{"email":"grace@example.com","password":"another long password"}' | grep -q access_token || fail 'what was kept is gone'
stop
say 'told to stop it ends with 0, killed it needs no repair, and keeps what it had'
