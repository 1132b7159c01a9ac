// The binary record: what a log call writes, what a ring carries, and what every emitter reads.
//
//  0  u32  size of the whole record
//  4  u8   level
//  5  u8   flags
//  6  u16  number of the call's fields
//  8  i64  time, nanoseconds since 1970
// 16  u64  address of the namespace's cell
// 24  u64  the thread's sequence number
// 32  u64  address of a literal template, or 0: its bytes follow the header
// 40  u32  length of the template
// 44  u32  line, or 0
// 48  u64  address of the function's name, or 0
// 56  u32  length of the function's name
// 60  u16  number of context fields (bound, then scope) that follow the call's, where it refers to none
// 62  u16  1 where the event was kept by the flight recorder, else 0
// 64  u64  address of the block of the logger's fields, or 0
// 72  u64  address of the block of the scopes' fields, or 0
// 80       [template's bytes] [fields] [context fields]
//
// Fields of the logger and of scopes are encoded once (ContextBlock.swift), and a record refers to them. A copy that is to
// outlive the blocks carries them in place (RecordExpansion.swift). Of those that a record refers to, readers pass over what
// a call's field, or for a scope's the logger's, has the name of.
//
// A field is: u64 address of a literal name, or 0 · u32 length of the name · [name's bytes] · value.
// A value is: u8 tag · payload. Numbers are in the machine's byte order and unaligned.

/// Offsets of the record's header.
@usableFromInline
internal enum RecordLayout {
    @inlinable @inline(__always) internal static var size: Int { 0 }
    @inlinable @inline(__always) internal static var level: Int { 4 }
    @inlinable @inline(__always) internal static var flags: Int { 5 }
    @inlinable @inline(__always) internal static var fieldCount: Int { 6 }
    @inlinable @inline(__always) internal static var time: Int { 8 }
    @inlinable @inline(__always) internal static var cell: Int { 16 }
    @inlinable @inline(__always) internal static var sequence: Int { 24 }
    @inlinable @inline(__always) internal static var template: Int { 32 }
    @inlinable @inline(__always) internal static var templateLength: Int { 40 }
    @inlinable @inline(__always) internal static var line: Int { 44 }
    @inlinable @inline(__always) internal static var function: Int { 48 }
    @inlinable @inline(__always) internal static var functionLength: Int { 56 }
    @inlinable @inline(__always) internal static var contextCount: Int { 60 }
    @inlinable @inline(__always) internal static var recorded: Int { 62 }
    @inlinable @inline(__always) internal static var bound: Int { 64 }
    @inlinable @inline(__always) internal static var scope: Int { 72 }
    @inlinable @inline(__always) internal static var header: Int { 80 }
    /// Room that is always left behind what was written: eight scalar fields fit into it unchecked.
    @inlinable @inline(__always) internal static var slack: Int { 512 }
}

/// Bits of the record's flags.
@frozen @usableFromInline
internal enum RecordFlag {
    /// The template is plain text: nothing in it is parsed.
    @inlinable @inline(__always) internal static var text: UInt8 { 1 }
    /// The template was made at run time: its fields reach no attribute and no item.
    @inlinable @inline(__always) internal static var runtime: UInt8 { 2 }
    /// There is no template.
    @inlinable @inline(__always) internal static var bare: UInt8 { 4 }
    /// Values were cut at the record's limit.
    @inlinable @inline(__always) internal static var cut: UInt8 { 8 }
    /// The record lies in memory of its own, not in the thread's.
    @inlinable @inline(__always) internal static var prepared: UInt8 { 16 }
    /// It was found in the rings of a process that died.
    @inlinable @inline(__always) internal static var recovered: UInt8 { 32 }
    /// The process that died may have handed it over.
    @inlinable @inline(__always) internal static var repeated: UInt8 { 64 }
    /// It passes for the sake of its scope, whatever the namespace's cell has for the emitters.
    @inlinable @inline(__always) internal static var scoped: UInt8 { 128 }
}

/// What kind of value follows.
@frozen @usableFromInline
package enum RecordTag {
    @inlinable @inline(__always) package static var null: UInt8 { 0 }
    @inlinable @inline(__always) package static var no: UInt8 { 1 }
    @inlinable @inline(__always) package static var yes: UInt8 { 2 }
    @inlinable @inline(__always) package static var int: UInt8 { 3 }
    @inlinable @inline(__always) package static var uint: UInt8 { 4 }
    @inlinable @inline(__always) package static var double: UInt8 { 5 }
    @inlinable @inline(__always) package static var string: UInt8 { 6 }
    @inlinable @inline(__always) package static var float: UInt8 { 7 }
    @inlinable @inline(__always) package static var bytes: UInt8 { 8 }
    @inlinable @inline(__always) package static var wideInt: UInt8 { 9 }
    @inlinable @inline(__always) package static var wideUInt: UInt8 { 10 }
    @inlinable @inline(__always) package static var duration: UInt8 { 11 }
    // u32 length of what follows · u32 count · values
    @inlinable @inline(__always) package static var array: UInt8 { 12 }
    // u32 length of what follows · u32 count · key value, key value, ...
    @inlinable @inline(__always) package static var dictionary: UInt8 { 13 }
    // u32 length of what follows · u8 parts · class, text, representation (u32 length, bytes each) · u32 count · fields
    @inlinable @inline(__always) package static var object: UInt8 { 14 }
}

/// Bits that say what an object's record holds.
@usableFromInline
internal enum RecordObjectPart {
    internal static var text: UInt8 { 1 }
    internal static var representation: UInt8 { 2 }
    internal static var error: UInt8 { 4 }
}
