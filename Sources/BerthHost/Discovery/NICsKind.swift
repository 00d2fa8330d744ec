/// Tells what an interface is: by its link layer, by what made it, or by its name.
enum NICKind {
    /// ARPHRD_INFINIBAND of linux/if_arp.h.
    static let infiniband = 32

    /// The link layer by its number, ARPHRD_* of linux/if_arp.h.
    static func link(type: Int) -> String {
        switch type {
        case 1: "ethernet"
        case infiniband: "infiniband"
        case 24: "firewire"
        case 280: "can"
        case 512: "ppp"
        case 519: "raw-ip"
        case 768, 769: "ip-tunnel"
        case 772: "loopback"
        case 776: "sit"
        case 778: "gre"
        case 801...803: "wireless"
        case 65534: "none"
        default: "type \(type)"
        }
    }

    /// What made a virtual interface; nil for hardware, and where nothing tells.
    ///
    /// On hardware sit interfaces too that are none: a switch port that stands for a virtual function, and a child of
    /// an InfiniBand interface for another partition key.
    static func name(
        _ reader: HostReader, _ place: NICPlace, type: Int?, folder: Set<String>, among names: Set<String>
    ) -> String? {
        if place.isHardware {
            if folder.contains("parent"), type == infiniband { return "ipoib-child" }
            if folder.contains("phys_port_name"), let port = reader.text("\(place.path)/phys_port_name"),
                isRepresentor(port)
            {
                return "representor"
            }
            return nil
        }
        if folder.contains("bonding") { return "bond" }
        if folder.contains("bridge") { return "bridge" }
        if folder.contains("tun_flags") { return "tun" }
        if let type = Uevent(reader, in: place.path)?["DEVTYPE"] { return type }
        if type == 772 { return "loopback" }
        if type == 768 || type == 769 || type == 776 || type == 778 { return "tunnel" }
        return byName(place.name[...]) ?? (trunk(place.name, names) == nil ? nil : "vlan")
    }

    /// `pf0vf3`, `c1pf0sf88`: the port of a card's own switch to a virtual or sub-function. `p0` is the way out.
    static func isRepresentor(_ port: String) -> Bool {
        guard let function = port.utf8.firstIndex(of: UInt8(ascii: "f")), port.contains("pf" as Substring) else {
            return false
        }
        let rest = port[port.utf8.index(after: function)...]
        return rest.contains("vf" as Substring) || rest.contains("sf" as Substring)
    }

    /// The interface that a VLAN is on by its name: `eth0` of `eth0.1015`.
    static func trunk(_ name: String, _ names: Set<String>) -> String? {
        guard let dot = name.lastIndex(of: "."), names.contains(String(name[..<dot])) else { return nil }
        return String(name[..<dot])
    }

    /// What made an interface, as far as its usual name tells.
    static func byName(_ name: Substring) -> String? {
        if name == "lo" { return "loopback" }
        // `br0`: two letters that begin many a name, but not before a number.
        if name.hasPrefix("br"), let next = name.utf8.dropFirst(2).first, next >= 0x30, next <= 0x39 { return "bridge" }
        return prefixes.first { name.hasPrefix($0.0) }?.1
    }

    private static let prefixes = [
        ("veth", "veth"), ("vnet", "tun"), ("tap", "tun"), ("tun", "tun"), ("docker", "bridge"), ("br-", "bridge"),
        ("virbr", "bridge"), ("dummy", "dummy"), ("ifb", "ifb"), ("bond", "bond"), ("team", "team"),
        ("vxlan", "vxlan"), ("flannel", "vxlan"), ("cali", "veth"), ("lxc", "veth"), ("wg", "wireguard"),
        ("sit", "tunnel"), ("gre", "tunnel"), ("ip6tnl", "tunnel"), ("tunl", "tunnel"), ("erspan", "tunnel"),
        ("nlmon", "nlmon"), ("ppp", "ppp"),
    ]

    /// Whether an interface is named as the kernel, systemd or biosdevname name hardware.
    static func isNamedAsHardware(_ name: Substring) -> Bool {
        guard !name.contains("."), !name.contains("@") else { return false }
        for (prefix, minimum) in [("eth", 4), ("en", 3), ("ib", 3), ("wl", 3), ("ww", 3), ("em", 3)] {
            guard name.hasPrefix(prefix), name.utf8.count >= minimum else { continue }
            let next = name.utf8[name.utf8.index(name.startIndex, offsetBy: prefix.utf8.count)]
            let isDigit = next >= UInt8(ascii: "0") && next <= UInt8(ascii: "9")
            // enp3s0, eno1, ens5, enx…, wlan0, wlp2s0, wwan0, ibp1s0: kinds of place or number.
            let places = prefix == "eth" || prefix == "em" ? "" : "opsxaXPc"
            if isDigit || places.utf8.contains(next) { return true }
        }
        // p4p1: slot and port.
        return name.hasPrefix("p") && name.utf8.dropFirst().allSatisfy { $0 == 0x70 || ($0 >= 0x30 && $0 <= 0x39) }
            && name.utf8.filter { $0 == 0x70 }.count == 2 && name.utf8.count >= 4
    }
}
