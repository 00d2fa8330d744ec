internal import BerthModel

/// Draws replays as an image: what was held of each type by whom, and how many waited, over time. Two stand side by side
/// under the same scales.
package struct ReplaySVG: CustomStringConvertible {
    private let drawings: [(title: String, chart: ReplayChart)]
    private var lines: [String] = []

    private static let width = ReplayChart.columns
    private static let height = 110
    private static let gap = 34
    private static let left = 64
    private static let top = 76

    /// Colours that people who see few colours tell apart (Okabe and Ito); the last is for all others.
    private static let colours = [
        "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999",
    ]

    /// - Parameter drawings: each under its title, all over the same time
    package init(_ drawings: [(title: String, chart: ReplayChart)]) {
        self.drawings = drawings
        draw()
    }

    /// The whole document.
    package var description: String { lines.map { "\($0)\n" }.joined() }

    private var panels: [(name: String, rows: KeyPath<ReplayChart, [[Double]]>)] {
        let all: [(name: String, rows: KeyPath<ReplayChart, [[Double]]>)] = [
            ("CPU", \.cpu), ("memory", \.memory), ("GPU", \.gpu),
        ]
        return all.filter { panel in drawings.contains { !$0.chart[keyPath: panel.rows].isEmpty } }
    }

    private mutating func draw() {
        let panels = panels
        let step = ReplaySVG.width + ReplaySVG.left + 24
        let width = step * max(1, drawings.count)
        let height = ReplaySVG.top + (panels.count + 1) * (ReplaySVG.height + ReplaySVG.gap) + 8
        lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
                + "viewBox=\"0 0 \(width) \(height)\" font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"\(width)\" height=\"\(height)\" fill=\"#ffffff\"/>",
        ]
        // Names in the order of the first drawing that has them, so that a user has one colour.
        var names: [String] = []
        for name in drawings.flatMap(\.chart.bands) where !names.contains(name) { names.append(name) }
        let most = drawings.flatMap(\.chart.waiting).max() ?? 0
        for (place, drawing) in drawings.enumerated() {
            let x = place * step + ReplaySVG.left
            text(drawing.title, x, 24, "font-size=\"15\" font-weight=\"bold\"")
            legend(drawing.chart.bands, names, x)
            var y = ReplaySVG.top
            for panel in panels {
                frame(panel.name, x, y, top: "100 %", drawing.chart.span)
                areas(drawing.chart[keyPath: panel.rows], drawing.chart.bands.map { colour($0, names) }, x, y)
                y += ReplaySVG.height + ReplaySVG.gap
            }
            frame("waiting", x, y, top: ReplaySVG.count(most), drawing.chart.span)
            let scaled = drawing.chart.waiting.map { most > 0 ? $0 / most : 0 }
            areas([scaled], ["#444444"], x, y)
        }
        lines.append("</svg>")
    }

    private func colour(_ name: String, _ names: [String]) -> String {
        let last = ReplaySVG.colours.count - 1
        guard name != "others", let place = names.firstIndex(of: name) else { return ReplaySVG.colours[last] }
        return ReplaySVG.colours[place < last ? place : place % last]
    }

    private mutating func legend(_ bands: [String], _ names: [String], _ x: Int) {
        var x = x
        for band in bands {
            let shown = band.count > 12 ? "\(band.prefix(11))…" : band
            lines.append("<rect x=\"\(x)\" y=\"40\" width=\"10\" height=\"10\" fill=\"\(colour(band, names))\"/>")
            text(shown, x + 14, 49, "")
            x += 24 + 7 * shown.count
        }
    }

    private mutating func frame(_ name: String, _ x: Int, _ y: Int, top: String, _ span: Int64) {
        let (width, height) = (ReplaySVG.width, ReplaySVG.height)
        lines.append(
            "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\" fill=\"#f4f4f4\" stroke=\"#bbbbbb\"/>")
        text(name, x, y - 4, "font-weight=\"bold\"")
        text(top, x - 6, y + 10, "text-anchor=\"end\" fill=\"#555555\"")
        text("0", x - 6, y + height, "text-anchor=\"end\" fill=\"#555555\"")
        for quarter in 0...4 {
            let at = x + width * quarter / 4
            text(
                ReplaySVG.time(span * Int64(quarter) / 4), at, y + height + 14,
                "text-anchor=\"\(quarter == 0 ? "start" : quarter == 4 ? "end" : "middle")\" fill=\"#555555\"")
        }
    }

    /// Bands on top of one another, a column a pixel.
    private mutating func areas(_ rows: [[Double]], _ colours: [String], _ x: Int, _ y: Int) {
        var floor = [Double](repeating: 0, count: ReplaySVG.width)
        for (row, colour) in zip(rows, colours) {
            let roof = zip(floor, row).map { min(1, $0 + $1) }
            defer { floor = roof }
            guard row.contains(where: { $0 > 0 }) else { continue }
            var points: [String] = []
            func add(_ column: Int, _ value: Double) {
                points.append(
                    "\(x + column),\(ReplaySVG.tenths(Double(y) + Double(ReplaySVG.height) * (1 - value)))")
            }
            // Only where a height changes: most of a long trace is level.
            func add(_ heights: [Double], _ columns: [Int]) {
                for column in columns {
                    if column == 0 || heights[column - 1] != heights[column] { add(column, heights[column]) }
                    if column + 1 == heights.count || heights[column + 1] != heights[column] {
                        add(column + 1, heights[column])
                    }
                }
            }
            add(roof, Array(roof.indices))
            let from = points.count
            add(floor, Array(floor.indices))
            points[from...].reverse()
            lines.append("<polygon points=\"\(points.joined(separator: " "))\" fill=\"\(colour)\"/>")
        }
    }

    private mutating func text(_ text: String, _ x: Int, _ y: Int, _ attributes: String) {
        let space = attributes.isEmpty ? "" : " "
        lines.append("<text x=\"\(x)\" y=\"\(y)\"\(space)\(attributes)>\(ReplaySVG.escaped(text))</text>")
    }

    /// A name from outside as XML may have it: control characters cannot stand there at all.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: scalar.isPrintable ? String(scalar) : "\u{FFFD}"
            }
        }.joined()
    }

    /// A number with one decimal.
    private static func tenths(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    private static func count(_ most: Double) -> String { most > 0 ? tenths(most) : "1" }

    /// A time for people: its two largest units.
    package static func time(_ milliseconds: Int64) -> String {
        let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] as [(String, Int64)]
        guard let first = units.firstIndex(where: { milliseconds >= $0.1 }) else { return "0" }
        let whole = "\(milliseconds / units[first].1)\(units[first].0)"
        guard first + 1 < units.count else { return whole }
        let rest = milliseconds % units[first].1 / units[first + 1].1
        return rest == 0 ? whole : "\(whole) \(rest)\(units[first + 1].0)"
    }
}
