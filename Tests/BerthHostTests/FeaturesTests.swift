import BerthJSON
import BerthKernel
import BerthModel
import Testing

@testable import BerthHost

@Suite("The kernel of a host")
struct FeaturesTests {
    private func discover(_ files: [String: String], isGuest: Bool? = nil) throws -> Host.Kernel {
        Host.Kernel.discover(try PlantedTree(files).reader(), isGuest: isGuest)
    }

    private static func isPresent(_ name: Host.KernelFeature.Name, _ kernel: Host.Kernel) -> Bool? {
        kernel.features.first { $0.name == name }?.isPresent
    }

    private static let mount = "1 0 0:41 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"

    /// A host as systemd leaves it: cpuset is not on where memory is.
    private static let host =
        files(
            in: "sys/fs/cgroup",
            [
                "cgroup.controllers": "cpuset cpu io memory pids", "cgroup.procs": "", "io.cost.qos": "",
                "init.scope/cgroup.procs": "", "init.scope/cgroup.kill": "", "init.scope/cgroup.freeze": "",
                "init.scope/cpu.pressure": "", "init.scope/memory.current": "", "init.scope/memory.peak": "",
            ]) + ["proc/self/mountinfo": mount, "proc/sys/kernel/osrelease": "6.12.9-amd64\n"]

    @Test("can do what its files show, and cannot where the files beside them are there alone")
    func features() throws {
        let kernel = try discover(Self.host)
        for name in [
            Host.KernelFeature.Name.cgroup2, .cgroupKill, .cgroupFreeze, .memoryPeak, .ioCost, .cgroupPressure,
        ] {
            #expect(Self.isPresent(name, kernel) == true, "\(name)")
        }
        #expect(Self.isPresent(.recursiveProtection, kernel) == true)
        for name in [
            Host.KernelFeature.Name.memoryReclaim, .favorDynamicModification, .cgroupNamespace, .pressure, .btf,
        ] {
            #expect(Self.isPresent(name, kernel) == false, "\(name)")
        }
        #expect(kernel.cgroupMount == "/sys/fs/cgroup")
        #expect(kernel.controllers == ["cpuset", "cpu", "io", "memory", "pids"])
        #expect(kernel.cgroupOptions == ["nsdelegate", "memory_recursiveprot"])
    }

    @Test("has unknown features where no group with the controller can be seen")
    func unknown() throws {
        let kernel = try discover(Self.host)
        #expect(Self.isPresent(.cpusetPartition, kernel) == nil)
        #expect(Self.isPresent(.cpusetExclusive, kernel) == nil)
        let more = files(
            in: "sys/fs/cgroup/user.slice", ["cgroup.procs": "", "cpuset.cpus": "", "cpuset.cpus.partition": ""])
        let other = try discover(Self.host + more)
        #expect(Self.isPresent(.cpusetPartition, other) == true)
        #expect(Self.isPresent(.cpusetExclusive, other) == false)
    }

    @Test("shows in a cgroup namespace, where io.cost.qos is out of sight")
    func namespace() throws {
        var files = Self.host + ["sys/fs/cgroup/cgroup.events": ""]
        files["sys/fs/cgroup/io.cost.qos"] = nil
        let kernel = try discover(files)
        #expect(Self.isPresent(.cgroupNamespace, kernel) == true)
        #expect(Self.isPresent(.ioCost, kernel) == nil)
    }

