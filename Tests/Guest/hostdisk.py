"""A folder of this machine as a disk for the guest: ext4, read-only, on /host."""
import os
import subprocess

import packages
from failure import GuestFailure

SERIAL = "berth-host"

# The programs at the top of /host and in /host/bin are put on the path.
MOUNT = f"""for tries in $(seq 3000); do
    for disk in /sys/block/vd*; do
        [ "$(cat $disk/serial 2> /dev/null)" = {SERIAL} ] || continue
        mount -o ro /dev/${{disk##*/}} /host || exit 1
        for program in /host/* /host/bin/*; do
            [ -f $program ] && [ -x $program ] && ln -sf $program /usr/local/bin/
        done
        exit 0
    done
    sleep 0.02
done
echo "the disk of /host did not appear"; exit 1"""


def make(folder, file):
    """Writes the disk of a folder to a file."""
    if not os.path.isdir(folder):
        raise GuestFailure(f"{folder} is not a folder")
    block, inode = 4096, 256
    count, blocks = 1, 0
    for parent, folders, files in os.walk(folder):
        count += len(folders) + len(files)
        blocks += len(folders) + sum(-(-os.lstat(os.path.join(parent, name)).st_size // block) for name in files)
    size = int(blocks * block * 1.02) + count * inode + (16 << 20)
    with open(file, "w") as disk:
        disk.truncate(size)
    done = subprocess.run(
        ["mkfs.ext4", "-q", "-F", "-m", "0", "-b", str(block), "-I", str(inode), "-N", str(count + 64),
         "-O", "^has_journal,^metadata_csum,^resize_inode", "-E", "lazy_itable_init=1,root_owner=0:0",
         "-d", folder, file],
        env=dict(os.environ, PATH=packages.search_path()), capture_output=True, text=True)
    if done.returncode != 0:
        raise GuestFailure(f"making a disk of {folder} failed:\n{done.stderr}")
