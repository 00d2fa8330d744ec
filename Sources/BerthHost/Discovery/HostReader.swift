package import BerthKernel
package import BerthModel

/// Reads the files of a host for discovery: what is absent is nil, what is wrong is noted and then unknown too.
///
/// A file that cannot be read or understood never stops discovery, for one odd driver must not hide the host; it is
/// never passed over in silence either: it ends up in ``problems``, which the host's document shows.
/// Paths have no leading slash. One reader serves one discovery, on one thread.
package final class HostReader {
    /// The tree that is read.
    package let root: Root
    /// What could not be read or understood, in the order it was met, each a sentence with the path.
    package private(set) var problems: [String] = []
    /// Notes what was read, for a recording.
    private let trace: ReadTrace?

    package init(root: Root, trace: ReadTrace? = nil) {
        self.root = root
        self.trace = trace
    }

    /// Notes that something is wrong, as a sentence that names the file.
    package func note(_ problem: String) { problems.append(problem) }

    /// The whole text of a file without the white space and NUL bytes around it; nil when it is absent or unreadable.
    /// The empty text is an empty file.
    package func text(_ path: String) -> String? {
        contents(path).map { String($0.trimmed) }
    }

    /// The whole text of a file as it is.
    package func contents(_ path: String) -> String? {
        do throws(KernelError) {
            let text = try root.text(path)
            trace?.noteFile(path, text)
            return text
        } catch {
            if !error.saysAbsent { note("\(error)") }
            return nil
        }
    }

    /// A file that holds one decimal integer, perhaps negative. An empty file is unknown.
    package func integer(_ path: String) -> Int? {
        guard let text = text(path), !text.isEmpty else { return nil }
        guard let number = Int(text) else { return wrong(path, ParseError(text, expected: "an integer")) }
        return number
    }

    /// A file that holds a list of CPUs or of NUMA nodes: `0-3,8`. An empty file is the empty set.
    package func list(_ path: String) -> CPUSet? {
        guard let text = text(path) else { return nil }
        do throws(ParseError) { return try CPUSet(parsing: text) } catch { return wrong(path, error) }
    }

    /// A file that holds a mask of CPUs: `ff,ffffffff`.
    package func mask(_ path: String) -> CPUSet? {
        guard let text = text(path), !text.isEmpty else { return nil }
        do throws(ParseError) { return try CPUSet(parsingMask: text) } catch { return wrong(path, error) }
    }

    /// The names in a folder, sorted; empty when it is absent.
    package func names(_ path: String) -> [String] { entries(path).map(\.name) }

    /// The names in a folder and what they are, sorted; empty when it is absent.
    package func entries(_ path: String) -> [Entry] {
        do throws(KernelError) {
            let entries = try root.entries(path)
            trace?.noteFolder(path, entries)
            return entries
        } catch {
            if !error.saysAbsent { note("\(error)") }
            return []
        }
    }

    /// Whether there is a file or folder of this name, following links.
    package func exists(_ path: String) -> Bool {
        do throws(KernelError) {
            let kind = try root.kind(path)
            trace?.noteExistence(path, kind)
            return true
        } catch {
            if !error.saysAbsent { note("\(error)") }
            return false
        }
    }

    /// The last part of where a link points, such as the driver's name for `device/driver`; nil when it is absent.
    package func linkName(_ path: String) -> String? {
        linkTarget(path).flatMap { $0.split(separator: "/").last }.map(String.init)
    }

    /// Where a link points, as it is written (`../../devices/pci0000:00/…`); nil when it is absent or no link.
    package func linkTarget(_ path: String) -> String? {
        do throws(KernelError) {
            let target = try root.target(ofLink: path)
            trace?.noteLink(path, target)
            return target
        } catch {
            if !error.saysAbsent { note("\(error)") }
            return nil
        }
    }

    /// The path of a file or folder with every link on the way followed; nil when it is absent.
    package func resolved(_ path: String) -> String? {
        let resolved = root.resolved(path)
        if let resolved { trace?.noteResolution(path, resolved) }
        return resolved
    }

    private func wrong<Value>(_ path: String, _ error: ParseError) -> Value? {
        note("\(root.shown(path)): \(error)")
        return nil
    }
}
