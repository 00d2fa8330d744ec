package import BerthJSON
internal import BerthModel

extension PreemptionTerms {
    /// Reads what a configuration says of preemption.
    package static var reader: JSONReader<PreemptionTerms> {
        .fields { fields throws(JSONFieldError) in
            let standard = PreemptionTerms()
            let grace = try fields.optional("grace", .duration) ?? standard.grace
            let most = try fields.optional("most", .duration) ?? max(grace, standard.most)
            for (name, value) in [("grace", grace), ("most", most)] where value > .seconds(3600) {
                throw fields.invalid(name, "is \(value.text)", expected: "at most 1h")
            }
            guard grace <= most else {
                throw fields.invalid("most", "is \(most.text), less than the grace of \(grace.text)")
            }
            return PreemptionTerms(grace: grace, most: most)
        }
    }
}
