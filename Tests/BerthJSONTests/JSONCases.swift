/// Hard cases of the grammar, so that the module is tested where the public suite is not at hand.
enum JSONCases {
    /// Texts that are JSON, and how they are printed.
    static let accepted: [(text: String, printed: String)] = [
        ("null", "null"), ("true", "true"), ("false", "false"), (" \t\r\n0\n", "0"), ("-0", "-0"),
        ("-0.0E+00", "-0.0E+00"),
        ("1e5", "1e5"), ("1E-5", "1E-5"), ("0.10", "0.10"),
        (String(repeating: "9", count: 400), String(repeating: "9", count: 400)),
        ("\"\"", "\"\""), (#""\"\\\/\b\f\n\r\t""#, #""\"\\/\b\f\n\r\t""#), (#""\u0041\u00e9\u20AC""#, "\"Aé€\""),
        (#""\ud83d\ude00""#, "\"😀\""), (#""\uD834\uDD1E""#, "\"\u{1D11E}\""), (#""\udbff\udfff""#, "\"\u{10FFFF}\""),
        (#""\u0000""#, #""\u0000""#), (#""\u001F""#, #""\u001f""#), (#""\u007f""#, "\"\u{7F}\""),
        (#""\u2028\uFFFE\uFEFF""#, "\"\u{2028}\u{FFFE}\u{FEFF}\""),
        ("\"\u{7F}\u{80}\u{7FF}\u{800}\"", "\"\u{7F}\u{80}\u{7FF}\u{800}\""),
        ("\"\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}\"", "\"\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}\""),
        (#""\\u0041""#, #""\\u0041""#), (#""\\""#, #""\\""#), ("\"/* no comment */\"", "\"/* no comment */\""),
        (
            #""a string that is longer than fifteen bytes \n and has an escape""#,
            #""a string that is longer than fifteen bytes \n and has an escape""#
        ),
        ("[]", "[]"), (" [ ] ", "[]"), ("[[],[[]]]", "[[],[[]]]"), ("[1 , 2\n,3]", "[1,2,3]"),
        ("[null,true,\"a\",{}]", "[null,true,\"a\",{}]"),
        ("{}", "{}"), ("{ \"a\" : 1 }", "{\"a\":1}"), ("{\"\":0}", "{\"\":0}"),
        ("{\"a\":1,\"a\":1}", "{\"a\":1,\"a\":1}"),
        ("{\"b\":{\"a\":[{}]},\"a\":2}", "{\"b\":{\"a\":[{}]},\"a\":2}"), (#"{"\u0061\n":"\/"}"#, #"{"a\n":"/"}"#),
    ]

    /// Texts that are no JSON, how many bytes come before the mistake, and what was expected there.
    static let refused: [(text: String, offset: Int, expected: String)] = [
        ("", 0, "a value"), ("   ", 3, "a value"), ("nul", 3, "\"null\""), ("nulL", 3, "\"null\""),
        ("True", 0, "a value"),
        ("truee", 4, "the end of the text"), ("1 2", 2, "the end of the text"), ("\u{FEFF}1", 0, "a value"),
        ("\u{A0}1", 0, "a value"), ("\u{C}1", 0, "a value"), ("[1\u{B}]", 2, "\",\" or \"]\""),
        ("1\u{85}", 1, "the end of the text"),
        ("'a'", 0, "a value"), ("NaN", 0, "a value"), ("+1", 0, "a value"), (".1", 0, "a value"),
        ("01", 1, "the end of the text"),
        ("-", 1, "a digit"), ("-a", 1, "a digit"), ("1.", 2, "a digit"), ("1.e1", 2, "a digit"), ("1e", 2, "a digit"),
        ("1e+", 3, "a digit"),
        ("0x1", 1, "the end of the text"), ("1\u{0}", 1, "the end of the text"),
        ("\"", 1, "the closing quote of a string"), ("\"a", 2, "the closing quote of a string"),
        ("\"\n\"", 1, "no control character in a string"), ("\"a\u{0}\"", 2, "no control character in a string"),
        ("\"a\u{1F}\"", 2, "no control character in a string"),
        (#""\x""#, 2, #"an escape: one of \" \\ / b f n r t u"#),
        (#""\"#, 2, #"an escape: one of \" \\ / b f n r t u"#),
        (#""\U0041""#, 2, #"an escape: one of \" \\ / b f n r t u"#), (#""\u""#, 3, "four hexadecimal digits"),
        (#""\u12g4""#, 5, "four hexadecimal digits"), (#""\u12"#, 5, "four hexadecimal digits"),
        (#""\ud800""#, 7, "the escape of a low surrogate"), (#""\ud800\n""#, 8, "the escape of a low surrogate"),
        (#""\ud800\"#, 8, "the escape of a low surrogate"),
        (#""\ud800\u0041""#, 9, "a low surrogate after the high one"),
        (#""\ud800\ud800""#, 9, "a low surrogate after the high one"),
        (#""\udc00""#, 3, "a high surrogate before this low one"),
        (#""\udfff\ud800""#, 3, "a high surrogate before this low one"),
        ("[", 1, "a value"), ("[1", 2, "\",\" or \"]\""), ("[1,", 3, "a value"), ("[1,]", 3, "a value"),
        ("[,1]", 1, "a value"),
        ("[1 2]", 3, "\",\" or \"]\""), ("[1;2]", 2, "\",\" or \"]\""), ("[1}", 2, "\",\" or \"]\""),
        ("]", 0, "a value"), ("[]]", 2, "the end of the text"),
        ("[1,,2]", 3, "a value"), ("[\"a\",\n4\n,1,", 11, "a value"),
        ("{", 1, "a name in quotes"), ("{1:2}", 1, "a name in quotes"), ("{a:1}", 1, "a name in quotes"),
        ("{\"a\"}", 4, "\":\""),
        ("{\"a\",1}", 4, "\":\""), ("{\"a\":}", 5, "a value"), ("{\"a\":1", 6, "\",\" or \"}\""),
        ("{\"a\":1,}", 7, "a name in quotes"),
        ("{\"a\":1]", 6, "\",\" or \"}\""), ("{\"a\"::1}", 5, "a value"), ("{\"a\":1 \"b\":2}", 7, "\",\" or \"}\""),
        ("{,}", 1, "a name in quotes"),
        ("{}}", 2, "the end of the text"), ("[1] // no", 4, "the end of the text"), ("/**/1", 0, "a value"),
    ]

    /// Bytes between the quotes of a string that are no UTF-8, and how many of them come before the mistake.
    static let noUTF8: [(bytes: [UInt8], offset: Int)] = [
        ([0x80], 0), ([0xBF], 0), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xC2], 1), ([0xC2, 0x41], 1),
        ([0xC2, 0xC2], 1),
        ([0xE0, 0x80, 0x80], 1), ([0xE0, 0x9F, 0xBF], 1), ([0xE0, 0xA0], 2), ([0xE1, 0x80], 2),
        ([0xE1, 0x80, 0x41], 2),
        ([0xED, 0xA0, 0x80], 1), ([0xED, 0xBF, 0xBF], 1), ([0xEF, 0xBF], 2), ([0xF0, 0x80, 0x80, 0x80], 1),
        ([0xF0, 0x8F, 0xBF, 0xBF], 1), ([0xF0, 0x90, 0x80], 3), ([0xF1, 0x80, 0x80, 0xC0], 3),
        ([0xF4, 0x90, 0x80, 0x80], 1),
        ([0xF5, 0x80, 0x80, 0x80], 0), ([0xF8, 0x88, 0x80, 0x80, 0x80], 0), ([0xFE], 0), ([0xFF], 0),
        ([0x41, 0xFF], 1),
    ]
}
