#!/bin/bash
# Builds the guest's image into OUT: disk.img (Debian's root tree as ext4) and for each kernel vmlinuz-X and initrd-X.
# usage: build.sh SOURCES OUT WORK     SOURCES: apt lines; OUT and WORK: empty folders. As root.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
SOURCES=$1 OUT=$2 WORK=$3
ROOT=$WORK/root
RELEASE=bookworm
KERNELS="6.1 6.12"

step() { echo "guest image: $*"; }

step "root tree of $RELEASE"
mmdebstrap --quiet --mode=root --variant=apt --skip=cleanup/apt/lists \
    --include="$(xargs < "$HERE/packages" | tr ' ' ',')" \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt=force-unsafe-io --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
    $RELEASE "$ROOT" "$SOURCES"

# Unpacked, not installed: installing would bring initramfs-tools and a boot loader. Not by `dpkg-deb -x`, which would
# replace the link /lib by a folder.
kernel() {
    local package
    package=$(chroot "$ROOT" apt-cache --names-only search "^linux-image-$1\.[0-9.+a-z-]*-cloud-amd64$" |
        cut -d' ' -f1 | sort -V | tail -1)
    [ -n "$package" ] || { echo "no cloud kernel $1 in the apt sources" >&2; return 1; }
    step "kernel $1: $package"
    mkdir "$ROOT/mnt/$1"
    chroot "$ROOT" sh -c "cd /mnt/$1 && apt-get -qq -o APT::Sandbox::User=root download $package"
    dpkg-deb --fsys-tarfile "$ROOT/mnt/$1"/*.deb | tar -x -C "$ROOT" --keep-directory-symlink
    rm -r "$ROOT/mnt/$1"
    mv "$ROOT/boot/vmlinuz-$1."* "$OUT/vmlinuz-$1"
    rm "$ROOT"/boot/*
    initramfs "$1" "${package#linux-image-}"
}

# init.c and the modules it loads, numbered in the order that modprobe would load them.
initramfs() {
    local tree=$WORK/initramfs-$1 number=100 module path
    mkdir -p "$tree"/{dev,new,modules}
    cp "$WORK/init" "$tree/init"
    chroot "$ROOT" depmod "$2"
    for module in $(cat "$HERE/modules"); do
        for path in $(chroot "$ROOT" modprobe -S "$2" --show-depends "$module" | awk '$1 == "insmod" {print $2}'); do
            compgen -G "$tree/modules/*-$(basename "$path")" > /dev/null && continue
            cp "$ROOT$path" "$tree/modules/$number-$(basename "$path")"
            number=$((number + 1))
        done
    done
    find "$tree/modules" -name '*.xz' -exec xz -d {} +
    find "$tree/modules" -name '*.zst' -exec zstd -q -d --rm {} +
    (cd "$tree" && find . | cpio -o -H newc --quiet) > "$OUT/initrd-$1"
}

gcc -Wall -Os -static -s -o "$WORK/init" "$HERE/init.c"
gcc -Wall -Os -static -s -o "$ROOT/usr/local/sbin/guest-agent" "$HERE/agent.c"
gcc -Wall -Os -static -s -o "$ROOT/usr/local/sbin/guest-heartbeat" "$HERE/heartbeat.c"
for version in $KERNELS; do kernel "$version"; done

step "settings"
ETC=$ROOT/etc
echo guest > "$ETC/hostname"
echo "127.0.0.1 localhost guest" > "$ETC/hosts"
: > "$ETC/fstab"
# A machine id that is there from the start saves systemd its first-boot pass.
echo berth-guest | md5sum | cut -c1-32 > "$ETC/machine-id"
chroot "$ROOT" passwd -q -d root
cp "$HERE"/guest-*.service "$ETC/systemd/system/"
mkdir -p "$ETC/systemd/system/multi-user.target.wants" "$ETC/systemd/journald.conf.d" "$ROOT/host"
ln -s ../guest-agent.service ../guest-heartbeat.service "$ETC/systemd/system/multi-user.target.wants/"
# Units that cost seconds of emulated time and serve no test.
while read -r unit; do ln -sf /dev/null "$ETC/systemd/system/$unit"; done < "$HERE/masked-units"
# Bars logins until systemd-user-sessions, masked, takes it away.
ln -s /dev/null "$ETC/tmpfiles.d/systemd-nologin.conf"
# Starts by D-Bus when the first session needs it.
rm -f "$ROOT/usr/lib/systemd/system/multi-user.target.wants/systemd-logind.service"
ln -sf /lib/systemd/system/multi-user.target "$ETC/systemd/system/default.target"
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n' > "$ETC/systemd/journald.conf.d/guest.conf"
rm -rf "$ROOT"/var/cache/apt/* "$ROOT"/var/lib/apt/lists/* "$ROOT"/dev/*

step "disk"
truncate -s 2G "$OUT/disk.img"
mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1 -O ^metadata_csum -d "$ROOT" "$OUT/disk.img"
