internal import CTxaio

/// Holds back what rules call noise, and tells how much that was.
///
/// One lock, taken once for each event while there are rules. It knows at most ``siteLimit`` call sites; when that many
/// are at it at once, further ones of a namespace are taken together.
internal final class NoiseFilter: Sendable {
    internal static let siteLimit = 4_096

    private struct Key: Hashable {
        let cell: UnsafePointer<txaio_cell>?
        let level: LogLevel
        /// Of the template's bytes; of the line where it is no template.
        let site: Int
    }

    private struct Site {
        var state = NoiseSite()
        let rule: Int
        /// What announcements say it is.
        let namespace: String
        let template: String
    }

    private struct State: @unchecked Sendable {
        // Unchecked for the addresses of cells, which are never freed.
        var sites: [Key: Site] = [:]
        /// The rule of each namespace that was seen; -1 for none.
        var rules: [UnsafePointer<txaio_cell>: Int] = [:]
        var counts = [UInt64](repeating: 0, count: NoiseReason.allCases.count)
        var hasThread = false
        var isOver = false
        /// When sites were last forgotten.
        var sweptAt = Int64.min
    }

    internal let rules: [NoiseRule]
    /// The one that wins first.
    private let ranked: [NoiseRule]
    private let state = Lock(State())
    private let bell = Bell()

    internal init?(_ rules: [NoiseRule]) {
        if rules.isEmpty { return nil }
        self.rules = rules
        ranked = rules.enumerated().sorted { one, other in
            let (a, b) = (one.element.matcher, other.element.matcher)
            if a.literalCount != b.literalCount { return a.literalCount > b.literalCount }
            if a.isGlob != b.isGlob { return b.isGlob }
            return one.offset > other.offset
        }.map(\.element)
    }

    /// What was held back so far, by reason.
    internal var counts: [UInt64] { state.withLock { $0.counts } }

    /// Whether an event is delivered.
    internal func admits(_ event: borrowing LogEvent) -> Bool {
        if event.isRecovered { return true }
        let cell = event.cell
        let (level, time) = (event.level, event.time)
        let key = Key(cell: cell, level: level, site: event.siteHash)
        // Only what folding needs of the values.
        let content = needsContent ? event.contentHash : 0
        let (isAdmitted, startsThread) = state.withLock { state -> (Bool, Bool) in
            let index = rule(of: cell, &state)
            guard index >= 0 else { return (true, false) }
            let rule = ranked[index]
            if level <= .error, !rule.errors { return (true, false) }
            if let place = state.sites.index(forKey: key) {
                return Self.count(state.sites.values[place].state.judge(rule, at: time) { content }, &state)
            }
            var site = Site(rule: index, namespace: event.namespaceText, template: event.templateText)
            let reason = site.state.judge(rule, at: time) { content }
            Self.makeRoom(&state, now: time)
            if state.sites.count < Self.siteLimit {
                state.sites[key] = site
                return Self.count(reason, &state)
            }
            let shared = Key(cell: cell, level: level, site: 0)
            var common = state.sites[shared] ?? Site(rule: index, namespace: site.namespace, template: "")
            let verdict = common.state.judge(rule, at: time) { content }
            state.sites[shared] = common
            return Self.count(verdict, &state)
        }
        if startsThread { Platform.startThread(named: "txaio-noise") { [self] in run() } }
        return isAdmitted
    }

    private var needsContent: Bool { ranked.contains { $0.fold != nil } }

    private static func count(_ reason: NoiseReason?, _ state: inout State) -> (Bool, Bool) {
        guard let reason else { return (true, false) }
        state.counts[reason.rawValue] += 1
        let starts = !state.hasThread && !state.isOver
        if starts { state.hasThread = true }
        return (false, starts)
    }

    private func rule(of cell: UnsafePointer<txaio_cell>, _ state: inout State) -> Int {
        if let known = state.rules[cell] { return known }
        let name = UnsafeRawBufferPointer(start: cell.pointee.name, count: Int(cell.pointee.name_length))
        // What the logger itself says is never noise.
        let isOwn = name.elementsEqual("TxaioLog".utf8) || name.elementsEqual(NamespaceRegistry.audit.utf8)
        let found = isOwn ? nil : ranked.firstIndex { $0.matcher.matches(name, emitter: nil) }
        state.rules[cell] = found ?? -1
        return found ?? -1
    }

    /// Forgets sites that were silent for a minute and have nothing to tell, where there are too many.
    private static func makeRoom(_ state: inout State, now: Int64) {
        guard state.sites.count >= siteLimit, now &- 1_000_000_000 > state.sweptAt else { return }
        state.sweptAt = now
        state.sites = state.sites.filter { $0.value.state.hasHeld || $0.value.state.latest > now &- 60_000_000_000 }
    }

    // ------------------------------------------------------------------------------------------------ telling

    private struct Announcement {
        let namespace: String
        let template: String
        let level: LogLevel
        let count: UInt64
        let reason: NoiseReason
    }

    /// Tells what was held back, at the end of each site's span; with `all` what is not over too.
    ///
    /// The caller is inside no log call.
    internal func tell(all: Bool) {
        let now = Clocks.wall()
        let announcements = state.withLock { state in
            var found: [Announcement] = []
            for key in state.sites.keys {
                guard let site = state.sites[key], site.state.hasHeld, all || site.state.tellAt <= now else { continue }
                let held = state.sites[key]?.state.takeHeld() ?? []
                for reason in NoiseReason.allCases where held[reason.rawValue] > 0 {
                    let count = held[reason.rawValue]
                    found.append(
                        Announcement(
                            namespace: site.namespace,
                            template: site.template,
                            level: key.level,
                            count: count,
                            reason: reason
                        )
                    )
                }
            }
            return found
        }
        for one in announcements {
            TxaioLogger.audit.info(
                "{count} similar events suppressed ({reason}): {level} of {namespace}, {template!r}",
                ("count", one.count),
                ("reason", one.reason.name),
                ("level", one.level.description),
                ("namespace", one.namespace),
                ("template", one.template)
            )
        }
    }

    /// In a child process, which has said nothing yet and has no thread.
    internal func beginAnew() {
        state.withLock { state in
            state.sites = [:]
            state.counts = [UInt64](repeating: 0, count: state.counts.count)
            state.hasThread = false
        }
    }

    /// Tells all, and starts no thread any more.
    internal func end() {
        state.withLock { $0.isOver = true }
        bell.ring()
        tell(all: true)
    }

    private func run() {
        while true {
            let heard = bell.count(after: 0)
            tell(all: false)
            let next: Int64? = state.withLock { state in
                let next = state.isOver ? nil : state.sites.values.lazy.map(\.state.tellAt).min()
                guard let next, next != .max else {
                    state.hasThread = false
                    return nil
                }
                return next
            }
            guard let next else { return }
            let wait = min(max(next &- Clocks.wall(), 1_000_000), 1_000_000_000)
            _ = bell.wait(after: heard, until: .after(.nanoseconds(wait)))
        }
    }
}
