"""The Debian packages that the harness needs on this machine, and the mirror they come from."""
import os
import shutil
import subprocess

from failure import GuestFailure

RELEASE = "bookworm"
BACKPORTS = RELEASE + "-backports"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

# A program, and the package that brings it. QEMU comes from backports where it is not here yet: 7.2, Debian 12's own,
# is slower and dies when a CPU is taken out.
QEMU = {"qemu-system-x86_64": "qemu-system-x86", "qemu-img": "qemu-utils"}
TOOLS = {"mmdebstrap": "mmdebstrap", "mkfs.ext4": "e2fsprogs", "cpio": "cpio", "xz": "xz-utils", "zstd": "zstd",
         "gcc": "gcc"}


def ensure():
    """Installs by apt-get what is missing, and says so."""
    qemu, tools = missing(QEMU), missing(TOOLS)
    if not qemu and not tools:
        return
    if os.geteuid() != 0:
        raise GuestFailure(f"missing packages: {' '.join(qemu + tools)}; run as root, or install them")
    apt("update")
    if "gcc" in tools:
        tools.append("libc6-dev")
    if tools:
        install(tools, RELEASE)
    if qemu:
        add_backports()
        install(qemu, BACKPORTS)


def missing(programs):
    """The packages of the programs that are not on this machine."""
    return sorted({package for program, package in programs.items() if not shutil.which(program, path=search_path())})


def search_path():
    """mkfs lives in sbin, which is not on everyone's path."""
    return os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def sources():
    """This machine's own Debian sources for the release and its updates, and backports from the same mirror,
    as lines for apt."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"],
        check=True, capture_output=True, text=True).stdout
    mirrors = {}
    for uri, release, component in (line.split() for line in listed.splitlines()):
        if component == "main" and (release == RELEASE or release.startswith(RELEASE + "-")):
            mirrors[release] = uri
    if RELEASE not in mirrors:
        raise GuestFailure(f"no apt source of this machine has Debian {RELEASE} (main)")
    mirrors.setdefault(BACKPORTS, mirrors[RELEASE])
    return [f"deb [signed-by={KEYRING}] {uri} {release} main" for release, uri in mirrors.items()]


def add_backports():
    """Gives apt the backports of its own mirror."""
    path = "/etc/apt/sources.list.d/berth-guest-backports.list"
    line = next(line for line in sources() if f" {BACKPORTS} " in line)
    listed = subprocess.run(["apt-cache", "policy"], check=True, capture_output=True, text=True).stdout
    if f" {BACKPORTS}/main " in listed:
        return
    print(f"guest: adding to {path}: {line}", flush=True)
    with open(path, "w") as file:
        file.write(line + "\n")
    apt("update")


def install(packages, release):
    """Packages by name, without their recommendations."""
    print(f"guest: installing by apt-get from {release}:", *packages, flush=True)
    apt("install", "--yes", "--no-install-recommends", "--target-release", release, *packages)


def apt(*arguments):
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    done = subprocess.run(["apt-get", "-q", *arguments], env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise GuestFailure(f"apt-get {' '.join(arguments)} failed:\n{done.stdout[-2000:]}")
