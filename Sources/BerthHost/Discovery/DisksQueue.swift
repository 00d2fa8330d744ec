internal import BerthModel

extension Host.DiskQueue {
    /// Reads the limits of a request queue, Documentation/ABI/stable/sysfs-block.
    static func discover(_ reader: HostReader, in folder: String) -> Host.DiskQueue {
        var queue = Host.DiskQueue()
        queue.logicalBlockBytes = reader.count("\(folder)/logical_block_size")
        queue.physicalBlockBytes = reader.count("\(folder)/physical_block_size")
        queue.requests = reader.count("\(folder)/nr_requests")
        queue.largestRequestBytes = reader.count("\(folder)/max_sectors_kb").flatMap { kibibytes in
            let (bytes, overflow) = kibibytes.multipliedReportingOverflow(by: 1024)
            return overflow ? nil : bytes
        }
        (queue.scheduler, queue.schedulers) = schedulers(reader.text("\(folder)/scheduler") ?? "")
        // The largest discard can be set to 0 by hand, the granularity cannot; the former is the newer file.
        let discard = reader.count("\(folder)/discard_max_bytes") ?? reader.count("\(folder)/discard_granularity")
        queue.discard = discard.map { $0 > 0 }
        queue.zoned = reader.text("\(folder)/zoned").flatMap { $0.isEmpty || $0 == "none" ? nil : $0 }
        return queue
    }

    /// `none mq-deadline [bfq]`: all, and the one in use. A queue that has no choice says `none` without brackets.
    private static func schedulers(_ text: String) -> (String?, [String]) {
        var active: String?
        let all = text.split(whereSeparator: \.isWhitespace).prefix(16).map { word in
            guard word.hasPrefix("["), word.hasSuffix("]"), word.count > 2 else { return String(word) }
            active = String(word.dropFirst().dropLast())
            return active ?? ""
        }
        return (active ?? (all.count == 1 ? all.first : nil), all)
    }
}
