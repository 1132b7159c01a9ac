import Foundation
import Testing
import TxaioRecovery

@Suite("Files that are no ring files") struct HostileFileTests {
    private static func filled(_ count: Int) -> Data {
        var random = SystemRandomNumberGenerator()
        return Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
    }

    @Test func foreignAndTornFilesAreRefusedAndLeftAlone() async throws {
        let place = try RingPlace()
        _ = try await place.death(count: 10)
        let real = try Data(contentsOf: URL(fileURLWithPath: try #require(place.ringFiles.first)))
        for file in place.ringFiles { try FileManager.default.removeItem(atPath: file) }
        // What each file's refusal says.
        var expected: [String: String] = [:]
        func put(_ name: String, _ bytes: Data, _ text: String) throws {
            expected[try place.write(bytes, to: "probe.\(name).rings")] = text
        }
        func changed(_ at: Int, _ value: UInt64) -> Data {
            var copy = real
            withUnsafeBytes(of: value) { copy.replaceSubrange(at..<at + 8, with: $0) }
            return copy
        }
        try put("empty", Data(), "no ring file has 0 bytes")
        try put("short", Data("hello\n".utf8), "no ring file has 6 bytes")
        try put("random", Self.filled(200_000), "it does not begin as one")
        try put("half", real.prefix(real.count / 2), "it has \(real.count / 2) bytes in place of \(real.count)")
        try put("unborn", changed(0, 0), "it does not begin as one")
        try put("version", changed(8, 1), "version 1 is not known")
        try put("header", changed(8, 2 | 8 << 32), "its header is of another size")
        try put("size", changed(16, .max), "it has \(real.count) bytes in place of \(UInt64.max)")
        for (number, at) in [48, 56, 64, 72, 80].enumerated() {
            try put("part\(number)", changed(at, .max), "its parts do not fit")
            try put("part\(number)-8", changed(at, .max - 7), "its parts do not fit")
        }
        let pipe = "\(place.path)/probe.pipe.rings"
        #expect(mkfifo(pipe, 0o600) == 0)
        expected[pipe] = "not a regular file"
        let directory = "\(place.path)/probe.directory.rings"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        expected[directory] = "Is a directory"
        let link = "\(place.path)/probe.link.rings"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/zero")
        expected[link] = "symbolic links"
        let other = try place.write(real, to: "another.1.1.rings")

        let run = try await place.recovery()
        #expect(run["files"] == "0" && run["recovered"] == "0", "\(run.output)")
        let refused = run.values["refused"] ?? []
        #expect(refused.count == expected.count, "\(run.output)")
        for (path, text) in expected {
            #expect(
                refused.contains { $0.contains("not a ring file, left alone: \(path)") && $0.contains(text) },
                "\(text)"
            )
            #expect((try? FileManager.default.attributesOfItem(atPath: path)) != nil)
        }
        // Another service's is none of its business.
        #expect(FileManager.default.contents(atPath: other) == real)
    }

    @Test(.enabled(if: getuid() == 0, "only root may give a file away"))
    func anotherUsersFileIsLeftAlone() async throws {
        let place = try RingPlace()
        _ = try await place.death(count: 10)
        let file = try #require(place.ringFiles.first)
        #expect(chown(file, 65_534, 65_534) == 0)
        let run = try await place.recovery()
        #expect(
            run["recovered"] == "0" && run["refused"]?.contains("it belongs to user 65534") == true,
            "\(run.output)"
        )
        #expect(place.ringFiles == [file])
    }

    @Test func mutatedFilesNeitherTrapNorHang() async throws {
        let place = try RingPlace()
        _ = try await place.death(count: 100)
        let file = try #require(place.ringFiles.first)
        let work = try RingPlace()
        let run = try await ProbeRun("mutate", work.path, file, "1", "2000")
        #expect(run.status == 0 && !run.isSignal, "\(run.status) \(run.output)")
        #expect(run["files"] == "2000" && run["wrong"] == nil && run["balanced"] == "true", "\(run.output)")
        // Both happen, or the mutations miss what they are meant for.
        #expect(run.number("refused") > 100 && run.number("recovered") > 1_000 && run.number("skipped") > 10)
    }

    @Test func aServicesNameIsPartOfAFilesName() throws {
        for name in ["", ".", "../up", "a/b", "a b", String(repeating: "x", count: 101), "ä"] {
            #expect(throws: RingFileError.self) { try RingFile(service: name, directory: NSTemporaryDirectory()) }
        }
        #expect(throws: RingFileError.self) { try RingFile(service: "probe", directory: "/proc/nowhere") }
    }
}
