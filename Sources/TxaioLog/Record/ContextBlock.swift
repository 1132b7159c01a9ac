internal import CTxaio

// Fields of a logger or a scope, encoded once, to which records refer. It lies behind an `EncodedFields` or, for
// records in a queue, in the queue's table of contexts.
//
//  0  u64  magic
//  8  u32  bytes of the fields
// 12  u16  number of fields
// 14  u8   1 where some were cut or left out at the record's limit
// 16  u64  the table that has a copy; in a table: the number of the placing
// 24  u64  where that copy is
// 32  u64  not used
// 40       the fields, as in a record

/// Offsets of a block's header, and what is read and written there.
internal enum ContextBlock {
    @inline(__always) internal static var magic: UInt64 { 0x3174_7874_4378_6154 }  // "TaxCtxt1"
    @inline(__always) internal static var size: Int { 8 }
    @inline(__always) internal static var count: Int { 12 }
    @inline(__always) internal static var cut: Int { 14 }
    @inline(__always) internal static var owner: Int { 16 }
    @inline(__always) internal static var place: Int { 24 }
    @inline(__always) internal static var header: Int { 40 }

    /// The fields of the block at an address; none where that is 0.
    @inline(__always)
    internal static func fields(at reference: UInt64) -> UnsafeRawBufferPointer {
        guard let block = UnsafeRawPointer(bitPattern: UInt(reference)) else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        let size = Int(block.load(fromByteOffset: size, as: UInt32.self))
        return UnsafeRawBufferPointer(start: block + header, count: size)
    }

    @inline(__always)
    private static func word(_ block: UnsafeMutableRawPointer, _ offset: Int) -> UnsafeMutablePointer<UInt64> {
        (block + offset).assumingMemoryBound(to: UInt64.self)
    }

    /// Where the table of that number has the block, if it has; `nil` otherwise.
    @inline(__always)
    internal static func place(_ reference: UInt64, in table: UInt64) -> UInt64? {
        guard let block = UnsafeMutableRawPointer(bitPattern: UInt(reference)),
            txaio_word_load(word(block, owner)) == table
        else { return nil }
        return txaio_word_load(word(block, place))
    }

    /// Writes down where a table has the block.
    internal static func setPlace(_ block: UnsafeMutableRawPointer, _ place: UInt64, in table: UInt64) {
        txaio_word_store(word(block, self.place), place)
        txaio_word_store(word(block, owner), table)
    }
}
