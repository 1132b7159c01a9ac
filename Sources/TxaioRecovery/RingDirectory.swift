/// Where ring files lie.
public enum RingDirectory {
    /// `$RUNTIME_DIRECTORY` of a systemd unit, else `txaio` in `$XDG_RUNTIME_DIR`, else `/dev/shm/txaio-UID`.
    ///
    /// The latter two are made where they are not there, and are this user's alone: one that belongs to another user, and a
    /// link, are refused.
    ///
    /// - Throws: ``RingFileError`` where it cannot be made, or is not to be trusted.
    public static func standard() throws(RingFileError) -> String {
        if let units = variable("RUNTIME_DIRECTORY")?.split(separator: ":").first { return String(units) }
        let directory = variable("XDG_RUNTIME_DIR").map { "\($0)/txaio" } ?? "/dev/shm/txaio-\(Files.userID)"
        try prepare(directory)
        return directory
    }

    /// The value of a variable that must be a path from the root.
    private static func variable(_ name: String) -> String? {
        Files.environment(name).flatMap { $0.utf8.first == UInt8(ascii: "/") ? $0 : nil }
    }

    /// Makes a directory for this user alone, or sees to it that the one that is there is.
    package static func prepare(_ directory: String) throws(RingFileError) {
        if let fault = Files.makeDirectory(directory) { throw RingFileError(.cannotMake, directory, fault) }
    }

    /// The one that is named, as a path from the root, or the standard one.
    internal static func place(_ directory: String?) throws(RingFileError) -> String {
        if let directory { return absolute(directory) }
        return try standard()
    }

    /// The path from the root, whatever the working directory will be.
    package static func absolute(_ directory: String) -> String { Files.absolute(directory) }

    /// A service's name as part of a file's name.
    internal static func checked(_ service: String) throws(RingFileError) -> String {
        guard isName(service) else { throw RingFileError(.badName, service, 0) }
        return service
    }

    /// Whether a service's name can be part of a file's name.
    package static func isName(_ service: String) -> Bool {
        !service.isEmpty && service.utf8.count <= 100 && service.utf8.first != UInt8(ascii: ".")
            && service.utf8.allSatisfy(isOfName)
    }

    /// Whether such a name can have the character.
    package static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// Why a ring file could not be made or read.
public struct RingFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public struct Code: Sendable, Hashable {
        fileprivate let text: String
        /// The file or its directory cannot be made.
        public static let cannotMake = Code(text: "cannot make")
        /// The directory cannot be read.
        public static let cannotRead = Code(text: "cannot read")
        /// The file cannot be locked, sized or mapped.
        public static let cannotMap = Code(text: "cannot map")
        /// A service's name that cannot be part of a file's name.
        public static let badName = Code(text: "not a service's name (letters, digits, '.', '_', '-'):")
        /// No ring file, or not a whole one; it is left alone.
        public static let foreign = Code(text: "not a ring file, left alone:")
    }

    /// What is wrong.
    public let code: Code
    /// With which file.
    public let path: String
    private let detail: String

    /// Without the path.
    internal var reason: String { detail.isEmpty ? code.text : detail }

    internal init(_ code: Code, _ path: String, _ error: Int32) {
        self.init(code, path, error == 0 ? "" : Files.text(of: error))
    }

    internal init(_ code: Code, _ path: String, _ detail: String) {
        self.code = code
        self.path = path
        self.detail = detail
    }

    /// A sentence for people.
    public var description: String { "\(code.text) \(path)" + (detail.isEmpty ? "" : ": \(detail)") }
}
