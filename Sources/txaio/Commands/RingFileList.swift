#if Tool
import ArgumentParser
import Foundation
import TxaioEmitters
import TxaioLog
import TxaioRecovery

/// `txaio recover --list`: a line for each ring file.
struct RingFileList {
    private let files: [RingFileSummary]

    init(_ target: RecoveryTarget) throws {
        files = try Recovery.survey(service: target.service, directory: target.directory)
    }

    func show(as format: RecoverCommand.Format) throws {
        switch format {
        case .json: for file in files { try Console.say(json: Self.line(file)) }
        case .text: for line in table() { Console.say(line) }
        }
        // They would be left alone.
        if files.contains(where: { $0.reason != nil }) { throw ExitCode(EndStatus.incomplete.rawValue) }
    }

    private func table() -> [String] {
        guard !files.isEmpty else { return [] }
        var rows = [["STATE", "PID", "STARTED", "EVENTS", "BYTES", "SERVICE", "FILE"]]
        for file in files {
            let known = file.reason == nil
            let numbers = [file.process, UInt32(clamping: file.waiting), UInt32(clamping: file.bytes)].map { "\($0)" }
            rows.append([
                file.stateName, known ? numbers[0] : "-", known ? Self.time(file.started) : "-",
                known ? numbers[1] : "-", known ? numbers[2] : "-", file.service.isEmpty ? "-" : file.service,
                file.path + (file.reason.map { ": \($0)" } ?? ""),
            ])
        }
        let widths = (0..<6).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  ")
                + "  " + row[6]
        }
    }

    private struct Line: Encodable {
        let state: String
        let reason: String?
        let pid: UInt32?
        let started: String?
        let events: Int?
        let bytes: Int?
        let service: String
        let file: String
    }

    private static func line(_ file: RingFileSummary) -> Line {
        let known = file.reason == nil
        return Line(
            state: file.stateName,
            reason: file.reason,
            pid: known ? file.process : nil,
            started: known ? time(file.started) : nil,
            events: known ? file.waiting : nil,
            bytes: known ? file.bytes : nil,
            service: file.service,
            file: file.path
        )
    }

    private static func time(_ nanoseconds: Int64) -> String {
        var buffer = ByteBuffer(capacity: 64)
        var timestamp = Timestamp()
        timestamp.append(nanoseconds, to: &buffer)
        return buffer.string()
    }
}

extension RingFileSummary {
    fileprivate var stateName: String {
        switch state {
        case .live: "live"
        case .locked: "locked"
        case .dead: "dead"
        case .foreign: "foreign"
        }
    }

    /// Why it is left alone.
    fileprivate var reason: String? {
        if case .foreign(let reason) = state { return reason }
        return nil
    }
}
#endif
