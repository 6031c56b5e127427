#!/usr/bin/env bash
# boot.sh ROOT SECONDS: boots the systemd of ROOT as a container, on a machine whose first process is none, and waits for it to
# switch itself off. nspawn wants a /run and cgroups of its own there.
set -euo pipefail
# shellcheck disable=SC2016 # what stands in quotes is for the other shell
exec unshare --mount --propagation private bash -c '
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd
umount -R /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 cgroup2 /sys/fs/cgroup
exec timeout --kill-after=5 "$1" systemd-nspawn --quiet --register=no --keep-unit --capability=all --boot --directory="$0"' "$1" "$2"
