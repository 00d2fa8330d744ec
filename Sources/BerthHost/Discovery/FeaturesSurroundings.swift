/// Tells what a kernel, or this process, runs inside of: a hypervisor, a container.
enum Surroundings {
    /// The container that this process is in; nil for none that shows.
    static func container(_ reader: HostReader, release: String?) -> String? {
        // systemd writes these down for everyone, from the environment that the container's maker gave it.
        for path in ["run/systemd/container", "run/host/container-manager"] {
            if let name = reader.line(path) { return name }
        }
        if reader.exists(".dockerenv") { return "docker" }
        if reader.exists("run/.containerenv") { return "podman" }
        if reader.exists("run/secrets/kubernetes.io") || reader.exists("var/run/secrets/kubernetes.io") {
            return "kubernetes"
        }
        if let release = release?.lowercased(), release.contains("microsoft" as Substring) { return "wsl" }
        return reader.exists("proc/vz") && !reader.exists("proc/bc") ? "openvz" : nil
    }

    /// The hypervisor below this kernel; nil for none that shows.
    /// - Parameter isGuest: whether the processor says there is one
    static func hypervisor(_ reader: HostReader, vendor: String?, model: String?, isGuest: Bool?) -> String? {
        if let name = byName(vendor: vendor, model: model) { return name }
        if reader.line("sys/hypervisor/type") == "xen" {
            // The first domain runs on the hardware, though above Xen.
            let isFirst = reader.text("proc/xen/capabilities")?.contains("control_d" as Substring) ?? false
            return isFirst ? nil : "xen"
        }
        if let name = reader.line("proc/device-tree/hypervisor/compatible") {
            return name.contains("kvm" as Substring) ? "kvm" : name.contains("xen" as Substring) ? "xen" : "unknown"
        }
        if reader.exists("proc/device-tree/ibm,partition-name") { return "powervm" }
        if let text = reader.text("proc/sysinfo"), text.contains("VM00 Control Program" as Substring) {
            return text.contains("KVM" as Substring) ? "kvm" : "zvm"
        }
        return isGuest ?? false ? "unknown" : nil
    }

    /// By what the firmware calls the machine.
    private static func byName(vendor: String?, model: String?) -> String? {
        // A whole machine of Amazon's has its vendor's name too.
        if let model, model.hasSuffix(".metal") { return nil }
        if model == "Virtual Machine", vendor == "Microsoft Corporation" { return "microsoft" }
        for name in [model, vendor] {
            guard let name else { continue }
            if let found = names.first(where: { name.hasPrefix($0.0) }) { return found.1 }
        }
        return nil
    }

    private static let names = [
        ("KVM", "kvm"), ("Google Compute Engine", "google"), ("Amazon EC2", "amazon"), ("OpenStack", "kvm"),
        ("DigitalOcean", "kvm"), ("Alibaba Cloud ECS", "kvm"), ("QEMU", "qemu"),
        ("Standard PC", "qemu"), ("VMware", "vmware"), ("VMW", "vmware"), ("VirtualBox", "virtualbox"),
        ("innotek", "virtualbox"), ("HVM domU", "xen"), ("Xen", "xen"), ("Bochs", "bochs"),
        ("Parallels", "parallels"), ("BHYVE", "bhyve"), ("Apple Virtualization", "apple"),
    ]
}
