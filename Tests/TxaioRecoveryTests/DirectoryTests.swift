import Foundation
import Testing

@testable import TxaioRecovery

@Suite("Directories of ring files") struct DirectoryTests {
    private static func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func aDirectoryIsMadeForItsUserAlone() throws {
        let place = try RingPlace()
        let path = place.path + "/made"
        try RingDirectory.prepare(path)
        #expect(try Self.mode(path) == 0o700)
        // What others may do there is taken from them.
        #expect(chmod(path, 0o777) == 0)
        try RingDirectory.prepare(path)
        #expect(try Self.mode(path) == 0o700)
    }

    @Test func alinkAndAFileAreRefused() throws {
        let place = try RingPlace()
        let (link, file) = (place.path + "/link", place.path + "/file")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: place.path)
        try Data().write(to: URL(fileURLWithPath: file))
        for path in [link, file] {
            let error = #expect(throws: RingFileError.self) { try RingDirectory.prepare(path) }
            #expect(error?.description == "cannot make \(path): Not a directory")
        }
    }

    @Test(.enabled(if: getuid() == 0, "only root may give a directory away"))
    func anotherUsersDirectoryIsRefused() throws {
        let place = try RingPlace()
        let path = place.path + "/given"
        try RingDirectory.prepare(path)
        #expect(chown(path, 65_534, 65_534) == 0)
        let error = #expect(throws: RingFileError.self) { try RingDirectory.prepare(path) }
        #expect(error?.description == "cannot make \(path): it belongs to user 65534")
    }

    /// It would be looked for elsewhere once the working directory is another.
    @Test func aRelativeDirectoryIsTakenFromWhereItWasNamed() {
        #expect(RingDirectory.absolute("/run/a") == "/run/a")
        #expect(RingDirectory.absolute("a") == FileManager.default.currentDirectoryPath + "/a")
    }
}
