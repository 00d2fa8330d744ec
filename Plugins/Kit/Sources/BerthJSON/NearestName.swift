/// The known name that a misspelt one most likely means: `memory` for `memroy`, `Memory`, `mem` or `memory_limit`.
///
/// Up to two letters may be missing, extra, other or swapped, half as many as the shorter name has at most; else one
/// name must begin with the other. Case does not count. Nil where nothing is near, and for names over 64 bytes. Of
/// equally near names the first one wins.
public func nearestName(to name: String, among known: [String]) -> String? {
    guard name.utf8.count <= 64 else { return nil }
    let letters = Array(name.lowercased().unicodeScalars)
    var nearest: (name: String, distance: Int)?
    for candidate in known {
        let other = Array(candidate.lowercased().unicodeScalars)
        let shorter = min(letters.count, other.count)
        var distance = spellingDistance(letters, other)
        if distance > min(2, shorter / 2) {
            guard shorter >= 3, letters.starts(with: other) || other.starts(with: letters) else { continue }
            distance = 3
        }
        if distance < nearest?.distance ?? .max { nearest = (candidate, distance) }
    }
    return nearest?.name
}

/// How many letters must be put in, left out, replaced or swapped with their neighbour to make one text of the other
/// (Damerau and Levenshtein, each letter touched once).
private func spellingDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in left.indices {
        var row = [i + 1]
        for j in right.indices {
            var best = min(last[j] + (left[i] == right[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                best = min(best, beforeLast[j - 1] + 1)
            }
            row.append(best)
        }
        beforeLast = last
        last = row
    }
    return last[right.count]
}
