#!/usr/bin/env bash
# kernel.sh FOLDER: what an emulated Raspberry Pi 3 boots, out of Debian's packages: its kernel and modules, the device tree
# with SPI on and the UART where a header has it, busybox, and the module that simulates GPIO chips, which Debian does not
# build. Sources are fetched each time anew on a new machine; none of them becomes a part of the project.
set -euo pipefail
FOLDER=$1
[ ! -f "$FOLDER/ready" ] || exit 0
rm -rf "$FOLDER"
mkdir -p "$FOLDER/packages" "$FOLDER/simulator"
FOLDER=$(realpath "$FOLDER")
export PATH=$PATH:/sbin:/usr/sbin DEBIAN_FRONTEND=noninteractive

# The package that holds the newest kernel 6.1 for arm64.
image=$(apt-cache show linux-image-arm64:arm64 | awk -F'[ (]+' '/^Depends: linux-image-6\.1\./ { print $2; exit }')
[ -n "$image" ] || { echo "apt-cache knows no linux-image-arm64:arm64 with a kernel 6.1"; exit 1; }
version=${image#linux-image-}
common=linux-headers-${version%-arm64}-common

echo "fetching $image, its sources and its headers"
cd "$FOLDER/packages"
apt-get -qq download "$image:arm64" busybox-static:arm64 "linux-headers-$version:arm64" linux-source-6.1 2>/dev/null
for package in "$image" busybox-static "linux-headers-$version" linux-source-6.1; do
  dpkg -x "$package"_*.deb "$FOLDER/unpacked"
done
[ -d "/usr/src/$common" ] || apt-get -qq install -y --no-install-recommends "linux-headers-${version%-arm64}-amd64" >/dev/null
rm -rf "/usr/src/linux-headers-$version"
cp -r "$FOLDER/unpacked/usr/src/linux-headers-$version" /usr/src/

cd "$FOLDER"
cp unpacked/boot/vmlinuz-* vmlinuz
cp unpacked/bin/busybox busybox
mkdir -p kernel/lib
mv unpacked/lib/modules kernel/lib/
depmod -b kernel "$version"

tree=pi.dtb
cp unpacked/usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb "$tree"
fdtput -r "$tree" /soc/serial@7e201000/bluetooth
spi=/soc/spi@7e204000
fdtput -t s "$tree" "$spi" status okay
fdtput -c "$tree" "$spi/spidev@0"
fdtput -t s "$tree" "$spi/spidev@0" compatible rohm,dh2228fv
fdtput -t x "$tree" "$spi/spidev@0" reg 0
fdtput -t x "$tree" "$spi/spidev@0" spi-max-frequency 0x7a120

echo "building the simulator of GPIO chips"
source=linux-source-6.1
tar -C simulator --strip-components=3 -xf "unpacked/usr/src/$source.tar.xz" \
  "$source/drivers/gpio/gpio-sim.c" "$source/drivers/gpio/gpiolib.h" "$source/kernel/irq/irq_sim.c"
# The kernel does not export irq_to_desc; this does the same by number.
sed -i 's/handle_simple_irq(irq_to_desc(irqnum))/generic_handle_irq_safe(irqnum)/' simulator/irq_sim.c
# shellcheck disable=SC2016 # $(src) is for make.
printf 'obj-m := gpio-simulator.o\ngpio-simulator-y := gpio-sim.o irq_sim.o\nccflags-y += -I$(src)\n' >simulator/Kbuild
make -s -C "/usr/src/linux-headers-$version" M="$FOLDER/simulator" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- modules \
  >simulator/make.log 2>&1 || { cat simulator/make.log; exit 1; }
rm -rf packages unpacked
touch ready
