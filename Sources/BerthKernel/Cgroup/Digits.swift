extension FixedWidthInteger {
    /// Reads decimal digits alone, as the kernel prints numbers: no sign, no other digits of Unicode. Nil for anything
    /// else, and for a number that does not fit.
    init?(digits text: some StringProtocol) {
        guard text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Self(text) else { return nil }
        self = number
    }
}
