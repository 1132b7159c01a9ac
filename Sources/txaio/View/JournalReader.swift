#if LibSystemd
import CSystemd
import TxaioEmitters
import TxaioLog

/// Events of the journal, local or of files from elsewhere, through libsystemd.
final class JournalReader {
    private let journal: OpaquePointer

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// Opens the local journal, or that of a directory or of single files.
    ///
    /// - Parameter identifier: Whose entries: `SYSLOG_IDENTIFIER`; `nil` for everybody's.
    init(directory: String?, files: [String], identifier: String?) throws {
        var journal: OpaquePointer?
        let result: Int32
        if let directory {
            result = sd_journal_open_directory(&journal, directory, 0)
        } else if files.isEmpty {
            result = sd_journal_open(&journal, Int32(SD_JOURNAL_LOCAL_ONLY))
        } else {
            result = Console.withCStrings(files) { sd_journal_open_files(&journal, $0, 0) }
        }
        guard result >= 0, let journal else {
            throw Fault(description: "the journal cannot be opened: \(Platform.text(ofError: -result))")
        }
        self.journal = journal
        // Values may be of any size.
        sd_journal_set_data_threshold(journal, 0)
        if let identifier {
            let match = Array("SYSLOG_IDENTIFIER=\(identifier)".utf8)
            sd_journal_add_match(journal, match, match.count)
        }
    }

    deinit { sd_journal_close(journal) }

    /// Gives each event up to the end of what is there; other entries are passed over.
    func read(_ take: (ShownEvent) throws -> Void) throws {
        while true {
            let result = sd_journal_next(journal)
            guard result >= 0 else { throw Fault(description: "the journal: \(Platform.text(ofError: -result))") }
            if result == 0 { return }
            if let event = ShownEvent(journal: fields()) { try take(event) }
        }
    }

    /// Waits until there may be more.
    func wait() throws {
        let result = sd_journal_wait(journal, 1_000_000)
        guard result >= 0 else { throw Fault(description: "the journal: \(Platform.text(ofError: -result))") }
    }

    /// The fields of the entry, in the order of the journal, values as bytes.
    private func fields() -> [(name: String, value: [UInt8])] {
        var found: [(String, [UInt8])] = []
        var data: UnsafeRawPointer?
        var length = 0
        sd_journal_restart_data(journal)
        while sd_journal_enumerate_data(journal, &data, &length) > 0 {
            let field = UnsafeRawBufferPointer(start: data, count: length)
            guard let sign = field.firstIndex(of: UInt8(ascii: "=")) else { continue }
            found.append((String(decoding: field[..<sign], as: UTF8.self), Array(field[(sign + 1)...])))
        }
        return found
    }
}
#endif
