internal import CTxaio

extension LogEvent {
    /// Tells call sites apart: by template, or where it is text made at run time by the line.
    internal var siteHash: Int {
        var hasher = Hasher()
        if let template, !isText {
            hasher.combine(bytes: template)
        } else {
            hasher.combine(line ?? 0)
        }
        return hasher.finalize()
    }

    /// Tells apart what the event holds besides: its values, and its logger's and scope's.
    internal var contentHash: Int {
        var hasher = Hasher()
        let own = UnsafeRawBufferPointer(start: record, count: size).dropFirst(RecordLayout.header)
        hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: own))
        // What they hold, not where: a block that is given up leaves its place to another.
        hasher.combine(bytes: fields.bound)
        hasher.combine(bytes: fields.scope)
        return hasher.finalize()
    }
}
