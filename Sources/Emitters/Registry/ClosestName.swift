/// The known name that a misspelt one probably meant, or `nil` where none is near.
///
/// Near is at most one change for each three letters, where a change is a letter added, left out, replaced, or swapped
/// with its neighbour. Names of over 64 bytes are near to none.
package func closestName(to name: String, among names: some Sequence<String>) -> String? {
    let wanted = Array(name.utf8)
    guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in names {
        let letters = Array(candidate.utf8)
        guard letters.count <= 64 else { continue }
        let distance = editDistance(wanted, letters)
        guard distance <= max(1, max(wanted.count, letters.count) / 3), distance < best?.distance ?? .max else { continue }
        best = (candidate, distance)
    }
    return best?.name
}

private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var before: [Int] = []
    var previous = Array(0...right.count)
    for row in 0..<left.count {
        var current = [row + 1]
        for column in 0..<right.count {
            let same = left[row] == right[column]
            var cost = min(previous[column] + (same ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                cost = min(cost, before[column - 1] + 1)
            }
            current.append(cost)
        }
        before = previous
        previous = current
    }
    return previous[right.count]
}
