/// A value that events carry: it keeps its type all the way to the emitters.
///
/// The standard types conform. A type of your own adopts ``LogRepresentable``, which asks for nothing and offers
/// attributes for templates; conforming to this protocol directly is for wrappers of other values.
public protocol LogValue {
    /// Writes the value: one, by that of another.
    ///
    /// Where it writes none the event has a null, where it writes several an array of them, as far as the limits of arrays go.
    /// Runs on the thread that logs, before the record is begun if ``runsNoUserCode`` is false: it may log itself.
    func encode(into writer: inout RecordWriter)

    /// Whether ``encode(into:)`` runs nothing but this library's code, so that the record can be written in place.
    ///
    /// Leave it alone: the default, false, is right for every type outside this library.
    static var runsNoUserCode: Bool { get }
}

extension LogValue {
    /// False: what the type does while it is encoded is not known.
    @inlinable
    public static var runsNoUserCode: Bool { false }
}

// ------------------------------------------------------------------------------------------------ numbers, truth

extension LogValue where Self: FixedWidthInteger & SignedInteger {
    /// Writes the integer.
    @inlinable @inline(__always)
    public func encode(into writer: inout RecordWriter) {
        if writer.hasRoomForScalar() { writer.int(Int64(truncatingIfNeeded: self)) }
    }
    /// True.
    @inlinable @inline(__always)
    public static var runsNoUserCode: Bool { true }
}

extension LogValue where Self: FixedWidthInteger & UnsignedInteger {
    /// Writes the integer.
    @inlinable @inline(__always)
    public func encode(into writer: inout RecordWriter) {
        if writer.hasRoomForScalar() { writer.uint(UInt64(truncatingIfNeeded: self)) }
    }
    /// True.
    @inlinable @inline(__always)
    public static var runsNoUserCode: Bool { true }
}

extension Int: LogValue {}
extension Int8: LogValue {}
extension Int16: LogValue {}
extension Int32: LogValue {}
extension Int64: LogValue {}
extension UInt: LogValue {}
extension UInt8: LogValue {}
extension UInt16: LogValue {}
extension UInt32: LogValue {}
extension UInt64: LogValue {}

extension Int128: LogValue {
    /// Writes the integer.
    @inlinable
    public func encode(into writer: inout RecordWriter) {
        if writer.hasRoomForScalar() { writer.wideInt(self) }
    }
}

extension UInt128: LogValue {
    /// Writes the integer.
    @inlinable
    public func encode(into writer: inout RecordWriter) {
        if writer.hasRoomForScalar() { writer.wideUInt(self) }
    }
}

extension Double: LogValue {
    /// Writes the number.
    @inlinable @inline(__always)
    public func encode(into writer: inout RecordWriter) {
        if writer.hasRoomForScalar() { writer.double(self) }
    }
    /// True.
    @inlinable @inline(__always)
    public static var runsNoUserCode: Bool { true }
}

extension Float: LogValue {
    /// Writes the number; its text has as many digits as a `Float` has.
    @inlinable @inline(__always)
    public func encode(into writer: inout RecordWriter) {
        if writer.hasRoomForScalar() { writer.float(self) }
    }
    /// True.
    @inlinable @inline(__always)
    public static var runsNoUserCode: Bool { true }
}

extension Bool: LogValue {
    /// Writes the truth value.
    @inlinable @inline(__always)
    public func encode(into writer: inout RecordWriter) {
        if writer.hasRoomForScalar() { writer.bool(self) }
    }
    /// True.
    @inlinable @inline(__always)
    public static var runsNoUserCode: Bool { true }
}

extension Duration: LogValue {
    /// Writes the span of time; templates and JSON see it in seconds.
    @inlinable
    public func encode(into writer: inout RecordWriter) {
        if writer.hasRoomForScalar() { writer.duration(self) }
    }
    /// True.
    @inlinable @inline(__always)
    public static var runsNoUserCode: Bool { true }
}

// ------------------------------------------------------------------------------------------------ text

extension String: LogValue {
    /// Writes the text.
    @inlinable @inline(__always)
    public func encode(into writer: inout RecordWriter) { writer.string(self) }
    /// True.
    @inlinable @inline(__always)
    public static var runsNoUserCode: Bool { true }
}

extension Substring: LogValue {
    /// Writes the text.
    @inlinable
    public func encode(into writer: inout RecordWriter) {
        if utf8.withContiguousStorageIfAvailable({ writer.string(UnsafeRawBufferPointer($0)) }) == nil {
            writer.string(String(self))
        }
    }
    /// True.
    @inlinable @inline(__always)
    public static var runsNoUserCode: Bool { true }
}

extension StaticString: LogValue {
    /// Writes the text.
    @inlinable @inline(__always)
    public func encode(into writer: inout RecordWriter) {
        withUTF8Buffer { writer.string(UnsafeRawBufferPointer($0)) }
    }
    /// True.
    @inlinable @inline(__always)
    public static var runsNoUserCode: Bool { true }
}

extension Character: LogValue {
    /// Writes the text.
    @inlinable
    public func encode(into writer: inout RecordWriter) { writer.string(String(self)) }
    /// True.
    @inlinable
    public static var runsNoUserCode: Bool { true }
}

extension Unicode.Scalar: LogValue {
    /// Writes the text.
    @inlinable
    public func encode(into writer: inout RecordWriter) { writer.string(String(Character(self))) }
    /// True.
    @inlinable
    public static var runsNoUserCode: Bool { true }
}

/// Bytes of any kind as a value.
///
/// journald gets exactly these bytes; text and JSON show them as UTF-8 with U+FFFD for what is none.
public struct LogBytes: LogValue, Sendable, Hashable {
    /// The bytes.
    public let bytes: [UInt8]

    /// Takes the bytes of any sequence.
    public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// Writes the bytes.
    public func encode(into writer: inout RecordWriter) {
        bytes.withUnsafeBytes { writer.string($0, tag: RecordTag.bytes) }
    }
    /// True.
    public static var runsNoUserCode: Bool { true }
}
