package import CTxaio

/// All namespaces that have a logger, and what decides their levels.
///
/// Cells are interned and never freed, so loggers keep their addresses; a change recomputes every cell, which is how it
/// reaches loggers that libraries already hold.
package final class NamespaceRegistry: Sendable {
    package static let shared = NamespaceRegistry()

    /// More namespaces than this share one cell: names made at run time must not fill the memory.
    package static let maximum = 65_536

    /// A name's bytes, up to 1,024 of them.
    ///
    /// Names that Unicode calls equivalent are two.
    private struct Name: Hashable {
        let bytes: [UInt8]

        init(_ bytes: UnsafeRawBufferPointer) { self.bytes = Array(bytes.prefix(clip(bytes, to: 1024))) }
    }

    private struct State: @unchecked Sendable {
        /// The cells of each name: one for every file that makes loggers of it.
        var cells: [Name: [UnsafeMutablePointer<txaio_cell>]] = [:]
        var count = 0
        var rules = LevelRules(root: .info)
        /// What holds above the rules for as long as the process runs.
        var environment: TemporaryLevels?
        /// What holds above both, the latest last.
        var temporary: [TemporaryLevels] = []
        /// What holds in scopes, of the rules.
        var scoped: [ScopedLevels] = []
        /// What is recorded in scopes.
        var recorder: FlightRecorder?
        /// The emitters of the pipeline in force, and where their slots begin.
        var gates = EmitterGates()
        /// Those that were in force until now, which threads may still be inside of.
        var outgoing: (rules: LevelRules, gates: EmitterGates)?
        /// Levels that captures under way ask for, so that their events pass.
        var floors: [LogLevel] = []
        var overflow: UnsafeMutablePointer<txaio_cell>?
        var observer: (@Sendable (UnsafePointer<txaio_cell>) -> Void)?

        /// What holds above the rules, the strongest last.
        private(set) var layers: [TemporaryLevels] = []
        /// All that holds in scopes.
        private(set) var allScoped: [ScopedLevels] = []

        mutating func put(_ levels: NamespaceLevels, _ gates: EmitterGates) {
            rules = levels.rules
            scoped = levels.scoped
            recorder = levels.recorder
            self.gates = gates
        }

        /// Works out what follows from the rest, once for all cells.
        mutating func derive() {
            let above = (environment.map { [$0] } ?? []) + temporary
            layers = above.filter { $0.scoped == nil }
            allScoped = scoped + above.compactMap(\.scoped)
        }
    }

    private let state = Lock(State())

    /// Makes what a first event needs as well: that may be a signal handler's.
    private init() { _ = LogSystem.shared }

    /// The cell of a namespace and a source file, made at the first call.
    package func cell(name: String, file: StaticString) -> UnsafePointer<txaio_cell> {
        cell(name: name, file: UnsafeRawBufferPointer(literal: file))
    }

    /// The cell of a namespace and a source file, whose name must stay where it is for ever.
    package func cell(name: String, file: UnsafeRawBufferPointer) -> UnsafePointer<txaio_cell> {
        find(name: name, file: file)
    }

    /// Sees every cell there is, and from now on each new one, under the registry's lock.
    package func observe(_ observer: (@Sendable (UnsafePointer<txaio_cell>) -> Void)?) {
        let known = state.withLock { state in
            state.observer = observer
            return (state.cells.values.joined() + (state.overflow.map { [$0] } ?? [])).map { UnsafePointer($0) }
        }
        if let observer { known.forEach(observer) }
    }

    private func find(name text: String, file: UnsafeRawBufferPointer) -> UnsafePointer<txaio_cell> {
        var text = text
        let name = text.withUTF8 { Name(UnsafeRawBufferPointer($0)) }
        return state.withLock { state in
            let siblings = state.cells[name] ?? []
            let place = file.baseAddress?.assumingMemoryBound(to: UInt8.self)
            if let known = siblings.first(where: { $0.pointee.file == place }) { return UnsafePointer(known) }
            if state.count >= Self.maximum {
                if let overflow = state.overflow { return UnsafePointer(overflow) }
                let text = UnsafeRawBufferPointer(literal: "(too many namespaces)")
                let cell = Self.makeCell(Name(text), file: UnsafeRawBufferPointer(literal: ""))
                state.overflow = cell
                Self.compute(cell, state)
                state.observer?(cell)
                return UnsafePointer(cell)
            }
            let cell = Self.makeCell(name, file: file)
            // Loggers of one namespace share what was set by hand, whichever file they come from.
            if let sibling = siblings.first {
                txaio_cell_set_explicit_level(cell, txaio_cell_explicit_level(sibling))
            }
            Self.compute(cell, state)
            // Before anybody can log through it: what dies then is found with its name.
            state.observer?(cell)
            state.cells[name, default: []].append(cell)
            state.count += 1
            return UnsafePointer(cell)
        }
    }

    private static func makeCell(_ name: Name, file: UnsafeRawBufferPointer) -> UnsafeMutablePointer<txaio_cell> {
        let cell = UnsafeMutablePointer<txaio_cell>.allocate(capacity: 1)
        cell.initialize(to: txaio_cell())
        let copy = txaio_allocate(max(1, name.bytes.count))
        copy.update(from: name.bytes, count: name.bytes.count)
        cell.pointee.name = UnsafePointer(copy)
        cell.pointee.name_length = UInt32(clamping: name.bytes.count)
        cell.pointee.file = file.baseAddress?.assumingMemoryBound(to: UInt8.self)
        cell.pointee.file_length = UInt32(clamping: file.count)
        cell.pointee.explicit_level = Self.noLevel
        return cell
    }

    private static let noLevel: UInt8 = 255

    // ------------------------------------------------------------------------------------------------ changes

    /// What a setup has of levels.
    package var levels: NamespaceLevels {
        state.withLock { NamespaceLevels(rules: $0.rules, scoped: $0.scoped, recorder: $0.recorder) }
    }

    /// What decides the levels while no level is set by hand.
    package var rules: LevelRules { state.withLock { $0.rules } }

    /// Changes the rules, at once for all namespaces.
    package func changeRules(_ body: (inout LevelRules) -> Void) {
        change { state in
            body(&state.rules)
            // They may come back: see ``takeBack(to:gates:)``.
            if var outgoing = state.outgoing {
                body(&outgoing.rules)
                state.outgoing = outgoing
            }
        }
    }

    /// What was set by hand for the loggers of a name, if anything was.
    package func levelByHand(of name: String) -> LogLevel? {
        var name = name
        let key = name.withUTF8 { Name(UnsafeRawBufferPointer($0)) }
        return state.withLock { $0.cells[key]?.first.flatMap { LogLevel(rawValue: txaio_cell_explicit_level($0)) } }
    }

    /// What the environment says, once logging has been started; see ``EnvironmentLevels``.
    package var environment: TemporaryLevels? { state.withLock { $0.environment } }

    /// Puts what the environment says in force, at once for all namespaces.
    internal func setEnvironment(_ levels: TemporaryLevels?) { change { $0.environment = levels } }

    /// Puts rules and the emitters of a pipeline in force, at once for all namespaces.
    package func apply(_ levels: NamespaceLevels, gates: EmitterGates) {
        change {
            $0.put(levels, gates)
            $0.outgoing = nil
        }
    }

    /// Records no further scopes.
    internal func endRecording() { change { $0.recorder = nil } }

    /// Makes way for other rules and emitters: until ``settle()`` all passes that either lets pass, and each pipeline judges
    /// by its own slots.
    ///
    /// So the pipeline that an event meets decides alone, and no event sees parts of both.
    package func makeWay(_ levels: NamespaceLevels, gates: EmitterGates) {
        change {
            $0.outgoing = ($0.rules, $0.gates)
            $0.put(levels, gates)
        }
    }

    /// Ends what ``makeWay(_:gates:)`` began: the earlier rules count no more.
    package func settle() { change { $0.outgoing = nil } }

    /// Ends what ``makeWay(_:gates:)`` began the other way: all is as it was, with what has changed of the rules since.
    internal func takeBack(to levels: NamespaceLevels, gates: EmitterGates) {
        change { state in
            var levels = levels
            if let outgoing = state.outgoing { levels.rules = outgoing.rules }
            state.put(levels, gates)
            state.outgoing = nil
        }
    }

    /// Puts temporary levels in force in place of those before, at once for all namespaces.
    internal func setTemporary(_ levels: [TemporaryLevels]) { change { $0.temporary = levels } }

    /// Sets a namespace's level by hand; without `keep` only until the next change of any kind.
    package func setLevel(_ level: LogLevel, keep: Bool, of cell: UnsafePointer<txaio_cell>) {
        state.withLock { state in
            let name = Name(UnsafeRawBufferPointer(start: cell.pointee.name, count: Int(cell.pointee.name_length)))
            for other in state.cells[name] ?? [] {
                txaio_cell_set_explicit_level(other, level.rawValue)
                Self.compute(other, state)
                if !keep { txaio_cell_set_explicit_level(other, Self.noLevel) }
            }
        }
    }

    /// Lets events of `level` pass wherever no level was set by hand, until ``lower(_:)``.
    package func raise(to level: LogLevel) { change { $0.floors.append(level) } }

    /// Takes back one ``raise(to:)``.
    package func lower(_ level: LogLevel) {
        change { state in
            if let index = state.floors.firstIndex(of: level) { state.floors.remove(at: index) }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            state.derive()
            ScopeGate.set(state.allScoped)
            Recorder.set(state.recorder)
            for cells in state.cells.values { for cell in cells { Self.compute(cell, state) } }
            if let overflow = state.overflow { Self.compute(overflow, state) }
        }
    }

    /// A cell's level is the most verbose that any emitter lets pass; what each lets pass stands beside it.
    private static func compute(_ cell: UnsafeMutablePointer<txaio_cell>, _ state: State) {
        let explicit = LogLevel(rawValue: txaio_cell_explicit_level(cell))
        var highest = compute(cell, explicit, state.rules, state.gates, state.layers)
        if let outgoing = state.outgoing {
            highest = max(highest, compute(cell, explicit, outgoing.rules, outgoing.gates, state.layers))
        }
        if explicit == nil, let floor = state.floors.max() { highest = max(highest, floor) }
        let inScopes = explicit == nil ? state.allScoped.map { $0.level(for: cell.nameBytes) }.max() ?? .off : .off
        let recorded = explicit == nil ? state.recorder?.level(for: cell.nameBytes) ?? .off : .off
        txaio_cell_set_recorded(cell, recorded.rawValue)
        // What lies below this passes whatever the scope.
        let sure = inScopes > .off ? min(highest, lowest(cell, state)) : highest
        if max(inScopes, recorded) > sure {
            txaio_cell_set_outside(cell, highest.rawValue)
            txaio_cell_set_scoped(cell, sure.rawValue + 1)
            txaio_cell_set_level(cell, max(highest, inScopes, recorded).rawValue)
        } else {
            // In this order: what would pass for a scope's sake alone is turned away before nobody asks for scopes.
            txaio_cell_set_level(cell, highest.rawValue)
            txaio_cell_set_scoped(cell, 0)
        }
    }

    /// What every emitter lets pass.
    private static func lowest(_ cell: UnsafeMutablePointer<txaio_cell>, _ state: State) -> LogLevel {
        let slots = (0..<state.gates.emitters.count).map { UInt32(state.gates.firstSlot + $0) }
        return slots.compactMap { LogLevel(rawValue: txaio_cell_emitter_level(cell, $0)) }.min() ?? .trace
    }

    /// Writes what each emitter lets pass, and answers the most verbose of it.
    private static func compute(
        _ cell: UnsafeMutablePointer<txaio_cell>,
        _ explicit: LogLevel?,
        _ rules: LevelRules,
        _ gates: EmitterGates,
        _ layers: [TemporaryLevels]
    ) -> LogLevel {
        let name = cell.nameBytes
        let least = name.elementsEqual(audit.utf8) ? LogLevel.info : .off
        func level(_ emitter: String?) -> LogLevel {
            if let explicit { return explicit }
            for levels in layers.reversed() {
                if let level = levels.level(for: name, emitter: emitter) { return level }
            }
            return rules.level(for: name, emitter: emitter)
        }
        var highest = gates.emitters.isEmpty ? max(least, level(nil)) : .off
        for (slot, gate) in gates.emitters.enumerated() {
            let level = max(least, min(gate.minimum, level(gate.name)))
            txaio_cell_set_emitter_level(cell, UInt32(gates.firstSlot + slot), level.rawValue)
            highest = max(highest, level)
        }
        return highest
    }

    /// The namespace of what is said about changes of levels: it cannot be turned off, else a level could hide its own change.
    package static let audit = "TxaioConfiguration"
}

