#if Configuration
import Foundation
import Testing
import TxaioConfiguration
import TxaioEmitters
import TxaioLog

@Suite("The file of a configuration")
struct ConfigurationFileTests {
    private let directory = TemporaryDirectory()

    init() { Collected.register() }

    /// What reading a file of these bytes throws.
    private func fault(_ bytes: [UInt8]) throws -> String? { try fault(at: directory.write(bytes)) }

    private func fault(at path: String) -> String? {
        do throws(ConfigurationError) {
            _ = try LoggingConfiguration(contentsOf: path)
            return nil
        } catch {
            #expect(error.file == path)
            #expect(error.description.hasPrefix("\(path): "))
            return error.faults.map(\.description).joined(separator: "\n")
        }
    }

    @Test func aGoodFileIsRead() throws {
        #expect(try fault(Array(sound.utf8)) == nil)
        #expect(try fault([0xEF, 0xBB, 0xBF] + Array(sound.utf8)) == nil)
    }

    @Test func theErrorNamesTheFileInEachLine() throws {
        let path = try directory.write(Array((sound + "levl: info\nlevles: {}\n").utf8))
        let error = #expect(throws: ConfigurationError.self) { try LoggingConfiguration(contentsOf: path) }
        #expect(
            error?.description == """
                \(path): unknown key 'levl' at 3:1; did you mean 'level'?
                \(path): unknown key 'levles' at 4:1; did you mean 'levels'?
                """
        )
    }

    @Test func aLinkIsFollowed() throws {
        let path = try directory.write(Array(sound.utf8))
        let link = directory.path + "/link"
        #expect(symlink(path, link) == 0)
        #expect(fault(at: link) == nil)
    }

    @Test(.timeLimit(.minutes(10)))
    func whatIsNoRegularFileIsRefusedAtOnce() throws {
        let fifo = directory.path + "/fifo"
        #expect(mkfifo(fifo, 0o600) == 0)
        let begin = ContinuousClock.now
        #expect(fault(at: fifo) == "the file cannot be read: not a regular file, but a FIFO")
        #expect(fault(at: "/dev/zero") == "the file cannot be read: not a regular file, but a device")
        #expect(fault(at: directory.path) == "the file cannot be read: not a regular file, but a directory")
        #expect(fault(at: directory.path + "/none") == "the file cannot be read: No such file or directory")
        #expect(fault(at: "") == "the file cannot be read: No such file or directory")
        #expect(fault(at: directory.path + "\u{0}x") == "the file cannot be read: the path holds a NUL")
        #expect(begin.duration(to: .now) < .seconds(5))
    }

    @Test(.enabled(if: geteuid() == 0 && access("/usr/bin/setpriv", X_OK) == 0, "reading as another user needs root"))
    func anUnreadableFileIsToldSo() async throws {
        // In a process of its own: the user is the process's.
        await #expect(processExitsWith: .success) {
            let path = "/tmp/txaio-unreadable-\(getpid()).yaml"
            let descriptor = open(path, O_CREAT | O_WRONLY, 0)
            #expect(descriptor >= 0)
            defer { unlink(path) }
            #expect(seteuid(65_534) == 0)
            let error = #expect(throws: ConfigurationError.self) { try LoggingConfiguration(contentsOf: path) }
            #expect(error?.description == "\(path): the file cannot be read: Permission denied")
            #expect(seteuid(0) == 0)
        }
    }

    @Test func aFileOfOneMebibyteIsTheLargest() throws {
        let filling = [UInt8](repeating: UInt8(ascii: "#"), count: (1 << 20) - sound.utf8.count)
        #expect(try fault(Array(sound.utf8) + filling) == nil)
        #expect(try fault(Array(sound.utf8) + filling + [0x23]) == "the file cannot be read: larger than 1 MiB")
        let sparse = directory.path + "/sparse"
        #expect(FileManager.default.createFile(atPath: sparse, contents: nil))
        #expect(truncate(sparse, 1 << 40) == 0)
        #expect(fault(at: sparse) == "the file cannot be read: larger than 1 MiB")
        #expect(faults(String(repeating: "#", count: 1 << 20 | 1)) == ["larger than 1 MiB"])
    }

    @Test(arguments: [
        (Array("a: \u{0}".utf8), "the file holds a NUL at 1:4"),
        (Array("a: b\r\nc\u{0}: 1".utf8), "the file holds a NUL at 2:2"),
        ([0xFF, 0xFE, 0x61, 0], "the file is UTF-16 or UTF-32; save it as UTF-8"),
        ([0xFE, 0xFF, 0, 0x61], "the file is UTF-16 or UTF-32; save it as UTF-8"),
        ([0x61, 0, 0x3A, 0], "the file is UTF-16 or UTF-32; save it as UTF-8"),
        ([0, 0x61, 0, 0x3A], "the file is UTF-16 or UTF-32; save it as UTF-8"),
        ([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], "the file is UTF-16 or UTF-32; save it as UTF-8"),
        (Array("é: ".utf8) + [0xC3], "the file is not UTF-8 at 1:4"),
        ([0x61, 0xFF, 0x62], "the file is not UTF-8 at 1:2"),
        ([0xED, 0xA0, 0x80], "the file is not UTF-8 at 1:1"),
        (Array("a: \u{1B}[2J".utf8), "the file holds the control character U+001B at 1:4"),
        (Array("a\n\u{202E}b: c".utf8), "the file holds the direction mark U+202E at 2:1"),
        ([], "the file is empty"),
    ])
    func bytesThatAreNoTextAreToldWithTheirPlace(bytes: [UInt8], reason: String) throws {
        #expect(try fault(bytes) == reason)
    }
}

