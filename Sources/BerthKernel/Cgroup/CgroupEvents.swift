package import BerthModel

/// What goes on in a group and those below it: `cgroup.events`. The file is marked as changed when one of these does.
package struct CgroupEvents: Equatable, Sendable {
    package static let file = "cgroup.events"

    /// Whether a process is in it; one that waits to be reaped is not.
    package let populated: Bool
    /// Whether all of them are stopped as `cgroup.freeze` asked; nil before Linux 5.2, which cannot.
    package let frozen: Bool?

    package init(populated: Bool, frozen: Bool?) {
        self.populated = populated
        self.frozen = frozen
    }

    package init(parsing text: String) throws(ParseError) {
        let lines = try FlatKeyed(parsing: text)
        self.init(
            populated: try lines.flag("populated"), frozen: lines["frozen"] == nil ? nil : try lines.flag("frozen"))
    }
}

extension CgroupEvents: CustomStringConvertible {
    /// The kernel's lines.
    package var description: String {
        let lines = "populated \(populated ? 1 : 0)"
        return frozen.map { "\(lines)\nfrozen \($0 ? 1 : 0)" } ?? lines
    }
}
