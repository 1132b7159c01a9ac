// Values whose shape is known at run time only: what comes from other programs, such as test cases.

/// Pairs in the order they came, with keys of any type.
package struct RuntimePairs: LogValue {
    private let pairs: [(AnyLogValue, AnyLogValue)]

    package init(_ pairs: [(any LogValue, any LogValue)]) {
        self.pairs = pairs.map { (AnyLogValue($0), AnyLogValue($1)) }
    }

    package func encode(into writer: inout RecordWriter) { writer.dictionary(pairs) }
}

/// A value of a type of its own, with attributes by names that are no literals.
package struct RuntimeObject: LogValue {
    private let type: String
    private let text: String?
    private let representation: String?
    private let attributes: [(String, any LogValue)]

    package init(type: String, text: String?, representation: String?, attributes: [(String, any LogValue)]) {
        self.type = type
        self.text = text
        self.representation = representation
        self.attributes = attributes
    }

    package func encode(into writer: inout RecordWriter) {
        guard var container = writer.open(RecordTag.object) else { return }
        var parts: UInt8 = 0
        if text != nil { parts |= RecordObjectPart.text }
        if representation != nil { parts |= RecordObjectPart.representation }
        writer.put(parts)
        writer.counted(type)
        writer.counted(text ?? "")
        writer.counted(representation ?? "")
        let countOffset = writer.offset - container.start
        writer.put(0 as UInt32)
        for (name, value) in attributes {
            var name = name
            guard writer.admit(&container) else { break }
            name.withUTF8 { writer.name(UnsafeRawBufferPointer($0)) }
            writer.write(value)
        }
        writer.close(container, countOffset: countOffset)
    }
}

extension RecordWriter {
    /// A text with its length and without a tag.
    fileprivate mutating func counted(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            let kept = ensure(bytes.count) ? bytes.count : 0
            put(UInt32(truncatingIfNeeded: kept))
            copy(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<kept]))
        }
    }
}
