import Foundation

/// A log file and those that were put aside for it, read back.
struct LogSeries {
    let directory: TemporaryDirectory
    let name: String

    /// The names, oldest first, the log's own last; what `gzip` was at work on counts by its original.
    func names() throws -> [String] {
        let all = Set(try FileManager.default.contentsOfDirectory(atPath: directory.path))
        return all.filter { $0 == name || $0.hasPrefix(name + ".2") }
            .filter { !$0.hasSuffix(".part") && !($0.hasSuffix(".gz") && all.contains(String($0.dropLast(3)))) }
            .sorted { ($0 == name ? 1 : 0, $0) < ($1 == name ? 1 : 0, $1) }
    }

    /// The files that were put aside.
    func aside() throws -> [String] { try names().filter { $0 != name } }

    func lines(of file: String) throws -> [String] {
        guard file.hasSuffix(".gz") else { return try directory.lines(of: file) }
        let result = try Tools.run("/bin/sh", ["-c", "exec gzip -cd \"$0\"", directory.file(file)])
        guard result.status == 0 else { throw CocoaError(.fileReadCorruptFile) }
        return splitLines(Array(result.output.utf8))
    }

    /// The numbers under `n` of all lines, in the order of the files; throws where a line is no JSON object.
    func numbers(_ key: String = "n") throws -> [Int] {
        try names().flatMap { try lines(of: $0) }.map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return object?[key] as? Int ?? -1
        }
    }

    /// Waits until a condition holds, a minute at most.
    static func waits(until condition: () throws -> Bool) rethrows -> Bool {
        let end = Date().addingTimeInterval(60)
        while Date() < end {
            if try condition() { return true }
            usleep(5_000)
        }
        return try condition()
    }
}
