internal import CTxaio

/// Holds back what rules call noise, and tells how much that was.
///
/// One lock, taken once for each event while there are rules, and once more where one is for its namespace. It knows at most ``siteLimit`` call sites; when that many
/// are at it at once, further ones of a namespace are taken together.
internal final class NoiseFilter: Sendable {
    internal static let siteLimit = 4_096

    private struct Key: Hashable {
        let cell: UnsafePointer<txaio_cell>
        let level: LogLevel
        /// Of the template's bytes; of the line where it is no template.
        let site: Int
    }

    private struct Site {
        var state = NoiseSite()
        /// What announcements say it is.
        let namespace: String
        let template: String

        var successor: Site { Site(state: state.successor, namespace: namespace, template: template) }
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

    /// Answers `nil` where there are no rules.
    ///
    /// - Parameter earlier: Whose place it takes: what that knows of call sites whose rule stays the same is known here too;
    ///   what it has held back it tells itself.
    internal init?(_ rules: [NoiseRule], inPlaceOf earlier: NoiseFilter? = nil) {
        if rules.isEmpty { return nil }
        self.rules = rules
        ranked = rules.enumerated().sorted { one, other in
            one.element.matcher.wins(over: other.element.matcher) ?? (one.offset > other.offset)
        }.map(\.element)
        guard let earlier else { return }
        let sites = earlier.state.withLock { before in
            before.sites.filter { place, _ in
                let index = before.rules[place.cell] ?? -1
                return index >= 0 && deciding(for: place.cell) == earlier.ranked[index]
            }
        }
        state.withLock { $0.sites = sites.mapValues(\.successor) }
    }

    /// What was held back so far, by reason.
    internal var counts: [UInt64] { state.withLock { $0.counts } }

    /// Whether an event is delivered.
    internal func admits(_ event: borrowing LogEvent) -> Bool {
        if event.isRecovered || event.isRecorded { return true }
        let (cell, level, time) = (event.cell, event.level, event.time)
        let index = state.withLock { rule(of: cell, &$0) }
        guard index >= 0, case let rule = ranked[index], level > .error || rule.errors else { return true }
        let key = Key(cell: cell, level: level, site: event.siteHash)
        let template = event.isText ? nil : event.template
        // Only folding looks at the values.
        let content = rule.fold == nil ? 0 : event.contentHash
        let (isAdmitted, startsThread) = state.withLock { state in
            let place = Self.place(key, template, &state, now: time)
            guard let reason = state.sites[place]?.state.judge(rule, at: time, content: content) else {
                return (true, false)
            }
            state.counts[reason.rawValue] += 1
            let starts = !state.hasThread && !state.isOver
            if starts { state.hasThread = true }
            return (false, starts)
        }
        if startsThread { Platform.startThread(named: "txaio-noise") { [self] in run() } }
        return isAdmitted
    }

    private func rule(of cell: UnsafePointer<txaio_cell>, _ state: inout State) -> Int {
        if let known = state.rules[cell] { return known }
        let found = index(for: cell)
        state.rules[cell] = found
        return found
    }

    private func deciding(for cell: UnsafePointer<txaio_cell>) -> NoiseRule? {
        let index = index(for: cell)
        return index < 0 ? nil : ranked[index]
    }

    private func index(for cell: UnsafePointer<txaio_cell>) -> Int {
        let name = Self.name(of: cell)
        // What the logger itself says is never noise.
        let isOwn = name.elementsEqual("TxaioLog".utf8) || name.elementsEqual(NamespaceRegistry.audit.utf8)
        return isOwn ? -1 : ranked.firstIndex { $0.matcher.matches(name, emitter: nil) } ?? -1
    }

    /// Where a call site is kept: under its own key, or where there is no room under one that others share.
    private static func place(
        _ key: Key,
        _ template: UnsafeRawBufferPointer?,
        _ state: inout State,
        now: Int64
    ) -> Key {
        if state.sites[key] != nil { return key }
        makeRoom(&state, now: now)
        let hasRoom = state.sites.count < siteLimit
        let place = hasRoom ? key : Key(cell: key.cell, level: key.level, site: 0)
        if state.sites[place] == nil {
            // Not too long to be told.
            let text = hasRoom ? template.map { String(decoding: $0.prefix(clip($0, to: 200)), as: UTF8.self) } : nil
            state.sites[place] = Site(
                namespace: String(decoding: name(of: key.cell), as: UTF8.self),
                template: text ?? ""
            )
        }
        return place
    }

    private static func name(of cell: UnsafePointer<txaio_cell>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: cell.pointee.name, count: Int(cell.pointee.name_length))
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
            for (key, site) in state.sites where site.state.hasHeld && (all || site.state.tellAt <= now) {
                let held = state.sites[key]?.state.takeHeld() ?? []
                for reason in NoiseReason.allCases where held[reason.rawValue] > 0 {
                    found.append(
                        Announcement(
                            namespace: site.namespace,
                            template: site.template,
                            level: key.level,
                            count: held[reason.rawValue],
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
