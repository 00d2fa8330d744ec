/// The names that IBM sells the machine types of its mainframes under.
enum MainframeNames {
    static func name(ofType type: String) -> String {
        guard let name = names[type] else { return "IBM \(type)" }
        return "IBM \(name) (\(type))"
    }

    private static let names = [
        "2064": "z900", "2066": "z800", "2084": "z990", "2086": "z890", "2094": "z9 EC", "2096": "z9 BC",
        "2097": "z10 EC", "2098": "z10 BC", "2817": "z196", "2818": "z114", "2827": "zEC12", "2828": "zBC12",
        "2964": "z13", "2965": "z13s", "3906": "z14", "3907": "z14 ZR1", "8561": "z15", "8562": "z15 T02",
        "3931": "z16", "3932": "z16 A02", "9175": "z17",
    ]
}
