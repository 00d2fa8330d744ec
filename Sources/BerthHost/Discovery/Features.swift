package import BerthModel

extension Host.Kernel {
    /// Reads what the kernel is, what of it enforcement needs, and where it runs.
    /// - Parameters:
    ///   - mounts: this process's table of mounts, where it has been read already
    ///   - machine: what only calls can tell; nil for this process's own, or for nothing on a recorded host
    ///   - isGuest: whether the processor says that a hypervisor is below it, where that has been read
    package static func discover(
        _ reader: HostReader, mounts: [Mount]? = nil, machine: MachineAnswers? = nil, isGuest: Bool? = nil
    ) -> Host.Kernel {
        var kernel = Host.Kernel()
        let machine = machine ?? MachineAnswers.of(reader)
        // Recordings of others leave files out; those that have this one are taken to be whole, so that what is
        // absent in them is not there.
        kernel.release = reader.line("proc/sys/kernel/osrelease")
        let isWhole = kernel.release != nil
        kernel.version = reader.line("proc/sys/kernel/version")
        if !isWhole { kernel.readVersionLine(reader) }
        kernel.architecture = machine.architecture ?? reader.line("proc/sys/kernel/arch")
        kernel.pageBytes = machine.pageBytes
        kernel.transparentHugePages = reader.chosen("sys/kernel/mm/transparent_hugepage/enabled")
        let modules = reader.line("sys/kernel/security/lsm")
        kernel.securityModules = modules?.split(separator: ",").map(String.init) ?? []
        let tree = CgroupTree(reader, mounts ?? Mounts.own(reader))
        kernel.cgroupMount = tree.mountPoint
        kernel.cgroupOptions = tree.options
        kernel.controllers = tree.controllers
        kernel.features = tree.features + others(reader, isWhole: isWhole, modules: modules)
        kernel.machineVendor = reader.line("sys/class/dmi/id/sys_vendor")
        kernel.machineModel = reader.line("sys/class/dmi/id/product_name")
        kernel.container = Surroundings.container(reader, release: kernel.release)
        kernel.hypervisor = Surroundings.hypervisor(
            reader, vendor: kernel.machineVendor, model: kernel.machineModel, isGuest: isGuest)
        return kernel
    }

    /// `Linux version 5.4.0-42 (builder@machine) (gcc …) #46-Ubuntu SMP …`, of which the builder is left out.
    private mutating func readVersionLine(_ reader: HostReader) {
        guard let line = reader.line("proc/version"), line.hasPrefix("Linux version ") else { return }
        release = line.split(separator: " ").dropFirst(2).first.map(String.init)
        guard version == nil, let mark = line.lastIndex(of: "#") else { return }
        version = String(line[mark...])
    }

    private static func others(_ reader: HostReader, isWhole: Bool, modules: String?) -> [Host.KernelFeature] {
        var features: [Host.KernelFeature] = []
        func add(_ name: Host.KernelFeature.Name, ifThere path: String) {
            let isPresent = reader.exists(path)
            if isPresent || isWhole {
                features.append(Host.KernelFeature(name, isPresent: isPresent, shownBy: "/\(path)"))
            }
        }
        add(.pressure, ifThere: "proc/pressure")
        add(.btf, ifThere: "sys/kernel/btf/vmlinux")
        add(.systemd, ifThere: "run/systemd/system")
        let zswap = "sys/module/zswap/parameters/enabled"
        if let answer = reader.line(zswap) {
            features.append(Host.KernelFeature(.zswap, isPresent: answer == "Y" || answer == "1", shownBy: "/\(zswap)"))
        }
        // Older kernels filter too and have no such file, so that its absence says nothing.
        let seccomp = "proc/sys/kernel/seccomp/actions_avail"
        if reader.exists(seccomp) {
            features.append(Host.KernelFeature(.seccomp, isPresent: true, shownBy: "/\(seccomp)"))
        }
        if let modules {
            let isPresent = modules.split(separator: ",").contains("landlock")
            features.append(
                Host.KernelFeature(.landlock, isPresent: isPresent, shownBy: "/sys/kernel/security/lsm"))
        }
        return features
    }
}

extension HostReader {
    /// The first line of a file; nil where it is absent or empty.
    func line(_ path: String) -> String? {
        text(path)?.split(separator: "\n", omittingEmptySubsequences: false).first.flatMap {
            let line = $0.trimmed
            return line.isEmpty ? nil : String(line)
        }
    }

    /// The word in brackets: `madvise` of `always [madvise] never`.
    fileprivate func chosen(_ path: String) -> String? {
        guard let text = text(path), !text.isEmpty else { return nil }
        for word in text.split(whereSeparator: \.isWhitespace) where word.hasPrefix("[") && word.hasSuffix("]") {
            let choice = word.dropFirst().dropLast()
            if !choice.isEmpty { return String(choice) }
        }
        noteWrong(path, text, expected: "a choice with one word in brackets")
        return nil
    }
}
