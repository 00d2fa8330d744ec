internal import BerthKernel
internal import Glibc

/// What a plugin needs of Berth that stands beside this program.
enum PluginHost {
    /// berth-plugin-host: in `../libexec/berth` as it is installed, or beside this program as it is built.
    static func path() throws -> String {
        let folder = try ownFolder()
        let places = ["\(folder)/../libexec/berth/berth-plugin-host", "\(folder)/berth-plugin-host"]
        guard let found = places.first(where: { access($0, X_OK) == 0 }) else {
            throw CommandFailure(
                "berth-plugin-host is in none of \(places.joined(separator: ", "))",
                hint: "say where it lies by --plugin-host")
        }
        return found
    }

    /// The package that plugins are written with: in `../share/berth/Kit` as it is installed, or where it stands in the
    /// sources that this program was built from.
    static func kit() throws -> String {
        let folder = try ownFolder()
        let places = ["\(folder)/../share/berth/Kit", "\(folder)/../../Plugins/Kit"]
        for place in places {
            guard access("\(place)/Package.swift", R_OK) == 0, let resolved = realpath(place, nil) else { continue }
            defer { free(resolved) }
            return String(cString: resolved)
        }
        throw CommandFailure(
            "the kit that plugins are written with is in none of \(places.joined(separator: ", "))",
            hint: "say where it lies by --kit")
    }

    private static func ownFolder() throws -> String {
        guard let path = OwnProcess.path else { throw CommandFailure("it cannot be told where this program lies") }
        return path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
    }
}
