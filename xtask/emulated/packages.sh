#!/usr/bin/env bash
# packages.sh: installs what compiles and runs aarch64 programs on this machine, all of it from Debian: a compiler with the
# standard library of aarch64, its linker, and qemu. Does nothing where all is there. As root.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

# qemu 10 knows the I2C and SPI controllers of a Raspberry Pi 3, bookworm's own qemu 7 does not.
BACKPORTS=/etc/apt/sources.list.d/sinew-backports.sources
FROM_HERE=(rustc-web libstd-rust-web-dev:arm64 gcc-aarch64-linux-gnu libc6-dev-arm64-cross
  kmod cpio device-tree-compiler make gcc-12 bc)
FROM_BACKPORTS=(qemu-system-arm qemu-user-static)

missing() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

command -v apt-get >/dev/null || { echo "this needs Debian's apt-get: the compiler, qemu and the kernel come from there"; exit 1; }
# Has the kernel run programs for aarch64 by qemu: tests start programs of their own. Where systemd runs, it does that.
register() {
  local registered=/proc/sys/fs/binfmt_misc
  mountpoint -q "$registered" || mount -t binfmt_misc binfmt_misc "$registered"
  [ -e "$registered/qemu-aarch64" ] || cat /usr/lib/binfmt.d/qemu-aarch64.conf >"$registered/register"
}

if [ -z "$(missing "${FROM_HERE[@]}" "${FROM_BACKPORTS[@]}")" ]; then
  [ -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ] || register
  exit 0
fi
[ "$(id -u)" = 0 ] || { echo "as root, this would install: $(missing "${FROM_HERE[@]}" "${FROM_BACKPORTS[@]}" | tr '\n' ' ')"; exit 1; }
echo "installing $(missing "${FROM_HERE[@]}" "${FROM_BACKPORTS[@]}" | tr '\n' ' ')"
if ! grep -rqs bookworm-backports /etc/apt/sources.list /etc/apt/sources.list.d; then
  mirror=$(awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources)
  printf 'Types: deb\nURIs: %s\nSuites: bookworm-backports\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
    "$mirror" >"$BACKPORTS"
fi
dpkg --add-architecture arm64
apt-get -qq update
apt-get -qq install -y --no-install-recommends "${FROM_HERE[@]}" >/dev/null
apt-get -qq install -y --no-install-recommends -t bookworm-backports "${FROM_BACKPORTS[@]}" >/dev/null
register
