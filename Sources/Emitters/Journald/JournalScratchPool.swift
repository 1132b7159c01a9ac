internal import Synchronization

/// What one thread needs to write one entry.
internal final class JournalScratch {
    // Unchecked: who took it from the pool has it alone.
    @exclusivity(unchecked) var encoder: JournalEntryEncoder
    #if LibSystemd
    let vectors = JournalVectors()
    #endif

    init(form: JournalEntryEncoder.Form) { encoder = JournalEntryEncoder(form: form) }
}

/// Keeps up to eight of them.
///
/// Lock-free, so that neither threads nor a fork wait for one another.
internal final class JournalScratchPool: @unchecked Sendable {
    private static let size = 8
    private let slots: UnsafeMutablePointer<Atomic<UInt>>
    private let form: JournalEntryEncoder.Form

    init(form: JournalEntryEncoder.Form) {
        self.form = form
        slots = .allocate(capacity: Self.size)
        for index in 0..<Self.size { (slots + index).initialize(to: Atomic(0)) }
    }

    deinit {
        while takeKept() != nil {}
        slots.deinitialize(count: Self.size)
        slots.deallocate()
    }

    func take() -> JournalScratch { takeKept() ?? JournalScratch(form: form) }

    func give(_ scratch: JournalScratch) {
        let kept = Unmanaged.passRetained(scratch)
        for index in 0..<Self.size {
            let (isKept, _) = slots[index].compareExchange(
                expected: 0,
                desired: UInt(bitPattern: kept.toOpaque()),
                ordering: .releasing
            )
            if isKept { return }
        }
        kept.release()
    }

    private func takeKept() -> JournalScratch? {
        for index in 0..<Self.size where slots[index].load(ordering: .relaxed) != 0 {
            let bits = slots[index].exchange(0, ordering: .acquiring)
            guard let pointer = UnsafeRawPointer(bitPattern: bits) else { continue }
            return Unmanaged<JournalScratch>.fromOpaque(pointer).takeRetainedValue()
        }
        return nil
    }
}
