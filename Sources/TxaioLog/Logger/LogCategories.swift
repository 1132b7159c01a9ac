internal import CTxaio

/// Templates by category; mirrors txaio's `add_log_categories`.
///
/// An event with a field `log_category` whose text is known here takes the category's template in place of its own.
/// Unknown categories change nothing. The table is the process's, and of two templates for one category the later wins.
public func addLogCategories(_ categories: [String: String]) {
    LogCategories.shared.add(categories)
}

internal final class LogCategories: Sendable {
    internal static let shared = LogCategories()

    /// Texts that live as long as the process: records and the cache of templates name them by address.
    private struct Template: @unchecked Sendable {
        let bytes: UnsafeRawBufferPointer
    }

    private struct State: @unchecked Sendable {
        var templates: [[UInt8]: Template] = [:]
        var observer: (@Sendable (UnsafeRawBufferPointer) -> Void)?
    }

    private let state = Lock(State())

    /// Sees every template there is, and from now on each new one.
    internal func observe(_ observer: (@Sendable (UnsafeRawBufferPointer) -> Void)?) {
        let known = state.withLock { state in
            state.observer = observer
            return Array(state.templates.values)
        }
        if let observer { for template in known { observer(template.bytes) } }
    }

    internal func add(_ categories: [String: String]) {
        let new = categories.map { ([UInt8]($0.key.utf8), Array($0.value.utf8)) }
        state.withLock { state in
            for (name, text) in new {
                if let same = state.templates[name], same.bytes.elementsEqual(text) { continue }
                let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, text.count), alignment: 1)
                copy.copyBytes(from: text)
                let template = Template(bytes: UnsafeRawBufferPointer(rebasing: copy[..<text.count]))
                // Before anybody can use it: what dies then is found with its template.
                state.observer?(template.bytes)
                state.templates[name] = template
            }
        }
        txaio_categories_use()
    }

    /// Gives a finished record its category's template, if it has one.
    internal static func apply(to record: UnsafeMutableRawPointer) {
        let size = Int(record.load(fromByteOffset: RecordLayout.size, as: UInt32.self))
        let fields = EventFields(record: UnsafeRawPointer(record), size: size)
        var reader = fields.reader
        for _ in 0..<fields.callCount {
            guard let field = reader.nextField() else { return }
            guard sameBytes(field.name, UnsafeRawBufferPointer(literal: "log_category")),
                case .string(let category) = field.value
            else { continue }
            guard let template = shared.template(of: category) else { return }
            replaceTemplate(of: record, size: size, with: template)
            return
        }
    }

    private func template(of category: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let name = [UInt8](category)
        return state.withLock { $0.templates[name]?.bytes }
    }

    private static func replaceTemplate(
        of record: UnsafeMutableRawPointer,
        size: Int,
        with template: UnsafeRawBufferPointer
    ) {
        let old = record.loadUnaligned(fromByteOffset: RecordLayout.template, as: UInt64.self)
        if old == 0 {
            // The old one's bytes stand before the fields: close the gap.
            let gap = Int(record.loadUnaligned(fromByteOffset: RecordLayout.templateLength, as: UInt32.self))
            let fields = record + RecordLayout.header
            fields.copyMemory(from: fields + gap, byteCount: max(0, size - RecordLayout.header - gap))
            record.storeBytes(of: UInt32(size - gap), toByteOffset: RecordLayout.size, as: UInt32.self)
        }
        let address = UInt64(UInt(bitPattern: template.baseAddress))
        record.storeBytes(of: address, toByteOffset: RecordLayout.template, as: UInt64.self)
        record.storeBytes(of: UInt32(template.count), toByteOffset: RecordLayout.templateLength, as: UInt32.self)
        let flags = record.load(fromByteOffset: RecordLayout.flags, as: UInt8.self)
        let cleared = flags & ~(RecordFlag.text | RecordFlag.runtime | RecordFlag.bare)
        record.storeBytes(of: cleared, toByteOffset: RecordLayout.flags, as: UInt8.self)
    }
}
