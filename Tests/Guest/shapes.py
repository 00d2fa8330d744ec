"""Machines of other shapes than a laptop's, as QEMU makes them. What discovery must say of each is what the guest's own
lscpu, lstopo, numactl and lsblk say: see facts.py."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Shape:
    """What differs from the plain guest."""
    about: str
    cpus: str = "2"
    memory: str = "1024"
    machine: str = "q35"
    # More of the kernel's command line.
    kernel: str = ""
    # More arguments for QEMU.
    qemu: tuple = ()
    # A script for the guest, run when it is up: puts the shape's last touches.
    setup: str = ""


def node(number, cpus=None, mib=0, initiator=None):
    """A NUMA node; one without memory still has a number and distances."""
    parts = [f"node,nodeid={number}"]
    arguments = []
    if cpus is not None:
        parts.append(f"cpus={cpus}")
    if mib:
        arguments += ["-object", f"memory-backend-ram,id=memory{number},size={mib}M"]
        parts.append(f"memdev=memory{number}")
    if initiator is not None:
        parts.append(f"initiator={initiator}")
    return (*arguments, "-numa", ",".join(parts))


def distances(table):
    """Distances of nodes, as {(from, to): distance}."""
    return tuple(part for (source, target), value in table.items()
                 for part in ("-numa", f"dist,src={source},dst={target},val={value}"))


def latency_and_bandwidth(table):
    """The HMAT, as {(initiator, target): (nanoseconds, MiB/s)}."""
    return tuple(part for (initiator, target), (latency, bandwidth) in table.items()
                 for kind, value in (("latency", f"latency={latency}"), ("bandwidth", f"bandwidth={bandwidth}M"))
                 for part in ("-numa", f"hmat-lb,initiator={initiator},target={target},hierarchy=memory,"
                                       f"data-type=access-{kind},{value}"))


def disk(name, mib, *device):
    """A disk of zeros, and the device that shows it."""
    return ("-blockdev", f"null-co,node-name={name},size={mib << 20},read-zeroes=on",
            "-device", ",".join(device) + f",drive={name},serial={name}")


PLAIN = Shape("2 CPUs, 1 GiB, one disk, one network card")

SHAPES = {
    "plain": PLAIN,
    "threads": Shape("2 cores of 2 threads", cpus="4,sockets=1,cores=2,threads=2"),
    "topology": Shape(
        "2 sockets of 2 dies of 2 cores of 2 threads: core and die ids begin anew in each package",
        cpus="16,sockets=2,dies=2,cores=2,threads=2",
        # Where there are dies, QEMU 10 aborts on a cpuid of its default firmware.
        qemu=("-bios", "qboot.rom")),
    "numa": Shape(
        "4 NUMA nodes: node 2 has no memory, node 3 no CPU",
        cpus="4",
        qemu=(*node(0, "0-1", 512), *node(1, "2", 256), *node(2, "3"), *node(3, None, 256),
              *distances({(0, 1): 21, (0, 2): 31, (0, 3): 41, (1, 2): 21, (1, 3): 31, (2, 3): 21}))),
    "hmat": Shape(
        "3 NUMA nodes with latencies and bandwidths, node 2 slow memory without CPUs",
        cpus="4,sockets=2,cores=2,threads=1", machine="q35,hmat=on",
        qemu=(*node(0, "0-1", 512, 0), *node(1, "2-3", 256, 1), *node(2, None, 256, 0),
              *latency_and_bandwidth({(0, 0): (10, 20000), (0, 1): (20, 10000), (0, 2): (100, 5000),
                                      (1, 0): (20, 10000), (1, 1): (10, 20000), (1, 2): (200, 2500)}),
              "-numa", "hmat-cache,node-id=0,size=10K,level=1,associativity=direct,policy=write-back,line=8")),
    "disks": Shape(
        "NVMe at NUMA node 1 and at none, a SCSI disk that turns and one that does not",
        cpus="4,sockets=2,cores=2,threads=1",
        qemu=(*node(0, "0-1", 512), *node(1, "2-3", 512),
              "-device", "pxb-pcie,id=bridge1,bus_nr=64,numa_node=1,bus=pcie.0",
              "-device", "pcie-root-port,id=port1,bus=bridge1,chassis=10,slot=10",
              *disk("nvme-node1", 64, "nvme", "bus=port1"), *disk("nvme-plain", 256, "nvme", "bus=pcie.0"),
              "-device", "virtio-scsi-pci,id=scsi,bus=pcie.0",
              *disk("turning", 128, "scsi-hd", "bus=scsi.0", "rotation_rate=7200"),
              *disk("solid", 192, "scsi-hd", "bus=scsi.0", "rotation_rate=1"))),
    "nics": Shape(
        "a network card of 4 queues, one of 25 Gbit/s, one that is down, and virtual interfaces",
        cpus="4",
        qemu=("-netdev", "tap,id=net1,queues=4,script=no,downscript=no",
              "-device", "virtio-net-pci,netdev=net1,mq=on,vectors=10,romfile=,bus=pcie.0,mac=52:54:00:00:00:01",
              "-netdev", "user,id=net2,restrict=on",
              "-device", "virtio-net-pci,netdev=net2,speed=25000,duplex=full,romfile=,bus=pcie.0,mac=52:54:00:00:00:02",
              "-netdev", "user,id=net3,restrict=on",
              "-device", "virtio-net-pci,netdev=net3,speed=1000,duplex=full,romfile=,bus=pcie.0,mac=52:54:00:00:00:03"),
        setup="""for card in /sys/class/net/*; do
                     case $(cat $card/address) in *:03) ;; *) ip link set ${card##*/} up ;; esac
                 done
                 ip link add bridge0 type bridge
                 ip link add veth0 type veth peer name veth1
                 sleep 2"""),
    "hugepages": Shape(
        "32 huge pages of 2 MiB and one of 1 GiB",
        memory="5120", kernel="hugepagesz=2M hugepages=32 hugepagesz=1G hugepages=1"),
    "offline": Shape(
        "4 CPUs, 2 of them offline, one of the others isolated",
        cpus="4", kernel="maxcpus=2 isolcpus=1"),
    "memory-hotplug": Shape(
        "1 GiB and a module of 512 MiB that was put in, half of it online",
        memory="1024,slots=4,maxmem=4G", kernel="memhp_default_state=offline",
        qemu=(*node(0, "0-1", 1024), "-object", "memory-backend-ram,id=module,size=512M",
              "-device", "pc-dimm,id=dimm0,memdev=module,node=0"),
        setup="""online=0
                 for block in $(grep -l offline /sys/devices/system/memory/memory*/state); do
                     [ $online = 2 ] && break
                     echo online_movable > $block && online=$((online + 1))
                 done"""),
}
