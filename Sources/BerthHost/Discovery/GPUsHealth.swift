internal import BerthModel

extension Host.GPUHealth {
    /// What the kernel counts of a device's mishaps.
    ///
    /// A card that is switched off is left alone, for asking for its link would switch it on.
    /// - Parameters:
    ///   - path: the PCI function's folder
    ///   - accelerator: the folder of the accelerator's own attributes
    static func discover(_ reader: HostReader, path: String?, accelerator: String?) -> Host.GPUHealth {
        var health = Host.GPUHealth()
        if let path {
            health.powerState = reader.known("\(path)/power_state")
            let sleeps = health.powerState?.hasPrefix("D3") ?? false
            health.correctableErrors = reader.errors("\(path)/aer_dev_correctable", total: "TOTAL_ERR_COR")
            health.nonfatalErrors = reader.errors("\(path)/aer_dev_nonfatal", total: "TOTAL_ERR_NONFATAL")
            health.fatalErrors = reader.errors("\(path)/aer_dev_fatal", total: "TOTAL_ERR_FATAL")
            health.fullLinkSpeed = reader.linkSpeed("\(path)/max_link_speed")
            health.fullLinkWidth = reader.linkWidth("\(path)/max_link_width")
            if !sleeps { health.readAwake(reader, path: path) }
        }
        if let accelerator {
            health.status = reader.known("\(accelerator)/status")
            let resets = ["hard_reset_cnt", "soft_reset_cnt"].compactMap { reader.count("\(accelerator)/\($0)") }
            health.resets = sum(resets)
        }
        return health
    }

    private mutating func readAwake(_ reader: HostReader, path: String) {
        linkSpeed = reader.linkSpeed("\(path)/current_link_speed")
        linkWidth = reader.linkWidth("\(path)/current_link_width")
        replays = reader.count("\(path)/pcie_replay_count")
        var repaired: [Int] = []
        var unrepaired: [Int] = []
        for name in reader.names("\(path)/ras") where name.hasSuffix("_err_count") {
            reader.contents("\(path)/ras/\(name)")?.forEachField { key, value in
                if key.equals("ce"), let count = value.leadingInteger { repaired.append(count) }
                if key.equals("ue"), let count = value.leadingInteger { unrepaired.append(count) }
            }
        }
        repairedErrors = sum(repaired)
        unrepairedErrors = sum(unrepaired)
    }
}

/// The sum; nil for no number at all, and where it does not fit.
private func sum(_ numbers: [Int]) -> Int? {
    var sum: Int?
    for number in numbers {
        let (total, overflow) = (sum ?? 0).addingReportingOverflow(number)
        guard !overflow else { return nil }
        sum = total
    }
    return sum
}

extension HostReader {
    /// The total of a table of PCIe errors, as in Documentation/ABI/testing/sysfs-bus-pci-devices-aer_stats.
    fileprivate func errors(_ path: String, total name: StaticString) -> Int? {
        guard let text = contents(path) else { return nil }
        var total: Int?
        text.forEachLine { line in
            guard line.starts(with: name), line.count > name.utf8CodeUnitCount + 1 else { return }
            total = line.extracting(name.utf8CodeUnitCount + 1..<line.count).leadingInteger
        }
        if total == nil { noteWrong(path, text, expected: "a table of errors that ends in their total") }
        return total
    }

    /// `8.0 GT/s PCIe` in megatransfers/s; older kernels leave the `PCIe` out, and say `Unknown`.
    fileprivate func linkSpeed(_ path: String) -> Int? {
        guard let text = known(path), !text.hasPrefix("Unknown") else { return nil }
        let number = text.prefix { $0 != " " }.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = number.first, let whole = Int(first), (0...10_000).contains(whole), number.count <= 2,
            let tenths = number.count == 2 ? Int(number[1].prefix(1)) : 0, text.contains("GT/s")
        else {
            noteWrong(path, text, expected: "a speed such as 8.0 GT/s PCIe")
            return nil
        }
        return whole * 1000 + tenths * 100
    }

    /// Lanes; 0 and 255 stand for a link that is down.
    fileprivate func linkWidth(_ path: String) -> Int? { integer(path).flatMap { (1...64).contains($0) ? $0 : nil } }
}
