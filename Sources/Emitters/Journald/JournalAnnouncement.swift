internal import TxaioLog

extension JournalEntryEncoder {
    /// Writes the entry that says what the journal does not hold.
    internal mutating func encode(_ loss: JournalLossNotes.Loss, elsewhere: String, plan: JournalEntryPlan) {
        let dropped: StaticString = "{count} events dropped since {time}: {reasons}"
        let moved: StaticString = "{count} events went to the fallback since {time}"
        var since = ByteBuffer(capacity: 64)
        var stamp = Timestamp()
        stamp.append(loss.since, to: &since)
        let reasons = DropReason.all.filter { loss.counts[$0.index] > 0 }
            .map { "\(loss.counts[$0.index]) \($0)" }
            .joined(separator: ", ")
        var texts: [String] = []
        if loss.dropped > 0 { texts.append("\(loss.dropped) events dropped since \(since.string()): \(reasons)") }
        if loss.elsewhere > 0 {
            texts.append("\(loss.elsewhere) events went to '\(elsewhere)' since \(since.string())")
        }
        begin(message: texts.joined(separator: "; "), level: .warn, plan: plan)
        template(loss.dropped > 0 ? dropped : moved)
        field("TXAIO_NAMESPACE", UnsafeRawBufferPointer(text: "txaio.journald"))
        field("TXAIO_DROPPED", loss.dropped)
        field("TXAIO_DROPPED_SINCE", UInt64(clamping: loss.since / 1000))
        for reason in DropReason.all where loss.counts[reason.index] > 0 {
            switch reason {
            case .overflow: field("TXAIO_DROPPED_OVERFLOW", loss.counts[reason.index])
            case .oversize: field("TXAIO_DROPPED_OVERSIZE", loss.counts[reason.index])
            case .sinkGone: field("TXAIO_DROPPED_SINK_GONE", loss.counts[reason.index])
            case .sinkError: field("TXAIO_DROPPED_SINK_ERROR", loss.counts[reason.index])
            case .encoding: field("TXAIO_DROPPED_ENCODING", loss.counts[reason.index])
            default: field("TXAIO_DROPPED_OTHER", loss.counts[reason.index])
            }
        }
        if loss.elsewhere > 0 { field("TXAIO_FALLBACK", loss.elsewhere) }
    }
}
