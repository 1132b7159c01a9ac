public import TxaioLog

/// What all entries of one emitter have in common, made once: a field that never changes costs a copy of its bytes.
package final class JournalEntryPlan: Sendable {
    private let levels: [JournalConstantFields]
    /// Hashes of the names of the constant fields, which no value may take.
    internal let reserved: [UInt64]

    /// - Parameters:
    ///   - identifier: The value of `SYSLOG_IDENTIFIER`.
    ///   - priorities: Each level's value of `PRIORITY`.
    ///   - fields: Constant fields; their names are made valid as those of values are.
    package init(identifier: String, priorities: JournalPriorities, fields: [(name: String, value: String)]) {
        var names: [(name: String, value: String)] = []
        var reserved: [UInt64] = []
        var fieldName = JournalFieldName()
        fieldName.beginEvent()
        for field in fields {
            var original = field.name
            original.withUTF8 { fieldName.make(UnsafeRawBufferPointer($0), reserved: []) }
            reserved.append(fieldName.withBytes { FNV.hash($0) })
            names.append((fieldName.withBytes { String(decoding: $0, as: UTF8.self) }, field.value))
        }
        self.reserved = reserved
        levels = LogLevel.allCases.map { level in
            var constants: [(name: String, value: String)] = [
                ("PRIORITY", "\(priorities[level])"), ("SYSLOG_IDENTIFIER", identifier),
                ("TXAIO_LEVEL", level.description),
            ]
            constants += names
            return JournalConstantFields(constants)
        }
    }

    package func constants(_ level: LogLevel) -> JournalConstantFields { levels[Int(level.rawValue)] }

    /// How much an entry may hold: journald's 1,024 fields; or the 1,024 pieces a system call takes, of which
    /// libsystemd uses two for a field, five for one of several lines.
    package func budget(_ form: JournalEntryEncoder.Form) -> Int { form == .framed ? 1024 : 1020 }
}

/// Constant fields in both forms.
///
/// An object, so that lending it to an encoder counts one reference, not one for each array.
package final class JournalConstantFields: Sendable {
    internal let framed: [UInt8]
    internal let pairs: [UInt8]
    internal let pairEnds: [Int]

    internal init(_ fields: [(name: String, value: String)]) {
        (framed, _) = Self.write(fields, .framed)
        (pairs, pairEnds) = Self.write(fields, .pairs)
    }

    private static func write(
        _ fields: [(name: String, value: String)],
        _ form: JournalEntryEncoder.Form
    ) -> (bytes: [UInt8], ends: [Int]) {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        for field in fields {
            bytes += field.name.utf8
            let value = Array(field.value.utf8)
            if form == .framed, value.contains(0x0A) {
                bytes.append(0x0A)
                let length = UInt64(value.count)
                for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: length >> UInt64(8 * shift))) }
            } else {
                bytes.append(0x3D)
            }
            bytes += value
            if form == .framed { bytes.append(0x0A) }
            ends.append(bytes.count)
        }
        return (bytes, ends)
    }
}

/// Which journal priority each level has.
///
/// The default is critical 2, error 3, warn 4, info 6, debug and trace 7; `TXAIO_LEVEL` keeps the last two apart.
public struct JournalPriorities: Sendable, Hashable {
    private var values: [UInt8]

    /// The default priorities.
    public init() { values = [2, 2, 3, 4, 6, 7, 7] }

    /// A level's priority: 0 (emergency) to 7 (debug).
    ///
    /// What lies outside is set to the nearer end.
    ///
    /// A more verbose level never matters more: setting one moves those that would be on its wrong side along with it.
    public subscript(level: LogLevel) -> Int {
        get { Int(values[Int(level.rawValue)]) }
        set {
            let value = UInt8(max(0, min(7, newValue)))
            let index = Int(level.rawValue)
            for other in values.indices {
                if other <= index { values[other] = min(values[other], value) }
                if other >= index { values[other] = max(values[other], value) }
            }
            values[index] = value
        }
    }
}
