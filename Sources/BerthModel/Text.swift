extension StringProtocol {
    /// The text without the white space and NUL bytes around it. Some recorders end a kernel file with NUL bytes.
    public var trimmed: Substring {
        let text = Substring(self)
        guard let start = text.utf8.firstIndex(where: { !$0.isPadding }),
            let last = text.utf8.lastIndex(where: { !$0.isPadding })
        else { return "" }
        return Substring(text.utf8[start...last])
    }

    /// The text in double quotes, with all that could steer a terminal (control and format characters) escaped.
    public var quoted: String {
        var result = "\""
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
                result += scalar.escaped(asASCII: true)
            default:
                if scalar == "\"" || scalar == "\\" { result += "\\" }
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension UInt8 {
    /// Whether the byte is ASCII white space or NUL.
    fileprivate var isPadding: Bool { self == 0 || self == 0x20 || (self >= 0x09 && self <= 0x0D) }

    /// Whether the byte is an ASCII hexadecimal digit.
    var isHexDigit: Bool {
        (self >= 0x30 && self <= 0x39) || (self >= 0x41 && self <= 0x46) || (self >= 0x61 && self <= 0x66)
    }
}

extension Unicode.Scalar {
    /// Whether a terminal shows it: no control, format, surrogate, private or unassigned character.
    public var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
