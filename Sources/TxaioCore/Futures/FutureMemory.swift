public import CTxaio

/// The memory of futures that died on a loop, for those that it makes next; the loop's thread alone touches it.
///
/// Where many futures are alive at once, the allocator was half of what each costs. A future whose memory is held dies as
/// any object does; weak references to it find nothing, and while there is one, or an `unowned` one, its memory is not used.
@usableFromInline
internal struct FutureMemory {
    @usableFromInline internal var places: UnsafeMutablePointer<UnsafeMutableRawPointer>
    @usableFromInline internal var count = 0
    private var room: Int
    private static var least: Int { 16 }
    /// More is not kept.
    private static var most: Int { 1_024 }

    internal init() {
        if !txaio_keeps_memory() { Self.learn() }
        places = .allocate(capacity: Self.least)
        room = txaio_keeps_memory() ? Self.least : 0
    }

    /// Keeps the memory of an object that holds it and is about to die; false where there is enough.
    @inline(__always)
    internal mutating func keep(_ object: UnsafeMutableRawPointer) -> Bool {
        if count == room, !grow() { return false }
        (places + count).initialize(to: object)
        count &+= 1
        return true
    }

    @inline(never)
    private mutating func grow() -> Bool {
        guard room > 0, room < Self.most else { return false }
        room *= 2
        let larger = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: room)
        larger.moveInitialize(from: places, count: count)
        places.deallocate()
        places = larger
        return true
    }

    /// Memory to make a future in.
    @inlinable @inline(__always)
    internal mutating func take() -> UnsafeMutableRawPointer? {
        guard count > 0 else { return nil }
        count &-= 1
        let memory = (places + count).move()
        if txaio_is_dead_alone(memory) { return memory }
        txaio_release_memory(memory)
        return nil
    }

    /// Gives all memory back.
    internal mutating func deallocate() {
        for index in 0..<count { txaio_release_memory((places + index).move()) }
        places.deallocate()
    }

    // ------------------------------------------------------------------------------------------------ what it rests on

    /// Finds out how the runtime counts references to a dead object, and whether one made in its place lives and dies as it
    /// did: where not, no memory is kept.
    private static func learn() {
        guard txaio_new_stack_references() != 0 else { return }
        let deaths = Deaths()
        var probe = Unmanaged.passRetained(Probe(deaths))
        let memory = probe.toOpaque()
        txaio_hold_memory(memory)
        let held = txaio_references(memory)
        probe.release()
        let dead = txaio_references(memory)
        txaio_begin_object(unsafeBitCast(Probe.self, to: UnsafeRawPointer.self), memory)
        let again = txaio_references(memory)
        probe = .fromOpaque(memory)
        probe._withUnsafeGuaranteedRef { $0.deaths = .passUnretained(deaths) }
        probe.release()
        let deadAgain = txaio_references(memory)
        txaio_release_memory(memory)
        guard deaths.count == 2, dead != held, again == held, deadAgain == dead else { return }
        txaio_set_dead_references(dead)
    }

    private final class Deaths { var count = 0 }

    private final class Probe {
        var deaths: Unmanaged<Deaths>
        init(_ deaths: Deaths) { self.deaths = .passUnretained(deaths) }
        deinit { deaths._withUnsafeGuaranteedRef { $0.count += 1 } }
    }
}
