internal import BerthHost

/// The doctor's findings as a person wants to read them: by area, each with what follows and what mends it.
enum DoctorText {
    /// The widest line of prose; commands are never broken.
    private static let width = 110

    /// - Parameter showsAll: whether what is in order is shown too
    static func page(_ diagnosis: Diagnosis, showsAll: Bool) -> String {
        var text = ""
        var mended: Set<[String]> = []
        for area in Finding.Area.allCases {
            let findings = diagnosis.findings.filter { $0.code.area == area && (showsAll || $0.level != .ok) }
            guard !findings.isEmpty else { continue }
            text += Style.bold(area.rawValue.prefix(1).uppercased() + area.rawValue.dropFirst()) + "\n"
            for finding in findings { text += lines(finding, &mended) }
            text += "\n"
        }
        return text + summary(diagnosis, showsAll: showsAll) + "\n"
    }

    /// A finding's lines; what mends several is told once.
    private static func lines(_ finding: Finding, _ mended: inout Set<[String]>) -> String {
        let level = finding.level.rawValue
        let mark = Style.colored(level, finding.level) + String(repeating: " ", count: max(1, 9 - level.count))
        let shown = finding.shownBy.map { " (\($0))" } ?? ""
        var text = "  \(mark)" + wrapped(finding.found + shown, indent: 11) + "\n"
        if let consequence = finding.consequence {
            text += "           " + wrapped("so: \(consequence)", indent: 15) + "\n"
        }
        guard !finding.mend.isEmpty else { return text }
        guard mended.insert(finding.mend).inserted else { return text + "           mend: as above\n" }
        for (index, line) in finding.mend.enumerated() {
            text += "           \(index == 0 ? "mend: " : "      ")\(line.printable)\n"
        }
        return text
    }

    private static func summary(_ diagnosis: Diagnosis, showsAll: Bool) -> String {
        func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
        let order = "\(diagnosis.count(.ok)) in order"
        return [counted(diagnosis.count(.problem), "problem"), counted(diagnosis.count(.note), "note"), order]
            .joined(separator: ", ") + (showsAll || diagnosis.count(.ok) == 0 ? "" : " (--all shows those)")
    }

    /// Prose in lines no wider than ``width``, those after the first behind a margin.
    private static func wrapped(_ prose: String, indent: Int) -> String {
        var lines: [String] = []
        var line = ""
        for word in prose.printable.split(separator: " ") {
            if !line.isEmpty, indent + line.count + 1 + word.count > width {
                lines.append(line)
                line = String(word)
            } else {
                line += (line.isEmpty ? "" : " ") + word
            }
        }
        return (lines + [line]).joined(separator: "\n" + String(repeating: " ", count: indent))
    }
}

extension Style {
    /// A level's word in its colour on a terminal that shows it: green, yellow, red.
    fileprivate static func colored(_ word: String, _ level: Finding.Level) -> String {
        guard Terminal.hasColours else { return word }
        let colour =
            switch level {
            case .ok: 32
            case .note: 33
            case .problem: 31
            }
        return "\u{1B}[1;\(colour)m\(word)\u{1B}[0m"
    }
}
