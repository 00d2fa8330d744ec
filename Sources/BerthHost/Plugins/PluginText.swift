extension String {
    /// The beginning of a text that a plugin has written: it goes into journals, documents and events, as often as there are
    /// units.
    var excerpt: String { utf8.count <= 400 ? self : String(decoding: utf8.prefix(400), as: UTF8.self) + "…" }
}
