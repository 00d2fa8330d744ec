internal import BerthKernel

/// Where berth-plugin-host lies: in `../libexec/berth` as it is installed, or beside this program as it is built.
enum PluginHostProgram {
    static var path: String {
        let own = (OwnProcess.path ?? "").split(separator: "/").dropLast().map { "/\($0)" }.joined()
        let installed = "\(own)/../libexec/berth/berth-plugin-host"
        return Root.isExecutable(installed) ? installed : "\(own)/berth-plugin-host"
    }
}
