package import BerthModel

extension Host.Pressure {
    /// Reads `/proc/pressure`. A kernel without it, or with it switched off, has nothing to read.
    package static func discover(_ reader: HostReader) -> Host.Pressure {
        Host.Pressure(
            cpu: stall(reader, "proc/pressure/cpu"), memory: stall(reader, "proc/pressure/memory"),
            io: stall(reader, "proc/pressure/io"))
    }

    private static func stall(_ reader: HostReader, _ path: String) -> Stall? {
        guard let text = reader.text(path), !text.isEmpty else { return nil }
        var stall = Stall()
        for line in text.split(separator: "\n") {
            guard let (name, share) = Share.parse(line) else {
                reader.noteWrong(path, line, expected: "a line such as some avg10=0.10 avg60=2.00 avg300=3.85 total=15")
                continue
            }
            if name == "some" { stall.some = share } else if name == "full" { stall.full = share }
        }
        return stall.some == nil && stall.full == nil ? nil : stall
    }
}

extension Host.Pressure.Share {
    /// `some avg10=0.10 avg60=2.00 avg300=3.85 total=15`
    fileprivate static func parse(_ line: Substring) -> (Substring, Host.Pressure.Share)? {
        let fields = line.split(separator: " ")
        guard let name = fields.first else { return nil }
        var values: [Substring: Substring] = [:]
        for field in fields.dropFirst() {
            let halves = field.split(separator: "=", maxSplits: 1)
            if halves.count == 2 { values[halves[0]] = halves[1] }
        }
        guard let short = values["avg10"].flatMap(hundredths), let middle = values["avg60"].flatMap(hundredths),
            let long = values["avg300"].flatMap(hundredths), let total = values["total"].flatMap({ Int($0) }),
            total >= 0
        else { return nil }
        return (
            name,
            Host.Pressure.Share(
                hundredths10: short, hundredths60: middle, hundredths300: long, totalMicroseconds: total)
        )
    }

    /// `3.85` is 385.
    private static func hundredths(_ text: Substring) -> Int? {
        let halves = text.split(separator: ".", omittingEmptySubsequences: false)
        guard halves.count == 2, halves[1].utf8.count == 2, halves[0].utf8.count <= 6,
            halves.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }),
            let whole = Int(halves[0]), let rest = Int(halves[1])
        else { return nil }
        return whole * 100 + rest
    }
}