    @Test("of a recording that leaves files out cannot be said to lack anything")
    func partial() throws {
        let kernel = try discover([
            "proc/self/mountinfo": "1 0 0:41 / /cgroup/unified rw - cgroup2 cgroup2 rw\n",
            "cgroup/unified/cgroup.controllers": "cpuset\n", "cgroup/unified/job/cpuset.cpus.effective": "0\n",
        ])
        #expect(kernel.cgroupMount == "/cgroup/unified")
        #expect(
            Set(kernel.features.filter { !$0.isPresent }.map(\.name)) == [
                .favorDynamicModification, .recursiveProtection,
            ])
    }

    @Test("has no cgroup v2 where none is mounted, and nothing is known where there is no table")
    func withoutTree() throws {
        let kernel = try discover(["proc/self/mountinfo": "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"])
        #expect(kernel.features.map(\.name) == [.cgroup2])
        #expect(Self.isPresent(.cgroup2, kernel) == false)
        #expect(try discover([:]).features.isEmpty)
        let bare = try discover(["sys/fs/cgroup/cgroup.controllers": "cpu\n"])
        #expect(Self.isPresent(.cgroup2, bare) == true)
    }

    @Test("is named without the machine that it was built on")
    func version() throws {
        let line = "Linux version 5.4.0-42-generic (buildd@lgw01-amd64-038) (gcc version 9.3.0) #46-Ubuntu SMP Fri\n"
        let kernel = try discover(["proc/version": line])
        #expect(kernel.release == "5.4.0-42-generic")
        #expect(kernel.version == "#46-Ubuntu SMP Fri")
        #expect(!kernel.json.description.contains("buildd"))
        #expect(try discover(["proc/version": "Linux version \n"]).release == nil)
    }

    @Test("tells its modes and modules")
    func modes() throws {
        let kernel = try discover([
            "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
            "sys/kernel/security/lsm": "capability,landlock,bpf", "sys/module/zswap/parameters/enabled": "Y\n",
            "proc/sys/kernel/arch": "riscv64\n",
        ])
        #expect(kernel.transparentHugePages == "madvise")
        #expect(kernel.securityModules == ["capability", "landlock", "bpf"])
        #expect(Self.isPresent(.landlock, kernel) == true)
        #expect(Self.isPresent(.zswap, kernel) == true)
        #expect(kernel.architecture == "riscv64")
        #expect(kernel.pageBytes == nil)
    }

    @Test("with rubbish for a mode is noted", arguments: ["always", "[]", "\u{FFFD}\u{0}["])
    func rubbish(text: String) throws {
        let reader = try PlantedTree(["sys/kernel/mm/transparent_hugepage/enabled": text]).reader()
        #expect(Host.Kernel.discover(reader).transparentHugePages == nil)
        #expect(reader.problems.count == 1)
    }

    @Test(
        "shows what it runs inside of",
        arguments: [
            (["run/systemd/container": "lxc\n"], "lxc"), ([".dockerenv": ""], "docker"),
            (["run/.containerenv": ""], "podman"),
            (["proc/sys/kernel/osrelease": "5.15.90.1-microsoft-standard-WSL2\n"], "wsl"),
            (["proc/vz/x": ""], "openvz"), (["proc/vz/x": "", "proc/bc/x": ""], nil), ([:], nil),
        ] as [([String: String], String?)])
    func containers(files: [String: String], name: String?) throws {
        #expect(try discover(files).container == name)
    }

    @Test(
        "shows what it runs above",
        arguments: [
            (["sys/class/dmi/id/sys_vendor": "QEMU\n"], nil, "qemu"),
            (
                ["sys/class/dmi/id/sys_vendor": "Amazon EC2", "sys/class/dmi/id/product_name": "m5.large"], nil,
                "amazon"
            ),
            (["sys/class/dmi/id/sys_vendor": "Amazon EC2", "sys/class/dmi/id/product_name": "m5.metal"], nil, nil),
            (
                [
                    "sys/class/dmi/id/sys_vendor": "Microsoft Corporation",
                    "sys/class/dmi/id/product_name": "Virtual Machine",
                ], nil, "microsoft"
            ),
            (["sys/class/dmi/id/sys_vendor": "Dell Inc."], nil, nil), (["sys/hypervisor/type": "xen"], nil, "xen"),
            (["sys/hypervisor/type": "xen", "proc/xen/capabilities": "control_d\n"], true, nil),
            (["proc/device-tree/hypervisor/compatible": "linux,kvm\u{0}"], nil, "kvm"), ([:], true, "unknown"),
            (["proc/sysinfo": "VM00 Control Program: KVM/Linux\n"], nil, "kvm"), ([:], false, nil), ([:], nil, nil),
        ] as [([String: String], Bool?, String?)])
    func hypervisors(files: [String: String], isGuest: Bool?, name: String?) throws {
        #expect(try discover(files, isGuest: isGuest).hypervisor == name)
    }

    @Test("of this machine has a page size and an architecture")
    func live() throws {
        let kernel = Host.Kernel.discover(HostReader(root: try .live()))
        #expect((kernel.pageBytes ?? 0) >= 4096)
        #expect(kernel.architecture?.isEmpty == false)
        #expect(kernel.release?.isEmpty == false)
    }
}
