extension Optional: LogValue where Wrapped: LogValue {
    /// Writes the value, or that there is none.
    @inlinable @inline(__always)
    public func encode(into writer: inout RecordWriter) {
        if let self {
            self.encode(into: &writer)
        } else if writer.hasRoomForScalar() {
            writer.null()
        }
    }
    /// As the value's own.
    @inlinable @inline(__always)
    public static var runsNoUserCode: Bool { Wrapped.runsNoUserCode }
}

extension Array: LogValue where Element: LogValue {
    /// Writes the elements in order.
    @inlinable
    public func encode(into writer: inout RecordWriter) { writer.array(self) }
    /// As the elements' own.
    @inlinable @inline(__always)
    public static var runsNoUserCode: Bool { Element.runsNoUserCode }
}

extension ArraySlice: LogValue where Element: LogValue {
    /// Writes the elements in order.
    @inlinable
    public func encode(into writer: inout RecordWriter) { writer.array(self) }
    /// As the elements' own.
    @inlinable @inline(__always)
    public static var runsNoUserCode: Bool { Element.runsNoUserCode }
}

extension ContiguousArray: LogValue where Element: LogValue {
    /// Writes the elements in order.
    @inlinable
    public func encode(into writer: inout RecordWriter) { writer.array(self) }
    /// As the elements' own.
    @inlinable @inline(__always)
    public static var runsNoUserCode: Bool { Element.runsNoUserCode }
}

extension Set: LogValue where Element: LogValue & Comparable {
    /// Writes the elements in ascending order, since a set has none of its own.
    public func encode(into writer: inout RecordWriter) { writer.array(sorted()) }
}

extension Dictionary: LogValue where Key: LogValue & Comparable, Value: LogValue {
    /// Writes the pairs by ascending key, since a dictionary has no order of its own.
    public func encode(into writer: inout RecordWriter) {
        writer.dictionary(sorted { $0.key < $1.key }.lazy.map { ($0.key, $0.value) })
    }
}

extension KeyValuePairs: LogValue where Key: LogValue, Value: LogValue {
    /// Writes the pairs in order.
    public func encode(into writer: inout RecordWriter) {
        writer.dictionary(lazy.map { ($0.key, $0.value) })
    }
}

/// Any value of a log event: for arrays and dictionaries of mixed types, and for fields put together at run time.
public struct AnyLogValue: LogValue {
    /// The value itself.
    public let base: any LogValue

    /// Wraps a value.
    public init(_ base: any LogValue) { self.base = base }

    /// Wraps a value of any type: as itself if it conforms to ``LogValue``, else as its text.
    public init(describing value: Any) { base = value as? any LogValue ?? ForeignValue(value) }

    /// Writes the value.
    public func encode(into writer: inout RecordWriter) { base.encode(into: &writer) }
}

extension AnyLogValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A text.
    public init(stringLiteral value: String) { base = value }
    /// An integer.
    public init(integerLiteral value: Int) { base = value }
    /// A double.
    public init(floatLiteral value: Double) { base = value }
    /// A truth value.
    public init(booleanLiteral value: Bool) { base = value }
    /// No value.
    public init(nilLiteral: ()) { base = Int?.none }
    /// An array.
    public init(arrayLiteral elements: AnyLogValue...) { base = elements }
    /// A dictionary, in the order written.
    public init(dictionaryLiteral elements: (AnyLogValue, AnyLogValue)...) { base = OrderedPairs(pairs: elements) }
}

/// Pairs in the order they came.
private struct OrderedPairs: LogValue {
    let pairs: [(AnyLogValue, AnyLogValue)]
    func encode(into writer: inout RecordWriter) { writer.dictionary(pairs) }
}
