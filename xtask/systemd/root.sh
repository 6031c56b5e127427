#!/usr/bin/env bash
# root.sh FOLDER: a small Debian with systemd in FOLDER/root, and what boots it as a container. Does nothing where it is there. As root.
set -euo pipefail
root="$1/root"
[ -e "$1/complete" ] && exit 0
if ! command -v systemd-nspawn >/dev/null || ! command -v mmdebstrap >/dev/null; then
  echo "installing systemd-container mmdebstrap"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq systemd-container mmdebstrap >/dev/null
fi
rm -rf "$root"
mkdir -p "$1"
mirror=$(awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources)
mmdebstrap --quiet --mode=root --variant=minbase --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --include=systemd,systemd-sysv bookworm "$root" "$mirror"
touch "$1/complete"
