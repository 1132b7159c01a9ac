package import CTxaio

/// Turns the addresses in a record of another process into ones of this process.
///
/// The record may be anything: nothing in it is trusted. Where it makes no sense it is cut off.
package struct RecordRelocation {
    /// What an address of the other process stands for; `nil` where that is not known.
    private let resolve: (_ address: UInt64, _ length: Int) -> UnsafeRawBufferPointer?
    /// The cell in this process of a cell of the other.
    private let cell: (_ address: UInt64) -> UnsafePointer<txaio_cell>?
    /// A copy of a block of fields of the other process, header and all; `nil` where there is none at that address.
    private let context: (_ address: UInt64) -> UnsafeMutableRawBufferPointer?
    /// How many addresses could not be resolved.
    package private(set) var unresolved = 0

    private static let deepest = 2 * RecordWriter.maximumDepth + 2

    /// The copies that `context` gives are at multiples of 16, and live until the record was delivered.
    package init(
        resolve: @escaping (_ address: UInt64, _ length: Int) -> UnsafeRawBufferPointer?,
        cell: @escaping (_ address: UInt64) -> UnsafePointer<txaio_cell>?,
        context: @escaping (_ address: UInt64) -> UnsafeMutableRawBufferPointer?
    ) {
        self.resolve = resolve
        self.cell = cell
        self.context = context
    }

    /// The least that a record has.
    package static var headerBytes: Int { RecordLayout.header }

    /// The bytes of the block of fields of which the first lie at `start`, header included; `nil` where they are none.
    package static func blockBytes(_ start: UnsafeRawBufferPointer) -> Int? {
        guard start.count >= ContextBlock.header, start.loadUnaligned(as: UInt64.self) == ContextBlock.magic else {
            return nil
        }
        let size = Int(start.loadUnaligned(fromByteOffset: ContextBlock.size, as: UInt32.self))
        return size <= start.count - ContextBlock.header ? ContextBlock.header + size : nil
    }

    /// Relocates a copy of a record in place; `false` where it is none.
    package mutating func relocate(_ record: UnsafeMutableRawBufferPointer) -> Bool {
        guard let base = record.baseAddress, record.count >= RecordLayout.header,
            Int(base.load(fromByteOffset: RecordLayout.size, as: UInt32.self)) == record.count,
            (1...6).contains(base.load(fromByteOffset: RecordLayout.level, as: UInt8.self))
        else { return false }
        let oldCell = base.loadUnaligned(fromByteOffset: RecordLayout.cell, as: UInt64.self)
        let found = cell(oldCell)
        if found == nil { unresolved += 1 }
        let newCell = found ?? NamespaceRegistry.shared.cell(name: "(unknown)", file: "")
        base.storeBytes(of: UInt64(UInt(bitPattern: newCell)), toByteOffset: RecordLayout.cell, as: UInt64.self)

        var start = RecordLayout.header
        let length = Int(base.loadUnaligned(fromByteOffset: RecordLayout.templateLength, as: UInt32.self))
        if base.loadUnaligned(fromByteOffset: RecordLayout.template, as: UInt64.self) == 0 {
            guard length <= record.count - start, isText(record, start, length) else { return false }
            start += length
        } else {
            patch(base + RecordLayout.template, base + RecordLayout.templateLength)
        }
        if base.loadUnaligned(fromByteOffset: RecordLayout.function, as: UInt64.self) != 0 {
            patch(base + RecordLayout.function, base + RecordLayout.functionLength)
        }
        let own = Int(base.loadUnaligned(fromByteOffset: RecordLayout.fieldCount, as: UInt16.self))
        let context = Int(base.loadUnaligned(fromByteOffset: RecordLayout.contextCount, as: UInt16.self))
        var at = start
        var whole = 0
        while whole < own + context {
            var next = at
            guard field(record, &next, depth: 0) else { break }
            at = next
            whole += 1
        }
        // Readers go on until the record ends: what follows the fields was not looked at.
        base.storeBytes(of: UInt32(clamping: at), toByteOffset: RecordLayout.size, as: UInt32.self)
        var isCut = whole < own + context
        for reference in [RecordLayout.bound, RecordLayout.scope] {
            if !relocateContext(base + reference) { isCut = true }
        }
        if isCut {
            base.storeBytes(
                of: UInt16(clamping: min(own, whole)),
                toByteOffset: RecordLayout.fieldCount,
                as: UInt16.self
            )
            let rest = UInt16(clamping: max(0, whole - own))
            base.storeBytes(of: rest, toByteOffset: RecordLayout.contextCount, as: UInt16.self)
            let flags = base.load(fromByteOffset: RecordLayout.flags, as: UInt8.self)
            base.storeBytes(of: flags | RecordFlag.cut, toByteOffset: RecordLayout.flags, as: UInt8.self)
        }
        return true
    }

    /// Replaces the address of a block of fields by that of a copy; `false` where not all of it could be had.
    private mutating func relocateContext(_ reference: UnsafeMutableRawPointer) -> Bool {
        let address = reference.loadUnaligned(as: UInt64.self)
        reference.storeBytes(of: 0, as: UInt64.self)
        if address == 0 { return true }
        guard let block = context(address), let base = block.baseAddress, block.count >= ContextBlock.header else {
            unresolved += 1
            return false
        }
        var whole = ContextBlock.header
        var isWhole = true
        while isWhole, whole < block.count {
            var next = whole
            isWhole = field(block, &next, depth: 0)
            if isWhole { whole = next }
        }
        let size = UInt32(clamping: whole - ContextBlock.header)
        base.storeBytes(of: size, toByteOffset: ContextBlock.size, as: UInt32.self)
        reference.storeBytes(of: UInt64(UInt(bitPattern: base)), as: UInt64.self)
        return isWhole
    }

    /// Replaces an address and its length by what they stand for.
    private mutating func patch(_ address: UnsafeMutableRawPointer, _ length: UnsafeMutableRawPointer) {
        let old = address.loadUnaligned(as: UInt64.self)
        let count = Int(length.loadUnaligned(as: UInt32.self))
        var text = count <= 64 << 10 ? resolve(old, count) : nil
        if text == nil {
            unresolved += 1
            text = UnsafeRawBufferPointer(literal: "(unresolved)")
        }
        let new = text ?? UnsafeRawBufferPointer(literal: "")
        address.storeBytes(of: UInt64(UInt(bitPattern: new.baseAddress)), as: UInt64.self)
        length.storeBytes(of: UInt32(clamping: new.count), as: UInt32.self)
    }

    private mutating func field(_ record: UnsafeMutableRawBufferPointer, _ at: inout Int, depth: Int) -> Bool {
        guard let base = record.baseAddress, record.count - at >= 12 else { return false }
        let address = base + at
        at += 12
        if address.loadUnaligned(as: UInt64.self) == 0 {
            let count = Int((address + 8).loadUnaligned(as: UInt32.self))
            guard count <= record.count - at, isText(record, at, count) else { return false }
            at += count
        } else {
            patch(address, address + 8)
        }
        return value(record, &at, depth: depth)
    }

    private mutating func value(_ record: UnsafeMutableRawBufferPointer, _ at: inout Int, depth: Int) -> Bool {
        guard depth <= Self.deepest, at < record.count else { return false }
        let tag = record[at]
        at += 1
        switch tag {
        case RecordTag.null, RecordTag.no, RecordTag.yes: return true
        case RecordTag.int, RecordTag.uint, RecordTag.double: return skip(8, record, &at)
        case RecordTag.float: return skip(4, record, &at)
        case RecordTag.wideInt, RecordTag.wideUInt, RecordTag.duration: return skip(16, record, &at)
        case RecordTag.bytes:
            guard let count = count(record, &at) else { return false }
            return skip(count, record, &at)
        case RecordTag.string: return text(record, &at)
        case RecordTag.array, RecordTag.dictionary, RecordTag.object:
            guard let length = count(record, &at), length <= record.count - at else { return false }
            let inner = UnsafeMutableRawBufferPointer(rebasing: record[at..<at + length])
            at += length
            var within = 0
            if tag == RecordTag.object { return object(inner, &within, depth: depth + 1) }
            guard count(inner, &within) != nil else { return false }
            while within < inner.count { guard value(inner, &within, depth: depth + 1) else { return false } }
            return true
        default: return false
        }
    }

    private mutating func object(_ bytes: UnsafeMutableRawBufferPointer, _ at: inout Int, depth: Int) -> Bool {
        guard skip(1, bytes, &at) else { return false }
        for _ in 0..<3 {
            guard text(bytes, &at) else { return false }
        }
        guard count(bytes, &at) != nil else { return false }
        while at < bytes.count { guard field(bytes, &at, depth: depth) else { return false } }
        return true
    }

    private func text(_ record: UnsafeMutableRawBufferPointer, _ at: inout Int) -> Bool {
        guard let count = count(record, &at) else { return false }
        let start = at
        return skip(count, record, &at) && isText(record, start, count)
    }

    /// Whether bytes are UTF-8, as all readers of a record may take for granted.
    private func isText(_ record: UnsafeMutableRawBufferPointer, _ start: Int, _ count: Int) -> Bool {
        let bytes = record[start..<start + count]
        return bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
    }

    private func skip(_ count: Int, _ record: UnsafeMutableRawBufferPointer, _ at: inout Int) -> Bool {
        guard count <= record.count - at else { return false }
        at += count
        return true
    }

    private func count(_ record: UnsafeMutableRawBufferPointer, _ at: inout Int) -> Int? {
        guard let base = record.baseAddress, record.count - at >= 4 else { return nil }
        defer { at += 4 }
        return Int((base + at).loadUnaligned(as: UInt32.self))
    }
}