/// What a setup says of levels.
package struct NamespaceLevels: Sendable, Hashable {
    package var rules: LevelRules
    /// What passes besides in some scopes.
    package var scoped: [ScopedLevels] = []
    /// What is recorded in scopes.
    package var recorder: FlightRecorder?

    package init(rules: LevelRules, scoped: [ScopedLevels] = [], recorder: FlightRecorder? = nil) {
        self.rules = rules
        self.scoped = scoped
        self.recorder = recorder
    }
}

/// The emitters of a pipeline, and where in the cells their levels stand.
package struct EmitterGates: Sendable, Hashable {
    package var emitters: [EmitterGate]
    package var firstSlot: Int

    package init(_ emitters: [EmitterGate] = [], firstSlot: Int = 0) {
        self.emitters = emitters
        self.firstSlot = firstSlot
    }
}

/// What decides which events an emitter gets.
package struct EmitterGate: Sendable, Hashable {
    package let name: String
    /// Nothing more verbose reaches it, whatever the rules say.
    package let minimum: LogLevel

    package init(name: String, minimum: LogLevel) {
        self.name = name
        self.minimum = minimum
    }
}

extension UnsafeMutablePointer<txaio_cell> {
    fileprivate var nameBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: pointee.name, count: Int(pointee.name_length))
    }
}
