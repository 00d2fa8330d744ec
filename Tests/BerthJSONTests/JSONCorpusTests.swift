import BerthJSON
import Foundation
import Testing

@Suite("The public JSON parsing suite") struct JSONCorpusTests {
    /// The files that RFC 8259 leaves open and that are JSON here: numbers beyond every machine type keep their text.
    private static let accepted: Set = [
        "i_number_double_huge_neg_exp.json", "i_number_huge_exp.json", "i_number_neg_int_huge_exp.json",
        "i_number_pos_double_huge_exp.json", "i_number_real_neg_overflow.json", "i_number_real_pos_overflow.json",
        "i_number_real_underflow.json", "i_number_too_big_neg_int.json", "i_number_too_big_pos_int.json",
        "i_number_very_big_negative_int.json",
    ]

    /// The files that RFC 8259 leaves open and that are refused here: lone surrogates, what is no UTF-8, a byte order
    /// mark, UTF-16, and nesting beyond the default limit.
    private static let refused: Set = [
        "i_object_key_lone_2nd_surrogate.json", "i_string_1st_surrogate_but_2nd_missing.json",
        "i_string_1st_valid_surrogate_2nd_invalid.json", "i_string_UTF-16LE_with_BOM.json",
        "i_string_UTF-8_invalid_sequence.json", "i_string_UTF8_surrogate_U+D800.json",
        "i_string_incomplete_surrogate_and_escape_valid.json", "i_string_incomplete_surrogate_pair.json",
        "i_string_incomplete_surrogates_escape_valid.json", "i_string_invalid_lonely_surrogate.json",
        "i_string_invalid_surrogate.json", "i_string_invalid_utf-8.json", "i_string_inverted_surrogates_U+1D11E.json",
        "i_string_iso_latin_1.json", "i_string_lone_second_surrogate.json",
        "i_string_lone_utf8_continuation_byte.json", "i_string_not_in_unicode_range.json",
        "i_string_overlong_sequence_2_bytes.json", "i_string_overlong_sequence_6_bytes.json",
        "i_string_overlong_sequence_6_bytes_null.json", "i_string_truncated-utf-8.json",
        "i_string_utf16BE_no_BOM.json", "i_string_utf16LE_no_BOM.json", "i_structure_500_nested_arrays.json",
        "i_structure_UTF-8_BOM_empty_object.json",
    ]

    /// BERTH_JSON_CORPUS names the folder `test_parsing` of nst/JSONTestSuite.
    @Test(
        "is met file by file",
        .enabled("BERTH_JSON_CORPUS is not set") { ProcessInfo.processInfo.environment["BERTH_JSON_CORPUS"] != nil })
    func corpus() throws {
        let folder = URL(filePath: try #require(ProcessInfo.processInfo.environment["BERTH_JSON_CORPUS"]))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
        #expect(names.count >= 318)
        for name in names.sorted() {
            let bytes = Array(try Data(contentsOf: folder.appending(path: name)))
            let value = try? JSONValue(parsing: bytes)
            let isAccepted = name.hasPrefix("y_") || JSONCorpusTests.accepted.contains(name)
            let isRefused = name.hasPrefix("n_") || JSONCorpusTests.refused.contains(name)
            #expect(isAccepted != isRefused, "\(name) is not in the tables")
            #expect((value != nil) == isAccepted, "\(name)")
            if let value { #expect(try JSONValue(parsing: value.description) == value, "\(name)") }
        }
    }
}
