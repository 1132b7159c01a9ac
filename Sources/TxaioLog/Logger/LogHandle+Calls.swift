internal import CTxaio

// The keyword tier and run-time fields: out of line, since the caller has built its list of values already.

extension LogHandle {
    internal var namespace: String {
        let bytes = UnsafeRawBufferPointer(start: cell.pointee.name, count: Int(cell.pointee.name_length))
        return String(decoding: bytes, as: UTF8.self)
    }

    internal var level: LogLevel { LogLevel(rawValue: txaio_cell_level(cell)) ?? .off }

    /// Logs the pairs of a keyword call, and destroys the list.
    ///
    /// The template is the value without a name at the front. That the list does not escape is what lets the caller
    /// keep it on the stack; of what the values refer to nothing is promised.
    // It would take the space out of the attribute:
    // swift-format-ignore
    @usableFromInline @inline(never)
    @_effects(notEscaping arguments.value**)
    internal func log(_ level: LogLevel, _ arguments: __owned LogArguments) {
        LogArguments.consume(arguments) { pairs in
            guard passes(level) else { return true }
            guard ValueLayout.isReadable else {
                log(level, plainly: pairs)
                return true
            }
            guard let base = UnsafeRawPointer(pairs.baseAddress) else { return true }
            return logInPlace(level, base, pairs.count)
        }
    }

    /// Without any assumption about how values lie in memory.
    @inline(never)
    internal func log(_ level: LogLevel, plainly pairs: UnsafeBufferPointer<(StaticString, any LogValue)>) {
        let isDirect = pairs.allSatisfy { type(of: $0.1).runsNoUserCode }
        let template = pairs.first.flatMap { $0.0.utf8CodeUnitCount == 0 ? TemplateSource($0.1) : nil }
        let skipped = template == nil ? 0 : 1
        let count = pairs.count - skipped
        guard var writer = RecordWriter.begin(level, self, count: count, direct: isDirect) else { return }
        if let template { template.write(to: &writer, hasValues: count > 0) } else { writer.noTemplate() }
        var written = 0
        for (name, value) in pairs.dropFirst(skipped) {
            guard writer.ensureField(written) else { break }
            writer.name(name)
            writer.write(value)
            written += 1
        }
        writer.finish(self)
    }

    /// Reads the commonest types where they lie: copying them out goes through the runtime, three times as slow.
    ///
    /// Returns whether a value may count a reference.
    @inline(__always)
    private func logInPlace(_ level: LogLevel, _ base: UnsafeRawPointer, _ total: Int) -> Bool {
        let types = ValueLayout.Types()
        // The template is the value without a name at the front. One of another type than String is rare.
        let isUnnamed = total > 0 && types.isUnnamed(base)
        let hasTemplate = isUnnamed && ValueLayout.isString(base + ValueLayout.box)
        guard hasTemplate || !isUnnamed, total <= RecordLimits.fields else { return logPlainly(level, base, total) }
        let count = hasTemplate ? total &- 1 : total
        guard var writer = RecordWriter.begin(level, self, count: count, direct: true) else { return true }
        var element = base
        var mayCount = false
        if hasTemplate {
            let box = base + ValueLayout.box
            if let literal = StringLayout.literal(unchecked: box) {
                let address = UInt64(UInt(bitPattern: literal.baseAddress))
                writer.store(template: address, length: literal.count, flags: 0)
            } else {
                writer.template(box.assumingMemoryBound(to: String.self).pointee, hasValues: count > 0)
                mayCount = true
            }
            element += ValueLayout.stride
        } else {
            writer.noTemplate()
        }
        let found = writer.plainPairs(element, count: count)
        if found.left > 0 {
            guard writePairs(element, from: count &- found.left, of: count, to: &writer) else {
                writer.abandon()
                return logPlainly(level, base, total)
            }
            mayCount = true
        }
        writer.finish(self)
        return mayCount || found.mayCount
    }

    /// Goes on with pairs where one is not plain, or has no room.
    ///
    /// Returns whether the record can stay: not with a value whose encoding runs the user's code, which must not run now.
    @inline(never)
    private func writePairs(
        _ pairs: UnsafeRawPointer,
        from first: Int,
        of count: Int,
        to writer: inout RecordWriter
    ) -> Bool {
        let types = ValueLayout.Types()
        var index = first
        while index < count, writer.ensureField(index) {
            let pair = pairs + index &* ValueLayout.stride
            guard types.areKnown(pair) else { return false }
            let (name, value) = pair.assumingMemoryBound(to: (StaticString, any LogValue).self).pointee
            writer.name(name)
            writer.write(value)
            index += 1
            index = count &- writer.plainPairs(pairs + index &* ValueLayout.stride, count: count &- index).left
        }
        return true
    }

    @inline(never)
    private func logPlainly(_ level: LogLevel, _ base: UnsafeRawPointer, _ total: Int) -> Bool {
        let pairs = base.assumingMemoryBound(to: (StaticString, any LogValue).self)
        log(level, plainly: UnsafeBufferPointer(start: pairs, count: total))
        return true
    }

    /// Logs a call with values of any type: those that know nothing of logging become text.
    @usableFromInline @inline(never)
    internal func logForeign(_ level: LogLevel, _ pairs: KeyValuePairs<StaticString, Any>) {
        let known: [(StaticString, any LogValue)] = pairs.map { ($0.key, loggable($0.value)) }
        known.withUnsafeBufferPointer { log(level, plainly: $0) }
    }

    /// A template that comes as a literal or as a text.
    internal enum TemplateSource {
        case literal(StaticString)
        case string(String)

        /// What stands where a template does: a text of any of the standard types.
        internal init?(_ value: any LogValue) {
            switch value {
            case let text as String: self = .string(text)
            case let text as StaticString: self = .literal(text)
            case let text as Substring: self = .string(String(text))
            default: return nil
            }
        }

        internal func write(to writer: inout RecordWriter, hasValues: Bool) {
            switch self {
            case .literal(let text): text.withUTF8Buffer { writer.template(literal: UnsafeRawBufferPointer($0)) }
            case .string(let text): writer.template(text, hasValues: hasValues)
            }
        }
    }

    /// Logs fields put together at run time.
    internal func emit(_ level: LogLevel, template: TemplateSource, fields: some Sequence<(String, any LogValue)>) {
        guard level != .off, passes(level) else { return }
        let fields = Array(fields)
        let isDirect = fields.allSatisfy { type(of: $0.1).runsNoUserCode }
        guard var writer = RecordWriter.begin(level, self, count: fields.count, direct: isDirect) else { return }
        template.write(to: &writer, hasValues: !fields.isEmpty)
        for (index, (name, value)) in fields.enumerated() {
            guard writer.ensureField(index) else { break }
            var name = name
            name.withUTF8 { writer.name(UnsafeRawBufferPointer($0)) }
            writer.write(value)
        }
        writer.finish(self)
    }
}

/// Any value as one that can be logged.
internal func loggable(_ value: Any) -> any LogValue {
    if let value = value as? any LogValue { return value }
    if let error = value as? any Error { return ErrorValue(error) }
    return ForeignValue(value)
}