@Suite("A configuration made to do harm")
struct HostileConfigurationTests {
    private func bomb(_ top: String) -> String {
        let names = Array("abcdefghi").map(String.init)
        var text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
        for (below, name) in zip(names, names.dropFirst()) {
            let aliases = repeatElement("*\(below)", count: 9).joined(separator: ", ")
            text += "\(name): &\(name) [\(aliases)]\n"
        }
        return text + top
    }

    @Test(arguments: ["", "? *i\n: 1\n", "{ *i : 1, *h : 2 }: 3\n"])
    func anAliasBombIsRefusedAtOnce(top: String) throws {
        let text = bomb(top)
        let time = processorTime { #expect(faults(text) == ["aliases ('*name') are not allowed at 2:24"]) }
        #expect(time < .milliseconds(50))
    }

    @Test func moreEntriesThanThereCanBeRulesAreRefusedUnparsed() {
        func text(_ count: Int) -> String {
            sound + "levels: { " + (0..<count).map { "n\($0): info" }.joined(separator: ", ") + " }\n"
        }
        #expect(faults(text(10_000)).isEmpty)
        #expect(faults(text(10_001)) == ["10001 rules; at most 10000 are allowed"])
        #expect(faults(text(40_000)).first?.hasPrefix("more entries than a configuration can have at 3:") ?? false)
    }

    @Test func keysThatAreCollectionsOfCollectionsAreRefusedAtOnce() throws {
        let line = String(repeating: "{", count: 200) + "a" + String(repeating: ":1}", count: 200) + ": 1\n"
        let text = String(repeating: line, count: 1_000)
        // Most of it is the check that the text is UTF-8.
        let time = processorTime { #expect(faults(text).count == 1) }
        #expect(time < .seconds(2))
    }

    @Test(arguments: [33, 500, 999, 1_001, 10_000, 200_000])
    func deepNestingIsRefused(depth: Int) {
        let flow = "version: " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(!faults(flow).isEmpty)
        #expect(faults(String(repeating: "{a: ", count: depth)).count == 1)
        #expect(!faults(String(repeating: "- ", count: depth) + "a").isEmpty)
    }

    @Test func theDeepestNestingThatIsParsedFitsASmallStack() async {
        let text = "version: " + String(repeating: "[{a: ", count: 499) + String(repeating: "}]", count: 499)
        let found = await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: faults(text)) }
            thread.stackSize = 1 << 20
            thread.start()
        }
        #expect(!found.isEmpty)
    }

    @Test func thousandsOfRulesAreReadAndNoMore() throws {
        let rules = (0..<LevelRules.maximumCount).map { "  N\($0).Module.Type: info\n" }
        #expect(faults(sound + "levels:\n" + rules.joined()) == [])
        let more = faults(sound + "levels:\n" + rules.joined() + "  X: info\n")
        #expect(more == ["10001 rules; at most 10000 are allowed"])
    }
}

/// A directory that goes away with its owner.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "/txaio-\(UUID().uuidString)"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a new file.
    func write(_ bytes: [UInt8]) throws -> String {
        let file = "\(path)/\(UUID().uuidString).yaml"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }
}
#endif
