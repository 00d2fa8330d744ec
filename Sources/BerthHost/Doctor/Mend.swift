internal import BerthModel

/// What mends several findings, as lines that a person can type.
enum Mend {
    /// How a parameter comes onto the kernel's command line.
    static func kernelParameter(_ parameter: String, _ host: Host) -> [String] {
        let place = host.kernel.container == nil ? "" : "on the host, outside the container: "
        return [
            "\(place)put \(parameter) on the kernel's command line and boot again",
            "Debian, Ubuntu: echo 'GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX \(parameter)\"' | "
                + "sudo tee -a /etc/default/grub.d/berth.cfg && sudo update-grub && sudo reboot",
            "Fedora, RHEL: sudo grubby --update-kernel=ALL --args=\(parameter) && sudo reboot",
        ]
    }

    /// How the tree is mounted with another option; mount(8) keeps those that it has.
    static func remount(_ option: String, _ host: Host) -> [String] {
        let place = host.kernel.container == nil ? "" : "on the host, outside the container: "
        return ["\(place)sudo mount -o remount,\(option) \(host.kernel.cgroupMount ?? "/sys/fs/cgroup")"]
    }

    /// Where a newer kernel comes from.
    static func newerKernel(_ version: String) -> [String] {
        [
            "boot Linux \(version) or later; Debian 12 has one: sudo apt install -t bookworm-backports "
                + "linux-image-$(dpkg --print-architecture) && sudo reboot"
        ]
    }

    /// How the agent is started: by systemd where there is one.
    static func start(_ host: Host, socket: String? = nil) -> String {
        host.kernel.has(.systemd)
            ? "sudo systemctl enable --now berthd.socket berthd" : byHand(host, socket: socket)
    }

    /// How it is ended and started again, which loses no reservation.
    static func restart(_ host: Host) -> String {
        host.kernel.has(.systemd) ? "sudo systemctl restart berthd" : "end berthd, and start it again: \(byHand(host))"
    }

    /// Where it says what it does.
    static func log(_ host: Host) -> String {
        host.kernel.has(.systemd) ? "journalctl -u berthd" : "what berthd writes to its standard error"
    }

    /// How an agent is started where systemd does not do it.
    static func byHand(_ host: Host, socket: String? = nil) -> String {
        let folder = (host.kernel.cgroupMount ?? "/sys/fs/cgroup") + "/berth"
        let place = socket.map { " --socket \($0)" } ?? ""
        return "sudo mkdir -p \(folder) && sudo berthd\(place) --cgroup-root \(folder)"
    }

    /// What a container must be started with to make groups of its own.
    static let container = [
        "docker run --privileged --cgroupns=private …, or podman run --systemd=always --cgroupns=private …: then the "
            + "container may write a cgroup tree of its own"
    ]

    /// What an ordinary user's manager must be given to have every controller.
    static let delegation = [
        "sudo systemctl edit user@.service, with these two lines, then log in again:", "  [Service]",
        "  Delegate=cpuset cpu io memory pids",
    ]
}
