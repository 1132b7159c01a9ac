/// Names of fields that were made at run time, kept for as long as the process lives, so that records refer to them by
/// their addresses as they do to literals.
///
/// Bounded: programs have few names, and what would exceed 4,096 of them or 256 KiB is copied in place.
internal final class ContextNames: Sendable {
    internal static let shared = ContextNames()

    private static let most = 4_096
    private static let mostBytes = 256 << 10
    private static let longest = 256

    private struct Name: @unchecked Sendable {
        let bytes: UnsafeRawBufferPointer
    }

    private struct State: @unchecked Sendable {
        /// By hash, open addressing, at most half full; 0 is empty, else 1 and the place in `names`.
        var slots = [UInt16](repeating: 0, count: 256)
        var names: [Name] = []
        var bytes = 0
        var observer: (@Sendable (UnsafeRawBufferPointer) -> Void)?
    }

    private let state = Lock(State())

    /// Sees every name there is, and from now on each new one, under this lock.
    internal func observe(_ observer: (@Sendable (UnsafeRawBufferPointer) -> Void)?) {
        let known = state.withLock { state in
            state.observer = observer
            return state.names
        }
        if let observer { for name in known { observer(name.bytes) } }
    }

    /// The name that is kept, or `nil` where there is no room for it.
    internal func kept(_ name: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard name.count > 0, name.count <= Self.longest else { return nil }
        let hash = Self.hash(name)
        let found = state.withLock { state -> Name? in
            var slot = Int(truncatingIfNeeded: hash) & (state.slots.count - 1)
            while state.slots[slot] != 0 {
                let known = state.names[Int(state.slots[slot]) - 1]
                if sameBytes(known.bytes, name) { return known }
                slot = (slot + 1) & (state.slots.count - 1)
            }
            guard state.names.count < Self.most, state.bytes + name.count <= Self.mostBytes else { return nil }
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: name.count, alignment: 1)
            copy.copyMemory(from: name)
            let new = Name(bytes: UnsafeRawBufferPointer(copy))
            // Before anybody can use it: what dies then is found with its names.
            state.observer?(new.bytes)
            state.names.append(new)
            state.bytes += name.count
            state.slots[slot] = UInt16(state.names.count)
            if state.names.count * 2 > state.slots.count { Self.grow(&state) }
            return new
        }
        return found?.bytes
    }

    /// FNV-1a.
    private static func hash(_ name: UnsafeRawBufferPointer) -> UInt64 {
        name.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    private static func grow(_ state: inout State) {
        state.slots = [UInt16](repeating: 0, count: state.slots.count * 2)
        for (index, name) in state.names.enumerated() {
            var slot = Int(truncatingIfNeeded: hash(name.bytes)) & (state.slots.count - 1)
            while state.slots[slot] != 0 { slot = (slot + 1) & (state.slots.count - 1) }
            state.slots[slot] = UInt16(index + 1)
        }
    }
}
