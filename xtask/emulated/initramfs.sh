#!/usr/bin/env bash
# initramfs.sh FOLDER OUT SOURCE=PLACE...: a root file system in memory for the kernel in FOLDER: busybox, the modules of the
# devices, the libraries that a Rust program needs, and each SOURCE at its PLACE.
set -euo pipefail
FOLDER=$(realpath "$1") OUT=$2
shift 2
export PATH=$PATH:/sbin:/usr/sbin
MODULES=(i2c-bcm2835 i2c-dev spi-bcm2835 pwm-bcm2835 configfs phy-generic dwc2 ftdi_sio bcm2835_wdt evdev uinput)
LIBRARIES=/lib/aarch64-linux-gnu

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
version=$(basename "$FOLDER"/kernel/lib/modules/*)
modules=$root/lib/modules/$version
mkdir -p "$root"/{bin,sbin,proc,sys,dev,tmp,run,etc} "$root$LIBRARIES" "$modules"
cp "$FOLDER/busybox" "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
for module in "${MODULES[@]}"; do
  modprobe -d "$FOLDER/kernel" -S "$version" --show-depends "$module" | awk '/^insmod/ { print $2 }' | while read -r file; do
    place=$modules/${file#*"/lib/modules/$version/"}
    mkdir -p "$(dirname "$place")"
    cp -n "$file" "$place"
  done
done
cp "$FOLDER/kernel/lib/modules/$version"/modules.{order,builtin,builtin.modinfo} "$modules/"
depmod -b "$root" "$version"
cp "$FOLDER/simulator/gpio-simulator.ko" "$root/lib/"
cp -L "$LIBRARIES/ld-linux-aarch64.so.1" "$root/lib/"
cp -L "$LIBRARIES"/{libc.so.6,libm.so.6,libgcc_s.so.1} "$root$LIBRARIES/"
for file in "$@"; do
  place=$root/${file#*=}
  mkdir -p "$(dirname "$place")"
  cp -L "${file%%=*}" "$place"
done
chmod 755 "$root"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$OUT"
