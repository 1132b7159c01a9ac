/// Decides which of the files that were put aside are too many, too old or too much.
///
/// Pure.
internal struct Retention {
    /// A file that was put aside.
    internal struct Candidate: Hashable {
        let name: RotatedName
        let size: Int64
    }

    let keep: Int?
    let bytes: Int64?
    /// The first stamp that is not too old.
    let oldest: String?

    /// What a rotation keeps, by its sizes too unless those are about to shrink.
    internal init(_ rotation: LogRotation, now: Int64, bySize: Bool = true) {
        keep = rotation.keep
        bytes = bySize ? rotation.keepBytes.map { Int64($0) } : nil
        oldest = rotation.keepFor.map { age in
            let (time, isBefore) = now.subtractingReportingOverflow(age.inNanoseconds)
            return RotatedName.stamp(of: isBefore ? .min : time)
        }
    }

    /// Those to be deleted, oldest first.
    ///
    /// A file and its compressed form count as one, and go together.
    internal func tooMany(of candidates: [Candidate]) -> [Candidate] {
        var kept = 0
        var total: Int64 = 0
        var isOver = false
        var doomed: [Candidate] = []
        let generations = Dictionary(grouping: candidates, by: \.name.stamp)
        for (stamp, files) in generations.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }).reversed()
        {
            kept += 1
            for file in files { total = Int64(clamping: UInt64(total) &+ UInt64(max(0, file.size))) }
            isOver = isOver || kept > keep ?? .max || total > bytes ?? .max
            let isOld = oldest.map { stamp.utf8.lexicographicallyPrecedes($0.utf8) } ?? false
            if isOver || isOld { doomed += files }
        }
        return doomed.reversed()
    }
}
