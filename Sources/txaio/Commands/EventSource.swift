#if Tool
import ArgumentParser

/// Where events are read from: files, standard input, or the journal.
struct EventSource: ParsableArguments {
    @Argument(help: "Files of JSON lines; '-' is standard input; '.gz' is decompressed.", completion: .file())
    var files: [String] = []

    @Flag(help: "Reads the journal of this machine.")
    var journal = false

    @Option(help: ArgumentHelp("Reads the journal of a directory.", valueName: "directory"), completion: .directory)
    var journalDirectory: String?

    @Option(
        help: ArgumentHelp("Reads a journal file, of another machine perhaps; may be repeated.", valueName: "file"),
        completion: .file(extensions: ["journal"])
    )
    var journalFile: [String] = []

    @Option(
        name: [.customShort("t"), .long],
        help: ArgumentHelp("Of the journal, whose events: its SYSLOG_IDENTIFIER.", valueName: "name")
    )
    var identifier: String?

    private var isJournal: Bool { journal || journalDirectory != nil || !journalFile.isEmpty }

    func validate() throws {
        if journalDirectory != nil, !journalFile.isEmpty {
            throw ValidationError("either '--journal-directory' or '--journal-file'")
        }
        if isJournal, !files.isEmpty { throw ValidationError("either files or the journal") }
        if identifier != nil, !isJournal { throw ValidationError("'--identifier' goes with the journal") }
    }

    /// Gives each event that is there, and `nil` for each line that is none.
    func read(_ take: (ShownEvent?) throws -> Void) throws {
        try read(follow: false, atRest: {}, take: { event, _ in try take(event) })
    }

    /// Gives each event, and each line that is none, with its bytes, which entries of the journal have not.
    ///
    /// - Parameters:
    ///   - follow: Whether to go on as more comes, for ever.
    ///   - atRest: Called whenever nothing more is there.
    func read(
        follow: Bool,
        atRest: () throws -> Void,
        take: (ShownEvent?, ArraySlice<UInt8>?) throws -> Void
    ) throws {
        if isJournal { return try readJournal(follow: follow, atRest: atRest, take) }
        let sources = try (files.isEmpty ? ["-"] : files).map { try LineFile($0) }
        let line: (ArraySlice<UInt8>) throws -> Void = { try take(ShownEvent(json: $0), $0) }
        for source in sources { try source.read(isLast: !follow, atRest: atRest, line) }
        while follow {
            try atRest()
            Console.pause(milliseconds: 100)
            for source in sources { try source.readMore(line) }
        }
    }

    private func readJournal(
        follow: Bool,
        atRest: () throws -> Void,
        _ take: (ShownEvent?, ArraySlice<UInt8>?) throws -> Void
    ) throws {
        #if LibSystemd
        let reader = try JournalReader(directory: journalDirectory, files: journalFile, identifier: identifier)
        try reader.read { try take($0, nil) }
        while follow {
            try atRest()
            try reader.wait()
            try reader.read { try take($0, nil) }
        }
        #else
        throw Missing()
        #endif
    }

    private struct Missing: Error, CustomStringConvertible {
        var description: String { "the journal needs the package's trait 'LibSystemd'" }
    }
}
#endif
