internal import Synchronization

/// The temporary levels of the process, and the thread that ends them; there is one only while an end is to come.
package final class TemporaryLevelStore: Sendable {
    package static let shared = TemporaryLevelStore()

    /// Levels that are in force, and until when.
    package struct Entry: Sendable {
        package let levels: TemporaryLevels
        /// `nil` for until they are taken back.
        package let end: Deadline?

        /// How long they still hold.
        package var remaining: Duration? { end?.remaining }
    }

    private struct State {
        var entries: [Entry] = []
        var hasThread = false
    }

    /// Whether there ever were any: a child process then looks after what it has inherited.
    private static let isUsed = Atomic<Bool>(false)

    private let state = Lock(State())
    private let bell = Bell()

    /// Those in force, in the order in which they were set.
    package var entries: [Entry] { state.withLock { $0.entries } }

    /// Puts levels in force, above all that were set before; the same rules again replace their earlier selves.
    ///
    /// It is said in the log at once, whatever the levels, and again when they end.
    ///
    /// - Throws: ``LevelRulesError`` where ``TemporaryLevels/maximumCount`` are in force.
    package func set(_ levels: TemporaryLevels) throws(LevelRulesError) {
        Self.isUsed.store(true, ordering: .relaxed)
        let entry = Entry(levels: levels, end: levels.duration.map { .after($0) })
        let isFull = state.withLock { state in
            var kept = state.entries
            kept.removeAll { $0.levels.rulesText == levels.rulesText }
            guard kept.count < TemporaryLevels.maximumCount else { return true }
            state.entries = kept + [entry]
            publish(state.entries)
            return false
        }
        if isFull {
            throw LevelRulesError([.init("\(TemporaryLevels.maximumCount) temporary levels are in force already")])
        }
        if let duration = levels.duration {
            TxaioLogger.audit.info(
                "Temporary levels '{levels}' hold for {duration}.",
                levels: levels.rulesText,
                duration: TimeSpan.text(duration)
            )
        } else {
            TxaioLogger.audit.info(
                "Temporary levels '{levels}' hold until they are taken back.",
                levels: levels.rulesText
            )
        }
        if entry.end != nil { watch() }
    }

    /// Takes all of them back, and answers how many there were.
    @discardableResult
    package func reset() -> Int { end("were taken back") { _ in true } }

    private func end(_ how: String, _ isOver: (Entry) -> Bool) -> Int {
        let ended = state.withLock { state in
            let ended = state.entries.filter(isOver)
            guard !ended.isEmpty else { return ended }
            state.entries.removeAll(where: isOver)
            publish(state.entries)
            return ended
        }
        for entry in ended {
            TxaioLogger.audit.info("Temporary levels '{levels}' {how}.", levels: entry.levels.rulesText, how: how)
        }
        return ended.count
    }

    private func publish(_ entries: [Entry]) { NamespaceRegistry.shared.setTemporary(entries.map(\.levels)) }

    // ------------------------------------------------------------------------------------------------ the end

    private func watch() {
        let isNew = state.withLock { state in
            if state.hasThread { return false }
            state.hasThread = true
            return true
        }
        bell.ring()
        if isNew { Platform.startThread(named: "txaio-levels") { [self] in run() } }
    }

    private func run() {
        while true {
            let seen = bell.count(after: 0)
            // One moment for all: it is asked twice.
            let now = Deadline.after(.zero)
            _ = end("have ended") { $0.end.map { $0 <= now } ?? false }
            let next: Deadline? = state.withLock { state in
                let next = state.entries.compactMap(\.end).min()
                if next == nil { state.hasThread = false }
                return next
            }
            guard let next else { return }
            _ = bell.wait(after: seen, until: next)
        }
    }

    /// In a child process, which has the levels and not the thread.
    internal static func beginAnew() {
        if isUsed.load(ordering: .relaxed) { shared.replaceThread() }
    }

    private func replaceThread() {
        let isNeeded = state.withLock { state in
            state.hasThread = false
            return state.entries.contains { $0.end != nil }
        }
        if isNeeded { watch() }
    }
}

/// Puts rules in force for a while, above those of the configuration: `Gateway=trace for 10m`.
///
/// They take effect at once on every living logger, survive a change of the configuration, and end by themselves; without
/// `for` they hold until ``resetTemporaryLevels()``. A level that was set on a logger by hand stays. Both ends are logged at
/// info, even where the level is `none`. Any thread may call it; the cost is that of recomputing every namespace.
///
/// - Throws: ``LevelRulesError`` with every fault of the text, or where there are too many; then nothing is changed.
public func setTemporaryLevels(_ text: some StringProtocol) throws(LevelRulesError) {
    try TemporaryLevelStore.shared.set(TemporaryLevels(parsing: text))
}

/// Takes back what ``setTemporaryLevels(_:)`` and the tool's `level` have set.
public func resetTemporaryLevels() { TemporaryLevelStore.shared.reset() }
