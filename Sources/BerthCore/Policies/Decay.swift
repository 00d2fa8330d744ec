/// What remains of a memory that fades by half again and again.
///
/// By multiplication and square roots alone, which every machine rounds alike: whoever replays events gets the same bits.
enum Decay {
    /// 2^(-`time` / `halfLife`), both in milliseconds.
    static func factor(over time: Int64, halfLife: Int64) -> Double {
        guard time > 0 else { return 1 }
        let (halvings, rest) = time.quotientAndRemainder(dividingBy: max(1, halfLife))
        guard halvings < 1000 else { return 0 }
        return Double(sign: .plus, exponent: -Int(halvings), significand: partial(rest, of: max(1, halfLife)))
    }

    /// The binary digits of the part of a half-life, each with its root of a half.
    private static func partial(_ time: Int64, of halfLife: Int64) -> Double {
        var (factor, rest) = (1.0, time)
        for root in roots {
            guard rest > 0 else { break }
            // Twice without an overflow.
            let isSet = rest >= halfLife - rest
            rest = isSet ? rest - (halfLife - rest) : rest + rest
            if isSet { factor *= root }
        }
        return factor
    }

    /// 2^(-1/2), 2^(-1/4), and so on.
    private static let roots: [Double] = {
        var roots = [Double(0.5).squareRoot()]
        while roots.count < 40 { roots.append(roots[roots.count - 1].squareRoot()) }
        return roots
    }()
}
