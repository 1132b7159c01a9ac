internal import TxaioLog

/// Remembers the fields that events of one call site have in common, as they were written.
///
/// In the form `framed`. A slot is taken over by whoever comes.
internal struct JournalOrigins: ~Copyable {
    /// What the fields were made of.
    ///
    /// Namespaces, files and functions are known by their addresses, which stay theirs.
    internal struct Key: Equatable {
        let template: UInt
        let templateCount: Int
        let namespace: UInt
        let function: UInt
        let line: UInt32
        let startID: UInt64

        internal init(_ event: borrowing LogEvent, _ template: UnsafeRawBufferPointer) {
            self.template = UInt(bitPattern: template.baseAddress)
            templateCount = template.count
            namespace = UInt(bitPattern: event.namespace.baseAddress)
            function = UInt(bitPattern: event.function?.baseAddress)
            line = event.line ?? 0
            startID = event.startID
        }

        @inline(__always)
        fileprivate var index: Int {
            let mixed = UInt64(template ^ namespace << 1) ^ UInt64(line) << 32
            return Int(truncatingIfNeeded: (mixed &* 0x9E37_79B9_7F4A_7C15) >> 57)
        }
    }

    private struct Slot: ~Copyable {
        var key: Key?
        var fields = 0
        /// The template, then the fields.
        var bytes = ByteBuffer(capacity: 64)
    }

    private static var count: Int { 128 }
    private static var longest: Int { 1024 }
    private let slots: UnsafeMutablePointer<Slot>

    internal init() {
        slots = .allocate(capacity: Self.count)
        for index in 0..<Self.count { (slots + index).initialize(to: Slot()) }
    }

    deinit {
        slots.deinitialize(count: Self.count)
        slots.deallocate()
    }

    /// Appends the fields, and answers how many they are; `nil` where they are not known.
    @inline(__always)
    internal borrowing func append(
        _ key: Key,
        _ template: UnsafeRawBufferPointer,
        to buffer: inout ByteBuffer
    ) -> Int? {
        let slot = slots + key.index
        guard slot.pointee.key == key else { return nil }
        return slot.pointee.bytes.withBytes { bytes in
            // The memory of a template made at run time is used again, for another.
            guard areEqual(UnsafeRawBufferPointer(rebasing: bytes[..<template.count]), template) else { return nil }
            buffer.append(UnsafeRawBufferPointer(rebasing: bytes[template.count...]))
            return slot.pointee.fields
        }
    }

    internal mutating func keep(
        _ key: Key,
        _ template: UnsafeRawBufferPointer,
        _ fields: UnsafeRawBufferPointer,
        count: Int
    ) {
        guard template.count + fields.count <= Self.longest else { return }
        let slot = slots + key.index
        slot.pointee.key = key
        slot.pointee.fields = count
        slot.pointee.bytes.removeAll()
        slot.pointee.bytes.append(template)
        slot.pointee.bytes.append(fields)
    }
}
