package import BerthJSON
package import BerthPluginKit

/// What a plugin finds wrong, held to what anybody wants to read.
package enum PluginViolations {
    /// The most of one answer.
    private static let most = 64

    /// The `violations` of an answer.
    package static var reader: JSONReader<[Violation]> {
        .fields { fields throws(JSONFieldError) in
            try fields.required("violations", .array(of: Violation.reader)).prefix(most).map { violation in
                Violation(
                    violation.code.excerpt, at: violation.pointer.excerpt, violation.message.excerpt,
                    hint: violation.hint?.excerpt)
            }
        }
    }
}
