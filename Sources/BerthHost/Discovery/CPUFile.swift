/// A file that each CPU has in its folder, under one of several names: the kernel renamed some over the years.
struct CPUFile {
    private let names: [String]
    /// How many CPUs are asked before it is taken that this kernel has no such file.
    private let patience: Int
    /// Which name the last CPU had.
    private var known: Int?
    private var misses = 0

    /// - Parameters:
    ///   - names: below a CPU's folder, the likeliest first
    ///   - patience: how many CPUs without the file are asked until the rest is spared
    init(_ names: String..., patience: Int = 4) { self.init(names, patience: patience) }

    /// The same with a list of names.
    init(_ names: [String], patience: Int = 4) {
        self.names = names
        self.patience = patience
    }

    /// The path and text of a CPU's file, nil when it has none or an empty one.
    mutating func read(_ cpu: Int, _ folders: CPUFolders) -> (path: String, text: String)? {
        guard folders.mayHave(cpu), known != nil || misses < patience else { return nil }
        if let known, let found = text(known, cpu, folders.reader) { return found }
        for index in names.indices where index != known {
            guard let found = text(index, cpu, folders.reader) else { continue }
            known = index
            return found
        }
        misses += 1
        return nil
    }

    /// The number in a CPU's file, nil when it is absent or no number.
    mutating func integer(_ cpu: Int, _ folders: CPUFolders) -> Int? {
        guard let (path, text) = read(cpu, folders) else { return nil }
        guard let number = Int(text) else {
            folders.reader.noteWrong(path, text, expected: "an integer")
            return nil
        }
        return number
    }

    private func text(_ index: Int, _ cpu: Int, _ reader: HostReader) -> (path: String, text: String)? {
        let path = "\(CPUFolders.place)/cpu\(cpu)/\(names[index])"
        guard let text = reader.text(path), !text.isEmpty else { return nil }
        return (path, text)
    }
}
